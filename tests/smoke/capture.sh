#!/usr/bin/env bash
# What tshark sees on both sides is what RFC 3261 wants: Via pushed and popped, received/rport,
# Max-Forwards, a Record-Route for each leg, Contacts hidden, nothing else touched.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
printf 'set leg access contact-rewrite on\nset leg core contact-rewrite on\n' >>"$smoke_conf"
smoke_start
smoke_callees
for side in access core; do
	lab_start "$side" "tshark-$side" tshark -l -i spry-ua -f 'udp or icmp' -w "$LAB_DIR/$side.pcap"
done
captures() { # the file is there before the socket listens: try until a packet is in it
	local side
	for side in access core; do
		lab_in box ping -q -c 1 -W 1 "$([ $side = access ] && echo 192.0.2.100 || echo 198.51.100.10)" &&
			[ "$(tshark -r "$LAB_DIR/$side.pcap" 2>/dev/null | wc -l)" -gt 0 ] || return 1
	done
}
lab_wait 10 captures || fail 'tshark does not capture'
smoke_caller caller 5 5
smoke_called caller 5
# the text of the messages on a side that match a display filter
messages() { # SIDE FILTER
	tshark -r "$LAB_DIR/$1.pcap" -Y "$2" -T fields -e udp.payload 2>/dev/null |
		perl -ne 's/[:\n]//g; $_ = pack("H*", $_) . "\n"; s/\r//g; print'
}
whole() {
	[ "$(messages core 'sip.Status-Code == 200 and sip.CSeq.method == "BYE"' | grep -c '^SIP/2.0 200')" = 5 ] &&
		[ "$(messages access 'sip.Status-Code == 200 and sip.CSeq.method == "BYE"' | grep -c '^SIP/2.0 200')" = 5 ]
}
lab_wait 10 whole || fail 'the captures do not have all messages'
lab_stop tshark-access INT
lab_stop tshark-core INT
count() { # TEXT PATTERN
	grep -cE "$2" <<<"$1" || true
}

at_core=$(messages core 'sip.Method == "INVITE"')
equal 'INVITEs at core' "$(count "$at_core" '^INVITE ')" 5
equal 'Vias of INVITEs at core' "$(count "$at_core" '^Via: ')" 10
equal 'our Via' "$(count "$at_core" '^Via: SIP/2.0/UDP 198\.51\.100\.1(:5060)?;.*branch=z9hG4bK')" 5
equal 'the caller'\''s Via with rport' \
	"$(count "$at_core" '^Via: SIP/2.0/UDP 192\.0\.2\.100:5070;.*rport=5070')" 5
equal 'Max-Forwards at core' "$(count "$at_core" '^Max-Forwards: 69$')" 5
routes=$(grep -oE '<sip:[^>]*;lr[^>]*>' <<<"$at_core" || true)
equal 'Record-Routes at core' "$(count "$routes" lr)" 10
equal 'Record-Routes of the core leg' "$(count "$routes" '@?198\.51\.100\.1(:5060)?;')" 5
equal 'Record-Routes of the access leg' "$(count "$routes" '@?192\.0\.2\.1(:5060)?;')" 5
equal 'Contacts that show the caller' "$(count "$at_core" '^Contact: .*192\.0\.2\.100')" 0
equal 'Contacts of ours' "$(count "$at_core" '^Contact: .*198\.51\.100\.1')" 5
equal 'SDP as it was sent' "$(count "$at_core" '^c=IN IP4 192\.0\.2\.100$')" 5

answers=$(messages access 'sip.Status-Code == 200 and sip.CSeq.method == "INVITE"')
equal '200s at access' "$(count "$answers" '^SIP/2\.0 200 ')" 5
equal 'Vias of 200s at access' "$(count "$answers" '^Via: ')" 5
equal 'Contacts that show the callee' "$(count "$answers" '^Contact: .*198\.51\.100\.1[01]')" 0

acks=$(messages core 'sip.Method == "ACK"')
equal 'ACKs at core' "$(count "$acks" '^ACK sip:callee@198\.51\.100\.1[01]:5060 ')" 5
equal 'Routes left in ACKs' "$(count "$acks" '^Route: ')" 0
byes=$(messages core 'sip.Method == "BYE"')
equal 'BYEs at core' "$(count "$byes" '^BYE sip:callee@198\.51\.100\.1[01]:5060 ')" 5
# tshark's own opinion
bad=$(for side in access core; do
	tshark -r "$LAB_DIR/$side.pcap" -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-Y '_ws.malformed or udp.checksum.status == "Bad" or ip.checksum.status == "Bad"' 2>/dev/null
done | wc -l)
equal 'packets tshark finds malformed' "$bad" 0
