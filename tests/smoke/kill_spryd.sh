#!/usr/bin/env bash
# kill -9 of spryd under load loses no message; started again it attaches to what runs.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
smoke_callees
smoke_caller caller 2000 250
progress() { # CALLS: so many are done
	[ "$(lab_stat caller 'SuccessfulCall(C)')" -ge "$1" ]
}
dp=$(lab_pid spry-dp)
for round in 1 2 3 4 5; do
	lab_wait 10 progress $((round * 250)) || fail "the calls do not get on (round $round)"
	lab_stop spryd KILL
	lab_spryd "$smoke_conf"
	lab_wait 5 lab_running || fail "spryd did not attach again (round $round)"
done
# one that was killed may hold its lock until the disk has answered its journal
lab_stop spryd KILL
flock "$LAB_DIR/state/spryd.lock" sleep 0.5 3>&- &
lab_spryd "$smoke_conf"
lab_wait 5 lab_running || fail 'spryd does not wait for a lock'
smoke_called caller 2000
smoke_no_retransmissions caller
lab_alive "$dp" || fail 'spry-dp did not survive'
# the counters are the dataplane's: all 12,000 messages are still there
[ "$(smoke_way forwarded)" -ge 11990 ] || fail "only $(smoke_way forwarded) messages counted"
# and it can still commit
lab_spry set leg core dscp 10 >/dev/null || true
printf 'set leg core dscp 10\ncommit\n' >"$LAB_DIR/edit"
lab_spry -f "$LAB_DIR/edit" >"$LAB_DIR/log/commit" 2>&1 || fail "commit after the restarts: $(tail -n 1 "$LAB_DIR/log/commit")"
smoke_accounted
