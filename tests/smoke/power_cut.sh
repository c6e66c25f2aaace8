#!/usr/bin/env bash
# The power goes while phones register: both processes die and the shared region with them. What was
# acknowledged before the journal's last batch is there after the boot, and phones can be called.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
window=500 # ms: 50 of the batch, and the write of this disk
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
END
smoke_start
: >"$LAB_DIR/before"
for cut in 1 2 3; do
	smoke_phones phones "user${cut}x" 300
	lab_wait 20 smoke_so_many phones $((cut * 200 + 150)) || fail "phones do not register (before cut $cut)"
	kill -KILL "$(lab_pid spryd)" "$(lab_pid spry-dp)"
	lab_stop phones KILL
	# the clock of the cut is that of the last answer: nothing was acknowledged after it
	smoke_acknowledged phones $window >>"$LAB_DIR/before"
	smoke_power_cut
	smoke_start
	smoke_kept "cut $cut" "$LAB_DIR/before"
done
[ "$(wc -l <"$LAB_DIR/before")" -ge 600 ] || fail "only $(wc -l <"$LAB_DIR/before") bindings to lose"

lab_uas core callee 198.51.100.10 || fail 'SIPp does not listen'
DOMAIN=phones.example.com smoke_caller caller 20 20 -s user1x7
smoke_called caller 20
smoke_accounted
