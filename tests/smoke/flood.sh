#!/usr/bin/env bash
# Ten parts junk, one part calls: broken messages, noise, forged responses and requests for nobody from one
# source; the calls of the others go on.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
smoke_callees
junk=12000 # a second; 200 calls a second are 1,200 messages
lab_start access junk nice -n -10 python3 "$LAB_TOP/tests/smoke/junk.py" 192.0.2.1:5060 192.0.2.101 "$junk" 12
junk_arrives() {
	[ "$(smoke_way dropped)" -gt 1000 ]
}
lab_wait 10 junk_arrives || fail 'no junk arrives'
smoke_caller caller 2000 200
lab_wait 60 lab_gone "$(lab_pid caller || echo 0)" || fail 'the calls do not end'
lab_stop caller
lab_wait 20 lab_gone "$(lab_pid junk || echo 0)" || fail 'the junk does not end'
grep -q "^$((junk * 12)) sent" "$LAB_DIR/log/junk" || fail "junk: $(tail -n 1 "$LAB_DIR/log/junk")"
good=$(lab_stat caller 'SuccessfulCall(C)')
[ "$good" -ge 1980 ] || fail "$good of 2000 calls worked beside the flood"
received=$(smoke_counters | jq .received)
[ "$received" -ge $((junk * 11)) ] || fail "only $received messages came in: the flood was none"
smoke_accounted
