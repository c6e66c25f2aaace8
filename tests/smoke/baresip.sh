#!/usr/bin/env bash
# A softphone (baresip) answers on the other side.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
command -v baresip >/dev/null || skip 'no baresip'
smoke_net
cat >>"$smoke_conf" <<-END
	set leg access contact-rewrite on
	set leg core contact-rewrite on
	set group phone member 198.51.100.10:5060
	set domain example.com group phone
END
smoke_start
smoke_baresip core phone 198.51.100.10 '<sip:1000@example.com>;regint=0'
lab_wait 10 lab_listens core 198.51.100.10 || fail 'baresip does not listen'
DOMAIN=example.com smoke_caller caller 3 1 -d 400 -l 1
smoke_called caller 3
equal 'calls baresip had' "$(grep -c 'Call established' "$LAB_DIR/log/phone")" 3
smoke_accounted
