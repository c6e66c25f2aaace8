#!/usr/bin/env bash
# Phones with passwords: users of the configuration and of the store, imported, changed and deleted
# while spry runs; a damaged store takes nobody away.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
cat >>"$smoke_conf" <<-END
	set domain phones.example.com registrar
	set leg core auth register
	set auth algorithms md5,sha-256
	set user boss1@phones.example.com password-file $LAB_DIR/etc/boss.secret
END
echo hush-hush >"$LAB_DIR/etc/boss.secret"
chown spry:spry "$LAB_DIR/etc/boss.secret"
chmod 600 "$LAB_DIR/etc/boss.secret"
smoke_start

spry_user() {
	"$LAB_BUILD/control/spry" -s "$LAB_DIR/state" user "$@"
}

try() { # NAME USERS PASSWORD PORT: registers USER1 .. of the service NAME; how many could
	local i service=${1%%-*}
	{
		echo SEQUENTIAL
		for ((i = 1; i <= $2; i++)); do
			echo "$service$i;[authentication username=$service$i password=$3]"
		done
	} >"$LAB_DIR/sipp/$1.csv"
	lab_sipp core "$1" "$SMOKE_SIPP/register_auth.xml" 198.51.100.1:5060 -i 198.51.100.10 -p "$4" \
		-inf "$LAB_DIR/sipp/$1.csv" -auth_uri phones.example.com \
		-key domain phones.example.com -m "$2" -r 200 -timeout 20s
	lab_wait 30 lab_gone "$(lab_pid "$1" || echo 0)" || fail "$1: registrations do not end"
	lab_stop "$1"
	lab_stat "$1" 'SuccessfulCall(C)'
}

users() { # how many of the store the workers have
	lab_spry show user json | jq .user[0].store
}

users_are() {
	[ "$(users)" = "$1" ]
}

equal 'the user of the configuration registers' "$(try boss-a 1 hush-hush 5080)" 1
{
	echo name,realm,password
	for i in $(seq 200); do echo "user$i,phones.example.com,hush-hush"; done
} >"$LAB_DIR/users.csv"
spry_user import "$LAB_DIR/users.csv" | grep -q '^200 users' || fail 'import'
lab_wait 10 users_are 200 || fail "the workers have $(users) users, not 200"
equal 'users registered' "$(try user-a 200 hush-hush 5081)" 200
equal 'with a wrong password' "$(try user-b 1 guess 5082)" 0
[ "$(smoke_verdict auth-wrong)" -ge 1 ] || fail 'no wrong password was counted'

# changes while it runs; who is deleted is unknown at once, like one who never was
spry_user delete user1@phones.example.com
lab_wait 10 users_are 199 || fail 'a deleted user is still there'
equal 'a deleted user' "$(try user-c 1 hush-hush 5083)" 0
echo other | spry_user add user1@phones.example.com
lab_wait 10 users_are 200 || fail 'an added user is not there'
equal 'with the new password' "$(try user-d 1 other 5084)" 1

# spryd dies and comes back to the table it left
generation=$(lab_spry show user json | jq .user[0].generation)
lab_stop spryd KILL
lab_spryd "$smoke_conf"
lab_ready 15 2>/dev/null || fail 'spryd does not come back'
lab_wait 10 users_are 200 || fail 'users after kill -9 of spryd'
equal 'generation after kill -9' "$(lab_spry show user json | jq .user[0].generation)" "$generation"

# a damaged store
truncate -s 9000 "$LAB_DIR/state/users.mdb"
problem() {
	lab_spry show user json | jq -e '.user[0].problem != ""'
}
lab_wait 10 problem || fail 'nobody noticed that the store is damaged'
equal 'users while the store is damaged' "$(try user-e 1 other 5086)" 1
if spry_user add x@phones.example.com md5=00000000000000000000000000000000 2>/dev/null; then
	fail 'a damaged store was changed'
fi
sed -n 1,51p "$LAB_DIR/users.csv" | spry_user import --replace - | grep -q '^50 users' || fail 'import --replace'
lab_wait 10 users_are 50 || fail 'the new store is not taken up'
smoke_accounted
if grep -r -e hush-hush -e guess "$LAB_DIR"/log/spry* "$LAB_DIR/run" "$LAB_DIR/state"; then
	fail 'a password was written somewhere'
fi
