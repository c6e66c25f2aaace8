#!/usr/bin/env bash
# Two workers on two queues a port (net_af_packet qpairs=2): both work, nothing is lost.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(nproc)" -ge 2 ] || skip 'one core only'
smoke_up 2
equal workers "$(lab_spry show worker json | jq '.workers | length')" 2
smoke_callees
# many source ports, so that the packet fanout has flows to spread (-t un: a socket a call)
smoke_caller caller 1000 250 -t un -p 20000
smoke_called caller 1000
smoke_no_retransmissions caller
idle=$(lab_spry show worker json | jq '[.workers[] | select(.received == 0)] | length')
equal 'workers without work' "$idle" 0
smoke_accounted
