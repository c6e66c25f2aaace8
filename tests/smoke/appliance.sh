#!/usr/bin/env bash
# tools/run FILE: both processes are started again when they die, and SIGTERM leaves nothing behind.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
lab_start box appliance env SPRY_RUN="$LAB_DIR/run" SPRY_STATE="$LAB_DIR/state" "$LAB_TOP/tools/run" "$smoke_conf"
lab_wait 20 lab_running || fail 'tools/run does not bring spry up'
child() { # NAME: its pid, below tools/run
	ps -o pid=,comm= --ppid "$(lab_pid appliance)" | awk -v name="$1" '$2 == name { print $1 }'
}
again() { # NAME OLD-PID: another one runs
	local now
	now=$(child "$1")
	[ -n "$now" ] && [ "$now" != "$2" ] && lab_running
}
for name in spry-dp spryd; do
	old=$(child "$name")
	[ -n "$old" ] || fail "$name is no child of tools/run"
	kill -KILL "$old"
	lab_wait 5 again "$name" "$old" || fail "$name was not started again"
done
lab_in access ping -q -c 1 -w 5 192.0.2.1 >/dev/null || fail 'no ping after the restarts'
kill -TERM "$(lab_pid appliance)"
lab_wait 10 lab_gone "$(lab_pid appliance || echo 0)" || fail 'tools/run does not end'
! ip -n "$LAB-box" link show spry-access >/dev/null 2>&1 || fail 'the twin was left behind'
equal 'left in the run directory' "$(find "$LAB_DIR/run" -mindepth 1 2>/dev/null | tr '\n' ' ')" ''
