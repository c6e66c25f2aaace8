#!/usr/bin/env bash
# kill -9 of spryd a hundred times, at whatever it does, while phones register and are called: no
# binding that was acknowledged is lost, no call reaches another's phone. Then spry-dp twenty times:
# the bindings are there at once.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
END
smoke_start
registered() { # how many addresses of record have bindings
	lab_spry show location summary json | jq '.summary[] | select(.figure == "records") | .value'
}
at_least() { # COUNT COMMAND...
	local count=$1
	shift
	[ "$("$@")" -ge "$count" ]
}

# phones register without a pause, and the first hundred are called all the time
smoke_phones phones user 100
lab_wait 10 at_least 100 registered || fail 'nobody registers'
UAS_SCENARIO=$SMOKE_SIPP/uas_bound.xml lab_uas core callee 198.51.100.10 -trace_logs -log_file bound.log ||
	fail 'SIPp does not listen'
seq -f 'user%.0f;' 1 100 | sed '1i SEQUENTIAL' >"$LAB_DIR/users.csv"
sed 's/\[service\]/[field0]/' "$LAB_TOP/tools/demo/uac.xml" >"$LAB_DIR/uac.xml"
lab_sipp access caller "$LAB_DIR/uac.xml" 192.0.2.1:5060 -i 192.0.2.100 -p 5070 -inf "$LAB_DIR/users.csv" \
	-key domain phones.example.com -key pad x -r 50 -m 100000 -timeout 90s

for round in $(seq 100); do
	lab_stop spryd KILL
	lab_spryd "$smoke_conf"
	lab_wait 5 lab_running || fail "spryd did not attach again (round $round)"
done
lab_uas_end caller
lab_uas_end phones
equal 'calls that failed' "$(lab_stat caller 'FailedCall(C)')" 0
equal 'registrations that failed' "$(lab_stat phones 'FailedCall(C)')" 0

smoke_acknowledged phones >"$LAB_DIR/acknowledged"
users=$(wc -l <"$LAB_DIR/acknowledged")
[ "$users" -ge 1000 ] || fail "only $users phones registered while spryd was killed"
smoke_kept 'after 100 times kill -9 of spryd' "$LAB_DIR/acknowledged"

for round in $(seq 20); do
	lab_stop spry-dp KILL
	lab_dp
	lab_ready 5 2>/dev/null || fail "spry-dp did not come back (round $round)"
	[ "$(registered)" -ge "$users" ] || fail "$(registered) of $users bindings after kill -9 of spry-dp"
	lab_sipp access again "$LAB_DIR/uac.xml" 192.0.2.1:5060 -i 192.0.2.100 -p 5071 -inf "$LAB_DIR/users.csv" \
		-key domain phones.example.com -key pad x -r 50 -m 10 -timeout 20s
	smoke_called again 10
done
smoke_kept 'after 20 times kill -9 of spry-dp' "$LAB_DIR/acknowledged"

lab_uas_end callee
calls=$(grep -c '^bound' "$LAB_DIR/sipp/callee/bound.log")
[ "$calls" -ge 500 ] || fail "only $calls calls"
equal 'calls that reached the binding of another' \
	"$(awk '$2 != $4' "$LAB_DIR/sipp/callee/bound.log" | grep -c bound || true)" 0
smoke_accounted
