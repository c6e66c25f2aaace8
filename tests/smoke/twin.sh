#!/usr/bin/env bash
# The kernel lives on the port too: ping, arping and TCP to the twin while calls flow.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
smoke_callees
smoke_busy() {
	[ "$(lab_stat caller 'SuccessfulCall(C)')" -gt 100 ]
}
lab_start box listener nc -l -k 192.0.2.1 7777
smoke_caller caller 1500 250
lab_wait 10 smoke_busy || fail 'no calls are being made'
lab_in access ping -q -c 20 -i 0.05 -W 2 192.0.2.1 >"$LAB_DIR/log/ping" || fail 'ping to the twin'
grep -q ' 0% packet loss' "$LAB_DIR/log/ping" || fail 'ping lost packets'
! grep -q 'duplicates' "$LAB_DIR/log/ping" || fail 'ping sees duplicates: the kernel hears the port twice'
lab_in access ping -q -c 3 -i 0.1 -W 2 -s 1472 192.0.2.1 >/dev/null || fail 'ping of 1500 bytes'
lab_in access ping -q -c 3 -i 0.1 -W 2 2001:db8:a::1 >/dev/null || fail 'ping on IPv6'
lab_in access arping -c 3 -w 3 -I spry-ua 192.0.2.1 >/dev/null || fail arping
seq 20000 >"$LAB_DIR/sent"
lab_in access timeout 10 nc -N 192.0.2.1 7777 <"$LAB_DIR/sent" || fail 'TCP to the twin'
whole() {
	cmp -s "$LAB_DIR/sent" "$LAB_DIR/log/listener"
}
lab_wait 5 whole || fail 'TCP to the twin lost bytes'
smoke_called caller 1500
smoke_no_retransmissions caller
smoke_accounted
