#!/usr/bin/env bash
# The callee sends the BYE: the Route set works from the other end too, Contacts hidden both ways.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
printf 'set leg access contact-rewrite on\nset leg core contact-rewrite user\n' >>"$smoke_conf"
smoke_start
UAS_SCENARIO=$SMOKE_SIPP/uas_bye.xml
smoke_callees
UAC_SCENARIO=$SMOKE_SIPP/uac_bye.xml
smoke_caller caller 300 100
smoke_called caller 300
smoke_no_retransmissions caller
lab_uas_end callee-10
lab_uas_end callee-11
equal 'failed at the callees' "$(($(lab_stat callee-10 'FailedCall(C)') + $(lab_stat callee-11 'FailedCall(C)')))" 0
smoke_accounted
