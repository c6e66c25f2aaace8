#!/usr/bin/env bash
# received = forwarded + replied + absorbed + punted + drops, to the packet: SIPp's own counts of
# what it sent and got, compared with spry's, with refused requests and rubbish among the calls.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
smoke_callees
# link addresses known beforehand, so that no message takes the way through control
lab_in access ping -q -c 1 -W 2 192.0.2.1 >/dev/null || fail 'no ping to the twin'
lab_in core ping -q -c 1 -W 2 -I 198.51.100.10 198.51.100.1 >/dev/null || fail 'no ping to the twin'
lab_in core ping -q -c 1 -W 2 -I 198.51.100.11 198.51.100.1 >/dev/null || fail 'no ping to the twin'
smoke_caller caller 500 250
smoke_called caller 500

# one at a time from one socket: TEXT of a message; the answer's status line, or nothing
ask() {
	printf '%b' "$1" | lab_in access timeout 5 nc -u -w 1 -p 5999 192.0.2.1 5060 | head -n 1 | tr -d '\r'
}
request() { # METHOD URI MAX-FORWARDS BRANCH
	printf '%s %s SIP/2.0\\r\\nVia: SIP/2.0/UDP 192.0.2.100:5999;branch=z9hG4bK%s\\r\\n' "$1" "$2" "$4"
	printf 'Max-Forwards: %s\\r\\nFrom: <sip:a@192.0.2.100>;tag=1\\r\\nTo: <sip:b@example.net>\\r\\n' "$3"
	printf 'Call-ID: %s\\r\\nCSeq: 1 %s\\r\\nContent-Length: 0\\r\\n\\r\\n' "$4" "$1"
}
equal 'OPTIONS to the proxy' "$(ask "$(request OPTIONS sip:192.0.2.1 70 o1)")" 'SIP/2.0 200 OK'
answer=$(ask "$(request INVITE sip:b@nowhere.invalid 70 i1)")
[ "${answer#SIP/2.0 404}" != "$answer" ] || fail "an unknown domain got '$answer'"
answer=$(ask "$(request INVITE sip:b@example.net 0 i2)")
[ "${answer#SIP/2.0 483}" != "$answer" ] || fail "Max-Forwards 0 got '$answer'"
answer=$(ask "$(request INVITE mailto:b@example.net 70 i3)")
[ "${answer#SIP/2.0 416}" != "$answer" ] || fail "a mailto: URI got '$answer'"
equal 'ACK to nobody' "$(ask "$(request ACK sip:b@nowhere.invalid 70 a1)")" ''
equal 'rubbish' "$(ask 'rubbish\r\n\r\n')" ''
equal 'keepalive' "$(ask '\r\n\r\n')" ''

lab_uas_end callee-10
lab_uas_end callee-11
sent=$(($(lab_sent caller) + $(lab_sent callee-10) + $(lab_sent callee-11)))
arrived=$(($(lab_received caller) + $(lab_received callee-10) + $(lab_received callee-11)))
equal 'sent and arrived' "$sent" "$arrived"
equal 'forwarded' "$(smoke_way forwarded)" "$sent"
equal 'replied' "$(smoke_way replied)" 4
received=$(smoke_counters | jq .received)
others=$(($(smoke_way kernel) + $(smoke_way absorbed) + $(smoke_way punted) + $(smoke_way dropped)))
equal 'received' "$received" $((sent + 4 + others))
equal 'keepalives' "$(smoke_verdict keepalive)" 1
equal 'not SIP' "$(smoke_verdict not-sip)" 1
smoke_accounted
