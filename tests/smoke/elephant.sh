#!/usr/bin/env bash
# One trunk, one 5-tuple: all of it comes to one worker's queue, which hands calls to the other by
# Call-ID (`worker steer on`). Both work, every call works, nothing has to be sent twice.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(nproc)" -ge 2 ] || skip 'one core only'
smoke_net 2
echo 'set worker steer on' >>"$smoke_conf"
smoke_start
smoke_callees
smoke_caller caller 1000 250 # from one port
smoke_called caller 1000
smoke_no_retransmissions caller
workers() { lab_spry show worker json | jq "$1"; }
equal 'workers without work' "$(workers '[.workers[] | select(.received == 0)] | length')" 0
[ "$(workers '[.workers[].steer.out] | add')" -gt 500 ] || fail 'no messages were handed over'
smoke_accounted
