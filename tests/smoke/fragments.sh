#!/usr/bin/env bash
# INVITEs and 200s of more than 4 KB: UDP fragments in both directions, IPv4 and IPv6.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
PAD=$(head -c 4096 /dev/zero | tr '\0' p)
smoke_callees
lab_uas core callee6 2001:db8:c::10 || fail 'SIPp does not listen on 2001:db8:c::10'
smoke_caller caller 100 50
smoke_called caller 100
lab_sipp access caller6 "$LAB_TOP/tools/demo/uac.xml" '[2001:db8:a::1]:5060' -i 2001:db8:a::100 \
	-p 5070 -s 1000 -key domain example.org -key pad "$PAD" -r 50 -m 100 -timeout 60s
smoke_called caller6 100
smoke_no_retransmissions caller caller6
# one INVITE and one 200 with the padding a call. Of IPv4 the packet socket's fanout hands over whole
# datagrams, so only those of IPv6 are put together by spry.
[ "$(smoke_count reassembled)" -ge 200 ] || fail "only $(smoke_count reassembled) datagrams reassembled"
equal 'datagrams fragmented' "$(smoke_count fragmented)" 400
equal 'reassembly timeouts' "$(smoke_count reassembly-timeout)" 0
smoke_accounted
