#!/usr/bin/env bash
# The scanners everybody meets get nothing: svmap no answer, svwar no difference between users that are and
# that are not, svcrack few tries; the user it tries registers all the same.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
command -v svmap >/dev/null || skip 'no sipvicious'
smoke_net
cat >>"$smoke_conf" <<-END
	set leg access auth all
	set domain phones.example.com registrar
	set auth realm phones.example.com
	set auth algorithms md5
	set pattern scanner match "(?i)friendly-scanner|sipvicious|sipcli|sundayddr"
	set pattern scanner in header User-Agent
	set pattern scanner action drop
END
for user in 100 150 200; do
	printf 'set user %s@phones.example.com ha1-md5 %s\n' "$user" \
		"$(printf '%s:phones.example.com:7350' "$user" | md5sum | cut -d' ' -f1)"
done >>"$smoke_conf"
smoke_start

scan() { # NAME SECONDS COMMAND...: its output in log/NAME; ends it when it does not by itself
	lab_start access "$1" env HOME="$LAB_DIR" "${@:3}"
	lab_wait "$2" lab_gone "$(lab_pid "$1" || echo 0)" || true
	lab_stop "$1"
}
register() { # NAME ADDRESS
	lab_sipp access "$1" "$LAB_TOP/tools/demo/register.xml" 192.0.2.1:5060 -i "$2" -p 5080 \
		-key user 100 -au 100 -ap 7350 -auth_uri phones.example.com -key domain phones.example.com \
		-key port 5060 -key expires 600 -m 1 -timeout 10s
	lab_wait 15 lab_gone "$(lab_pid "$1" || echo 0)" || fail "$1: does not end"
	lab_stop "$1"
	equal "$1: registered" "$(lab_stat "$1" 'SuccessfulCall(C)')" 1
}

# as they come: their User-Agent is on the list, not a byte goes out
scan svmap 30 svmap -b 192.0.2.101 192.0.2.1
[ "$(smoke_verdict pattern)" -ge 1 ] || fail 'the pattern saw no scanner'
equal 'bytes SIP sent to svmap' "$(lab_spry show leg json | jq '[.legs[] | select(.name == "access") | .sent] | add')" 0

# disguised: everybody is asked for a password in the same words
printf 'delete pattern scanner action drop\nset pattern scanner action tag\ncommit\n' >"$LAB_DIR/edit"
lab_spry -f "$LAB_DIR/edit" >"$LAB_DIR/log/commit" 2>&1 || fail "commit: $(tail -n 1 "$LAB_DIR/log/commit")"
for method in REGISTER INVITE OPTIONS; do
	scan "svwar-$method" 20 svwar --force --domain=phones.example.com -b 192.0.2.101 -m "$method" -e 100-220 192.0.2.1
	! grep -qE '^\| *[0-9]+ *\|' "$LAB_DIR/log/svwar-$method" ||
		! grep -E '^\| *(100|150|200) *\|' "$LAB_DIR/log/svwar-$method" | grep -vq reqauth ||
		fail "svwar finds: $(grep -m 1 -E '^\| *(100|150|200)' "$LAB_DIR/log/svwar-$method")"
done

# guesses: 300 passwords (not the right one, it may be among those that are looked at)
began=$(date +%s%N)
scan svcrack 15 svcrack --domain=phones.example.com -u 100 -r 7000-7299 -b 192.0.2.101 192.0.2.1
took=$((($(date +%s%N) - began) / 1000000))
looked=$(smoke_verdict auth-wrong)
[ "$looked" -ge 1 ] || fail 'svcrack got nowhere'
[ "$looked" -le $((10 + took / 100)) ] || fail "$looked passwords looked at in $took ms"
[ "$(smoke_verdict auth-limit)" -ge 1 ] || fail 'svcrack was never held up'
register victim 192.0.2.100
smoke_accounted
