#!/usr/bin/env bash
# 1,000 SIPp calls from access to two callees in core, on IPv4.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
smoke_callees
smoke_caller caller 1000 250
smoke_called caller 1000
smoke_no_retransmissions caller
lab_uas_end callee-10
lab_uas_end callee-11
# both members of the group have their share
[ "$(lab_received callee-10)" -gt 500 ] && [ "$(lab_received callee-11)" -gt 500 ] ||
	fail "the group is not shared: $(lab_received callee-10) and $(lab_received callee-11) messages"
smoke_accounted
