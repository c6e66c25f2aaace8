#!/usr/bin/env bash
# Phones register and are called by their address of record: SIPp by hundreds, then two Net::SIP user
# agents that call each other. spryd is killed in between: bindings stay.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
	set domain phones.example.com min-expires 30
END
smoke_start

registered() { # how many bindings spry shows
	lab_spry show location json | jq '.location | length'
}

register() { # NAME USERS
	lab_sipp core "$1" "$SMOKE_SIPP/register.xml" 198.51.100.1:5060 -i 198.51.100.10 -p 5080 -s user \
		-key domain phones.example.com -key expires 600 -m "$2" -r 200 -timeout 30s
	lab_wait 40 lab_gone "$(lab_pid "$1" || echo 0)" || fail "$1: registrations do not end"
	lab_stop "$1"
	equal "$1: users registered" "$(lab_stat "$1" 'SuccessfulCall(C)')" "$2"
}

register phones 200
equal 'bindings shown' "$(registered)" 200
equal 'REGISTERs handed to the registrar' "$(smoke_verdict register)" 200
equal 'REGISTERs answered by the worker' "$(smoke_verdict refreshed)" 200
lab_spry show location user7@phones.example.com | grep -q 'sip:user7@198.51.100.10:5060' ||
	fail 'show location AOR does not find it'

# by name and by escapes; 404 where nobody registered
lab_uas core callee-10 198.51.100.10 || fail 'SIPp does not listen'
lab_sipp access caller "$LAB_TOP/tools/demo/uac.xml" 192.0.2.1:5060 -i 192.0.2.100 -p 5070 -s user7 \
	-key domain PHONES.example.com -key pad caller -r 50 -m 50 -timeout 30s
smoke_called caller 50
lab_stop spryd KILL
lab_wait 5 lab_gone "$(lab_pid spryd || echo 0)" || fail 'spryd does not die'
lab_sipp access orphan "$LAB_TOP/tools/demo/uac.xml" 192.0.2.1:5060 -i 192.0.2.100 -p 5071 -s 'us%65r9' \
	-key domain phones.example.com -key pad caller -r 50 -m 50 -timeout 30s
smoke_called orphan 50
lab_spryd "$smoke_conf"
lab_ready 15 2>/dev/null || fail 'spryd does not come back'
equal 'bindings after kill -9 of spryd' "$(registered)" 200
lab_uas_end callee-10
lab_spry clear location user7@phones.example.com
equal 'bindings after clear' "$(registered)" 199

# two phones of one user: the newer one gets the calls, and show location says so
second() { # USER ADDRESS CALL-ID
	printf 'REGISTER sip:phones.example.com SIP/2.0\r\nVia: SIP/2.0/UDP %s:5090;branch=z9hG4bK%s\r\nMax-Forwards: 70\r
From: <sip:%s@phones.example.com>;tag=s\r\nTo: <sip:%s@phones.example.com>\r\nCall-ID: %s\r\nCSeq: 1 REGISTER\r
Contact: <sip:%s@%s:5090>;expires=600\r\nContent-Length: 0\r\n\r\n' "$2" "$3" "$1" "$1" "$3" "$1" "$2" |
		lab_in core nc -u -w 1 -s "$2" -p 5090 198.51.100.1 5060 >/dev/null
}
second twice 198.51.100.10 twice-1
second twice 198.51.100.11 twice-2
equal 'who gets the calls' "$(lab_spry show location twice@phones.example.com json |
	jq -r '[.location[] | "\(.contact) \(.calls)"] | join(", ")')" \
	'sip:twice@198.51.100.11:5090 here, sip:twice@198.51.100.10:5090 '
lab_spry clear location twice@phones.example.com

# spryd stands still: workers say 503 by themselves, and the log tells of it when it goes on
pid=$(lab_pid spryd)
kill -STOP "$pid"
lab_sipp core refused "$SMOKE_SIPP/register.xml" 198.51.100.1:5060 -i 198.51.100.10 -p 5080 -s late \
	-key domain phones.example.com -key expires 600 -m 1 -timeout 20s
lab_wait 20 lab_gone "$(lab_pid refused || echo 0)" || { kill -CONT "$pid"; fail 'nobody answers for spryd'; }
kill -CONT "$pid"
lab_stop refused
grep -q '503' "$LAB_DIR/sipp/refused/errors.log" || fail 'the worker does not answer 503'
lab_wait 5 grep -q 'answered 503 by workers' "$LAB_DIR/log/spryd" || fail 'the log does not tell of the 503'

# Net::SIP: each registers and is called by the other
if perl -MNet::SIP -e 1 2>/dev/null; then
	agents() { # CALLEE-SIDE CALLEE CALLEE-PROXY CALLER-SIDE CALLER CALLER-PROXY USER
		lab_start "$1" agent-callee perl "$LAB_TOP/tests/smoke/netsip.pl" callee "$2" \
			"sip:$7@phones.example.com" "$3"
		lab_wait 10 grep -q ready "$LAB_DIR/log/agent-callee" || fail "$7 cannot register"
		lab_start "$4" agent-caller perl "$LAB_TOP/tests/smoke/netsip.pl" caller "$5" "$6" \
			"sip:$7@phones.example.com"
		lab_wait 30 lab_gone "$(lab_pid agent-caller || echo 0)" || fail 'the call does not end'
		grep -q '^done' "$LAB_DIR/log/agent-caller" ||
			fail "$4 calls $7: $(tail -n 1 "$LAB_DIR/log/agent-caller")"
		lab_wait 10 lab_gone "$(lab_pid agent-callee || echo 0)" || fail 'the callee got no BYE'
		lab_stop agent-caller
		lab_stop agent-callee
		rm "$LAB_DIR/log/agent-callee"
	}
	lab_in box sysctl -qw net.ipv4.ip_forward=1
	ip -n "$LAB-access" route add default via 192.0.2.1
	ip -n "$LAB-core" route add default via 198.51.100.1
	agents core 198.51.100.10 198.51.100.1:5060 access 192.0.2.100 192.0.2.1:5060 bob
	agents access 192.0.2.100 192.0.2.1:5060 core 198.51.100.10 198.51.100.1:5060 alice
fi
smoke_accounted
