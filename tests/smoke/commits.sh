#!/usr/bin/env bash
# A hundred commits during load lose no message; a bad commit changes nothing.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
smoke_callees
smoke_caller caller 2500 250
for n in $(seq 100); do
	printf 'set leg core dscp %d\nset group switches member 198.51.100.10:5060 weight %d\ncommit\n' \
		$((n % 60 + 1)) $((n % 7 + 1)) >"$LAB_DIR/edit"
	lab_spry -f "$LAB_DIR/edit" >"$LAB_DIR/log/commit" 2>&1 || fail "commit $n: $(tail -n 1 "$LAB_DIR/log/commit")"
done
lab_alive "$(lab_pid caller)" || fail 'the commits took longer than the load'
before=$(lab_spry show config)
printf 'set domain example.com group nobody\ncommit\n' >"$LAB_DIR/edit"
! lab_spry -f "$LAB_DIR/edit" >"$LAB_DIR/log/bad" 2>&1 || fail 'a group that is not there was accepted'
equal 'configuration after a bad commit' "$(lab_spry show config)" "$before"
smoke_called caller 2500
smoke_no_retransmissions caller
smoke_accounted
