#!/usr/bin/env bash
# Six times as many new calls as a limit takes: those it takes work, the others hear 503 and only they;
# calls that were up before end as if nothing were. By a limit, not by the worker's own load: what a
# worker does beside other programs is different each time.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
cat >>"$smoke_conf" <<-END
	set reply rate 0
END
smoke_start
smoke_callees
smoke_caller up 100 100 -d 6000 # up for so long
up() {
	[ "$(lab_stat up 'CurrentCall')" = 100 ]
}
lab_wait 10 up || fail 'the first calls do not come up'
echo 'set limit new by all method INVITE rate 50 status 503' >"$LAB_DIR/edit"
echo commit >>"$LAB_DIR/edit"
lab_spry -f "$LAB_DIR/edit" >/dev/null || fail 'commit of the limit'
UAC_SCENARIO=$SMOKE_SIPP/uac_refused.xml smoke_caller new 1500 300 -p 5071
smoke_called new 1500
smoke_called up 100
taken=$(lab_stat new 'taken(C)')
refused=$(lab_stat new 'refused(C)')
equal 'calls taken and refused' "$((taken + refused))" 1500
# 50 at once, and 50 a second for as long as it took (5 s, more when the machine is busy)
[ "$taken" -ge 150 ] && [ "$taken" -le 750 ] || fail "$taken of 1500 calls were taken"
[ "$(smoke_verdict limit-refused)" -ge "$refused" ] || fail "$refused calls were refused, $(smoke_verdict limit-refused) are counted"
smoke_accounted
