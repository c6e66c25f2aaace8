#!/usr/bin/env bash
# A power cut: both processes die and the shared region is gone. The bindings come back from the
# journal; also when its file is damaged, and after its disk was full.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
END
smoke_small_state 4m
smoke_start

figure() { # WHAT NAME: of show store, show location summary
	lab_spry show "$1" "${@:3}" json | jq ".[][] | select(.figure == \"$2\") | .value"
}
registered() {
	figure location records summary
}
is() { # VALUE COMMAND...
	local value=$1
	shift
	[ "$("$@")" = "$value" ]
}
register() { # NAME USERS
	lab_sipp core "$1" "$SMOKE_SIPP/register.xml" 198.51.100.1:5060 -i 198.51.100.10 -p 5080 -s "$1" \
		-key domain phones.example.com -key expires 600 -m "$2" -r 200 -timeout 30s
	lab_wait 40 lab_gone "$(lab_pid "$1" || echo 0)" || fail "$1: registrations do not end"
	lab_stop "$1"
	equal "$1: users registered" "$(lab_stat "$1" 'SuccessfulCall(C)')" "$2"
}
written() {
	lab_wait 5 is 0 figure store queued || fail "$(figure store queued) records wait"
}
call() { # NAME USER
	lab_sipp access "$1" "$LAB_TOP/tools/demo/uac.xml" 192.0.2.1:5060 -i 192.0.2.100 -p 5070 -s "$2" \
		-key domain phones.example.com -key pad caller -r 50 -m 10 -timeout 30s
	smoke_called "$1" 10
}

lab_uas core callee-10 198.51.100.10 || fail 'SIPp does not listen'
register first 200
written
smoke_power_cut
smoke_start
lab_wait 5 is 200 registered || fail "$(registered) of 200 bindings after a power cut"
equal 'records loaded' "$(figure store loaded)" 200
call one first7

# a file with flipped bytes: what can be read is loaded, the rest is asked for, new ones are written
smoke_power_cut
pages=$(($(stat -c %s "$LAB_DIR/state/location.mdb") / 4096))
for page in $(seq 2 3 $((pages - 1))); do
	printf '\377\377' | dd of="$LAB_DIR/state/location.mdb" bs=1 seek=$((page * 4096 + 12)) conv=notrunc 2>/dev/null
done
smoke_start
[ "$(registered)" -lt 200 ] || fail 'a damaged file is believed'
grep -q 'location.mdb is damaged' "$LAB_DIR/log/spryd" || fail 'no alarm for a damaged file'
[ -f "$LAB_DIR/state/location.mdb.damaged" ] || fail 'the damaged file is gone'
rm "$LAB_DIR/state/location.mdb.damaged"
kept=$(registered)
register second 100
written
call two second7

# no room: registered and called all the same; what was not written is written when there is room
dd if=/dev/zero of="$LAB_DIR/state/fill" bs=1k 2>/dev/null || true
register third 300
equal 'bindings with a full disk' "$(registered)" $((kept + 400))
call three third7
lab_wait 10 is 1 figure store failing || fail 'a full disk is no failure'
grep -q 'No space left' "$LAB_DIR/log/spryd" || fail 'no alarm for a full disk'
rm "$LAB_DIR/state/fill"
lab_wait 15 is 0 figure store failing || fail 'with room again it still fails'
written
smoke_power_cut
smoke_start
lab_wait 5 is $((kept + 400)) registered || fail "$(registered) of $((kept + 400)) bindings after the full disk"
call four third7

# export, all gone, import: from the table, and from the journal of a spryd that is down
lab_spry location export "$LAB_DIR/bindings" 2>"$LAB_DIR/log/export" || fail "export: $(cat "$LAB_DIR/log/export")"
equal 'lines exported' "$(grep -c '^aor=third[0-9]*@phones.example.com contact=sip:' "$LAB_DIR/bindings")" 300
cut -d' ' -f1 "$LAB_DIR/bindings" | sed 's/^aor=/clear location /' >"$LAB_DIR/clear"
lab_spry -f "$LAB_DIR/clear" >/dev/null
equal 'bindings after all were cleared' "$(registered)" 0
lab_spry location import "$LAB_DIR/bindings" 2>"$LAB_DIR/log/import" || fail "import: $(cat "$LAB_DIR/log/import")"
equal 'bindings imported' "$(registered)" $((kept + 400))
lab_spry location export >"$LAB_DIR/again" 2>/dev/null
diff <(sort "$LAB_DIR/bindings") <(sort "$LAB_DIR/again") >"$LAB_DIR/log/diff" || fail 'what is exported again differs'
call five third8
written
! lab_spry location export -j "$LAB_DIR/state/location.mdb" >/dev/null 2>&1 || fail 'the journal is read beside spryd'
smoke_power_cut
lab_spry location export -j "$LAB_DIR/state/location.mdb" 2>/dev/null >"$LAB_DIR/offline"
diff <(sed 's/ leg=[^ ]*//' "$LAB_DIR/bindings" | sort) <(sed 's/ leg=[^ ]*//' "$LAB_DIR/offline" | sort) >"$LAB_DIR/log/diff" ||
	fail 'what the journal exports differs'
smoke_start
rc=0
printf '%s\n' '# one good, one bad' "$(head -n 1 "$LAB_DIR/bindings")" 'aor=x contact=y' |
	lab_spry location import - 2>"$LAB_DIR/log/refused" || rc=$?
equal 'status of a refused import' "$rc" 1
grep -q '^standard input:3: ' "$LAB_DIR/log/refused" || fail "a bad line is not named: $(cat "$LAB_DIR/log/refused")"
