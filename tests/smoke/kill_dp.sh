#!/usr/bin/env bash
# spry-dp killed under load is back within 2 s, and the calls that were open end as they should.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
# what SIPp takes for unexpected are late copies of what was sent again
smoke_callees -default_behaviors all,-abortunexp
smoke_caller caller 600 100 -d 1500 -default_behaviors all,-abortunexp # calls stay open across the restart: their Routes are sealed
smoke_polls() {
	lab_running && [ "$(smoke_way forwarded)" -gt 0 ]
}
progress() {
	[ "$(lab_stat caller 'SuccessfulCall(C)')" -ge 100 ]
}
lab_wait 15 progress || fail 'the calls do not get on'
lab_stop spry-dp KILL
started=$(date +%s%N)
lab_dp
lab_wait 5 smoke_polls || fail 'spry-dp did not come back'
took=$((($(date +%s%N) - started) / 1000000))
[ "$took" -lt 2000 ] || fail "spry-dp was away for $took ms"
smoke_called caller 600
smoke_accounted
