#!/usr/bin/env bash
# The state directory without room: a commit that a crash would forget is refused and changes nothing; a
# commit that waits to be confirmed still goes back; with room again all is as before.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
smoke_small_state 64k
smoke_start
dscp() {
	lab_spry show config | sed -n 's/^set leg core dscp //p'
}
fill() {
	dd if=/dev/zero of="$LAB_DIR/state/fill" bs=1k 2>/dev/null || true
}
try() { # VALUE COMMIT...: status of the commit, what it said in log/said
	lab_spry set leg core dscp "$1" >/dev/null
	shift
	lab_spry "$@" >"$LAB_DIR/log/said" 2>&1
}
try 5 commit || fail 'a commit with room is refused'
try 6 commit confirmed 3s || fail 'a confirmed commit with room is refused'
fill
back() {
	[ "$(dscp)" = 5 ]
}
lab_wait 8 back || fail 'the commit nobody confirmed did not go back'
for how in 'commit' 'commit confirmed 5'; do
	# shellcheck disable=SC2086 # two words
	! try 7 $how || fail "$how without room has status 0"
	grep -q 'No space left' "$LAB_DIR/log/said" || fail "$how said $(cat "$LAB_DIR/log/said")"
	equal "dscp after a refused $how" "$(dscp)" 5
done
smoke_kill() {
	kill -KILL "$(lab_pid spryd)"
	lab_spryd "$smoke_conf"
	lab_wait 10 lab_running || fail 'spryd does not come back'
}
smoke_kill
equal 'dscp after a crash' "$(dscp)" 5
rm "$LAB_DIR/state/fill"
try 9 commit || fail 'a commit with room again is refused'
smoke_kill
equal 'dscp of a commit after a crash' "$(dscp)" 9
