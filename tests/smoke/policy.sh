#!/usr/bin/env bash
# Policy while it runs: patterns, access lists and limits come with a commit, their hits are counted,
# a thousand patterns do not keep spryd from answering; `test message` tells what would happen.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
edit() { # LINES: the CLI reads them as a script
	printf '%b' "$1" >"$LAB_DIR/edit"
	lab_spry -f "$LAB_DIR/edit"
}
# OPTIONS to the proxy itself with that User-Agent; bytes that came back
ask() {
	printf 'OPTIONS sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.100:%s;branch=z9hG4bK%s;rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@x>;tag=%s\r\nTo: <sip:192.0.2.1>\r\nCall-ID: c%s\r\nCSeq: 1 OPTIONS\r\nUser-Agent: %s\r\n\r\n' \
		"$2" "$RANDOM" "$RANDOM" "$RANDOM" "$1" >"$LAB_DIR/options"
	{ lab_in access timeout 1 nc -u -w 1 -p "$2" 192.0.2.1 5060 <"$LAB_DIR/options" || true; } | wc -c
}
hits() { # acl|limit|pattern NAME FIELD
	lab_spry show "$1" json | jq --arg n "$2" ".[] | .[] | select(.name == \$n) | .$3"
}
answered() {
	[ "$(ask phone 7001)" -gt 0 ]
}
lab_wait 10 answered || fail 'OPTIONS is not answered' # the first ones may come before it is ready
edit "set pattern scanners match '(?i)^User-Agent: *(friendly-scanner|sipvicious)' action drop\ncommit\n" >/dev/null || fail 'commit of a pattern'
equal 'bytes to a scanner' "$(ask friendly-scanner 7002)" 0
[ "$(ask phone 7003)" -gt 0 ] || fail 'others are not answered any more'
equal 'hits of the pattern' "$(hits pattern scanners hits)" 1
lab_spry clear counters >/dev/null || fail 'clear counters'
equal 'hits of the pattern, cleared' "$(hits pattern scanners hits)" 0
[ "$(ask friendly-scanner 7008)" = 0 ] || fail 'the scanner is answered'
equal 'hits of the pattern since then' "$(hits pattern scanners hits)" 1
# what does not compile changes nothing and is named
! edit "set pattern bad match 'x(' action drop\ncommit\n" >"$LAB_DIR/log/bad" 2>&1 || fail 'a bad pattern was committed'
grep -q 'pattern bad match' "$LAB_DIR/log/bad" || fail "the bad pattern is not named: $(cat "$LAB_DIR/log/bad")"
lab_spry discard >/dev/null || fail discard
edit 'set acl world source 0.0.0.0/0 action permit\nset acl here source 192.0.2.100 action drop port 7004\ncommit\n' >/dev/null || fail 'commit of an acl'
equal 'bytes to a source that is dropped' "$(ask phone 7004)" 0
equal 'hits of the acl' "$(hits acl here hits)" 1
edit 'delete acl here\ndelete acl world\nset limit few rate 2 per hour method OPTIONS\ncommit\n' >/dev/null || fail 'commit of a limit'
for port in 7005 7006; do [ "$(ask phone "$port")" -gt 0 ] || fail 'below the limit there is no answer'; done
equal 'bytes over the limit' "$(ask phone 7007)" 0
equal 'refused by the limit' "$(hits limit few refused)" 1
# a thousand more: the loop answers all the time
for ((i = 0; i < 1000; i++)); do echo "set pattern p$i match '^X-Scan-$i: *(probe|walk)-$((i * 7919))' action drop"; done >"$LAB_DIR/many"
echo commit >>"$LAB_DIR/many"
lab_spry -f "$LAB_DIR/many" >"$LAB_DIR/log/many" 2>&1 &
many=$!
slowest=0
while kill -0 "$many" 2>/dev/null; do
	began=$(date +%s%N)
	lab_spry show version >/dev/null || fail 'spryd does not answer'
	took=$((($(date +%s%N) - began) / 1000000))
	[ "$took" -le "$slowest" ] || slowest=$took
done
wait "$many" || fail "commit of a thousand patterns: $(tail -n 1 "$LAB_DIR/log/many")"
[ "$slowest" -lt 2000 ] || fail "spryd took $slowest ms to answer while it compiled"
equal 'patterns' "$(lab_spry show pattern json | jq '.patterns | length')" 1001
equal 'bytes to a scanner, still' "$(ask sipvicious 7009)" 0
# what would happen, and why
SPRY_REPLAY=$LAB_BUILD/tools/replay/spry-replay lab_spry test message "$LAB_DIR/options" leg access >"$LAB_DIR/log/test" 2>&1 ||
	fail "test message: $(cat "$LAB_DIR/log/test")"
grep -q 'pattern - → -' "$LAB_DIR/log/test" || fail "test message: $(cat "$LAB_DIR/log/test")"
grep -q 'pattern scanners' "$LAB_DIR/log/test" || fail "test message names no rule: $(cat "$LAB_DIR/log/test")"
echo "slowest answer while a thousand patterns compiled: $slowest ms" >"$LAB_DIR/log/slowest"
