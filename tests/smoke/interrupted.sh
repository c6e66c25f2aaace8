#!/usr/bin/env bash
# tools/run FILE ended in the middle of its start, by Ctrl-C and by a terminal that goes away: no
# process, twin, table or file stays. A second one on the same directory is refused by one line.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
start() { # to the moment spryd has begun to write into the kernel
	local left=4000
	rm -f "$LAB_DIR/run/twin.plan"
	# its own session: a signal to the group is what a terminal sends. Python, since a shell
	# ignores SIGINT for what it starts in the background.
	lab_start box appliance env SPRY_RUN="$LAB_DIR/run" SPRY_STATE="$LAB_DIR/state" python3 -c '
import os, signal, sys
os.setsid()
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$LAB_TOP/tools/run" "$smoke_conf"
	until [ -e "$LAB_DIR/run/$1" ]; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || fail "$1 does not come"
		sleep 0.005
	done
}
nothing_left() { # WHEN
	lab_wait 10 lab_gone "$(lab_pid appliance || echo 0)" || fail "$1: tools/run does not end"
	equal "$1: twins" "$(ip -n "$LAB-box" -br link | grep -c '^spry-[ac][a-z]* ' || true)" 0
	equal "$1: tables" "$(lab_in box nft list tables)" ''
	equal "$1: files" "$(find "$LAB_DIR/run" -mindepth 1 2>/dev/null | tr '\n' ' ')" ''
}
for signal in INT HUP TERM; do
	for moment in spryd.pid twin.plan spry.sock; do
		start "$moment"
		kill "-$signal" -- "-$(lab_pid appliance)"
		nothing_left "SIG$signal when $moment is there"
	done
done
start spry.sock
lab_wait 20 lab_running || fail 'tools/run does not bring spry up'
status=0
lab_in box env SPRY_RUN="$LAB_DIR/run" SPRY_STATE="$LAB_DIR/state" timeout 20 "$LAB_TOP/tools/run" \
	"$smoke_conf" >"$LAB_DIR/log/second" 2>&1 </dev/null || status=$?
[ "$status" != 0 ] || fail 'a second tools/run has status 0'
equal 'lines of the second' "$(wc -l <"$LAB_DIR/log/second")" 1
grep -q 'runs already' "$LAB_DIR/log/second" || fail "the second said $(cat "$LAB_DIR/log/second")"
lab_running || fail 'the second one hurt the first'
kill -HUP -- "-$(lab_pid appliance)"
nothing_left 'SIGHUP while it runs'
