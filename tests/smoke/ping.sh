#!/usr/bin/env bash
# Phones behind a NAT are pinged while they are silent, and only then; a spryd that was killed goes on
# with it.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
	set location ping method options interval 5
END
smoke_start

phone() { # NAME PORT SECONDS [KEEPALIVE]
	local name=$1 port=$2
	shift 2
	lab_start access "$name" perl "$LAB_TOP/tests/smoke/natted.pl" 192.0.2.100 "$port" 192.0.2.1 "$name" \
		phones.example.com "$@"
}
said() { # NAME WORD: how often
	grep -c "^$2" "$LAB_DIR/log/$1" || true
}

phone silent 5071 30
phone speaks 5072 30 1
lab_wait 10 grep -q registered "$LAB_DIR/log/silent" || fail 'the silent phone cannot register'
lab_wait 10 grep -q registered "$LAB_DIR/log/speaks" || fail 'the other phone cannot register'
lab_wait 12 grep -q ping "$LAB_DIR/log/silent" || fail 'no ping within 12 s'
lab_stop spryd KILL
lab_wait 5 lab_gone "$(lab_pid spryd || echo 0)" || fail 'spryd does not die'
lab_spryd "$smoke_conf"
lab_ready 15 2>/dev/null || fail 'spryd does not come back'
lab_wait 40 lab_gone "$(lab_pid silent || echo 0)" || fail 'the phone does not end'
lab_wait 5 lab_gone "$(lab_pid speaks || echo 0)" || fail 'the phone does not end'
pings=$(said silent ping)
[ "$pings" -ge 3 ] && [ "$pings" -le 6 ] || fail "$pings pings to the silent phone in 30 s, one in 5 s expected"
equal 'pings to the phone that speaks' "$(said speaks ping)" 0
equal 'other messages' "$(said silent other)$(said speaks other)" 00
equal 'answers absorbed' "$(smoke_verdict pong)" "$pings"
smoke_accounted
