#!/usr/bin/env bash
# kill -9 of spryd at named points of its work: before a certain system call of its (strace makes it
# end there). At points of the journal the power goes too: what was acknowledged before the last
# batch is there after the boot. At points of a commit, of `save`, of an answer and of the boot calls
# go on, no binding is lost, the configuration is the old or the new one, and spryd serves.
# The points are in log/points.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
[ -n "$(type -p strace)" ] || skip 'strace is not installed (tools/install test)'
window=500 # ms: 50 of the batch, and the write of this disk
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
END
smoke_start
traced() { # PID
	! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$1/status"
}
# ended NAME CALL PID: it ended at the point; what that was
ended() {
	lab_wait 10 lab_gone "$3" || fail "$1: spryd did not come to that point"
	grep -q 'killed by SIGKILL' "$LAB_DIR/trace" || fail "$1: spryd did not end by a signal"
	printf '%s: %s\n' "$1" "$(sed -n "s|$LAB_DIR||g; s/^[0-9]* *\\($2(.*\\)/\\1/p" "$LAB_DIR/trace" | tail -n 1 | cut -c1-90)" \
		>>"$LAB_DIR/log/points"
}
# die_at NAME CALL NUMBER [COMMAND...]: spryd ends before its NUMBERth CALL from now on; what brings it there
die_at() {
	local name=$1 call=$2 number=$3 pid
	shift 3
	pid=$(lab_pid spryd)
	: >"$LAB_DIR/trace"
	strace -f -qq -o "$LAB_DIR/trace" -e trace="$call" -e inject="$call:signal=SIGKILL:when=$number" -p "$pid" \
		2>>"$LAB_DIR/log/strace" 3>&- &
	lab_wait 5 traced "$pid" || skip "strace may not: $(head -n 1 "$LAB_DIR/log/strace")"
	"${@:-true}" >>"$LAB_DIR/log/commands" 2>&1 || true
	ended "$name" "$call" "$pid"
}

# --- the journal, and then the power --------------------------------------------------------------

: >"$LAB_DIR/before"
cut=0
journal() { # NAME CALL NUMBER
	cut=$((cut + 1))
	smoke_phones phones "cut${cut}x" 300
	lab_wait 20 smoke_so_many phones 300 || fail "phones do not register ($1)"
	die_at "journal, $1" "$2" "$3"
	lab_stop phones KILL
	smoke_acknowledged phones $window >>"$LAB_DIR/before"
	smoke_power_cut
	smoke_start
	smoke_kept "journal, $1" "$LAB_DIR/before"
}
journal 'first page' pwrite64 1
journal 'a page or the batch itself' pwrite64 3
journal 'a page or the batch itself' pwrite64 4
journal 'pages together' writev 1
journal 'pages to disk' fdatasync 1

# --- commits, save, answers, boot: calls and registrations go on ----------------------------------

lab_uas core callee 198.51.100.10 || fail 'SIPp does not listen'
smoke_phones phones user 100
lab_wait 10 smoke_so_many phones 50 || fail 'nobody registers'
DOMAIN=phones.example.com smoke_caller caller 100000 50 -s user7
dscp() { # of the running configuration, of the file
	lab_spry show config | sed -n 's/^set leg core dscp //p'
}
again() { # NAME: spryd serves again
	lab_spryd "$smoke_conf"
	lab_wait 10 lab_running || fail "$1: spryd did not attach again"
	smoke_acknowledged phones >"$LAB_DIR/acknowledged"
	smoke_kept "$1" "$LAB_DIR/acknowledged"
}
old=1
edit() { # VALUE: the commands of a commit
	printf 'set leg core dscp %d\ncommit\n' "$1" >"$LAB_DIR/edit"
}
edit $old
lab_spry -f "$LAB_DIR/edit" >/dev/null || fail 'a commit without a crash is refused'
commit() { # NAME CALL NUMBER: old or new, and the next commit works
	local now
	edit $((old + 1))
	die_at "commit, $1" "$2" "$3" lab_spry -f "$LAB_DIR/edit"
	again "commit, $1"
	now=$(dscp)
	[ "$now" = $old ] || [ "$now" = $((old + 1)) ] || fail "commit, $1: dscp is '$now', was $old"
	old=$((old + 2))
	edit $old
	lab_spry -f "$LAB_DIR/edit" >>"$LAB_DIR/log/commands" 2>&1 || fail "commit, $1: the next one is refused"
	equal "dscp after the commit behind '$1'" "$(dscp)" $old
}
commit 'written ahead, to disk' fsync 1
commit 'written ahead' rename 1
commit 'a generation' rename 2
commit 'the plan of twins' rename 3
commit 'the history' rename 4
commit 'in force' rename 5
commit 'the kernel is asked' sendmsg 1

save() { # NAME CALL NUMBER: the file is the old or the new one, whole
	local was now
	was=$(cat "$smoke_conf")
	die_at "save, $1" "$2" "$3" lab_spry save
	again "save, $1"
	now=$(cat "$smoke_conf")
	[ "$now" = "$was" ] || [ "$now" = "$(lab_spry show config)" ] || fail "save, $1: the file is neither old nor new"
}
save 'to disk' fsync 1
save 'renamed' rename 1
lab_spry save >/dev/null || fail 'save does not work any more'
equal 'the saved file' "$(cat "$smoke_conf")" "$(lab_spry show config)"

for point in accept4 readv; do
	die_at "client, $point" "$point" 1 lab_spry location export
	again "client, $point"
done

boot() { # NAME CALL NUMBER
	lab_stop spryd KILL
	: >"$LAB_DIR/trace"
	lab_start box spryd env SPRY_RUN="$LAB_DIR/run" SPRY_STATE="$LAB_DIR/state" strace -D -f -qq -o "$LAB_DIR/trace" \
		-e trace="$2" -e inject="$2:signal=SIGKILL:when=$3" "$LAB_BUILD/control/spryd" "$smoke_conf"
	ended "boot, $1" "$2" "$(lab_pid spryd || echo 0)"
	again "boot, $1"
}
boot 'the plan of twins' rename 1
boot 'what runs' rename 3
boot 'its socket' bind 5

lab_uas_end caller
lab_uas_end phones
equal 'calls that failed' "$(lab_stat caller 'FailedCall(C)')" 0
equal 'registrations that failed' "$(lab_stat phones 'FailedCall(C)')" 0
smoke_accounted
equal points "$(wc -l <"$LAB_DIR/log/points")" 19
