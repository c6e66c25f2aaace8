#!/usr/bin/env bash
# Net::SIP user agents call each other through spry, in both directions, Contacts hidden. RTP goes
# between them directly: spry's SIP ports never see it, the kernel behind the twins routes it.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
perl -MNet::SIP -e 1 2>/dev/null || skip 'no Net::SIP'
smoke_net
cat >>"$smoke_conf" <<-END
	set leg access contact-rewrite on
	set leg core contact-rewrite on
	set group agents member 198.51.100.10:5060
	set domain agents.example.com group agents
	set group phones member 192.0.2.100:5060
	set domain phones.example.com group phones
END
smoke_start
lab_in box sysctl -qw net.ipv4.ip_forward=1
ip -n "$LAB-access" route add default via 192.0.2.1
ip -n "$LAB-core" route add default via 198.51.100.1
agents() { # CALLEE-SIDE CALLEE CALLER-SIDE CALLER PROXY URI
	lab_start "$1" agent-callee perl "$LAB_TOP/tests/smoke/netsip.pl" callee "$2"
	lab_wait 10 grep -q ready "$LAB_DIR/log/agent-callee" || fail 'the callee does not start'
	lab_start "$3" agent-caller perl "$LAB_TOP/tests/smoke/netsip.pl" caller "$4" "$5" "$6"
	lab_wait 30 lab_gone "$(lab_pid agent-caller || echo 0)" || fail 'the call does not end'
	grep -q '^done' "$LAB_DIR/log/agent-caller" || fail "$3 calls $1: $(tail -n 1 "$LAB_DIR/log/agent-caller")"
	lab_wait 10 lab_gone "$(lab_pid agent-callee || echo 0)" || fail 'the callee got no BYE'
	grep -q '^done' "$LAB_DIR/log/agent-callee" || fail "$3 calls $1, callee: $(tail -n 1 "$LAB_DIR/log/agent-callee")"
	lab_stop agent-caller
	lab_stop agent-callee
	rm "$LAB_DIR/log/agent-callee"
}
# the RTP of one direction, seen on the other side with the agents' own addresses
lab_start core tshark tshark -l -n -i spry-ua -f 'udp and not port 5060 and src host 192.0.2.100' \
	-T fields -e ip.src -e ip.dst
lab_wait 15 grep -q Capturing "$LAB_DIR/log/tshark" || fail 'tshark does not capture'
agents core 198.51.100.10 access 192.0.2.100 192.0.2.1:5060 sip:callee@agents.example.com
lab_stop tshark INT
[ "$(grep -c '^192.0.2.100.198.51.100.10$' "$LAB_DIR/log/tshark")" -ge 40 ] ||
	fail 'RTP does not flow between the agents themselves'
agents access 192.0.2.100 core 198.51.100.10 198.51.100.1:5060 sip:callee@phones.example.com
smoke_accounted
