#!/usr/bin/env bash
# SIPp calls on IPv6, through legs with IPv6 literals in Via, Record-Route and Contact.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
lab_uas core callee 2001:db8:c::10 || fail 'SIPp does not listen on 2001:db8:c::10'
lab_sipp access caller "$LAB_TOP/tools/demo/uac.xml" '[2001:db8:a::1]:5060' -i 2001:db8:a::100 \
	-p 5070 -s 1000 -key domain example.org -key pad caller -r 100 -m 300 -timeout 60s
smoke_called caller 300
smoke_no_retransmissions caller
lab_uas_end callee
equal 'messages of the callee' "$(lab_received callee)" 900
smoke_accounted
