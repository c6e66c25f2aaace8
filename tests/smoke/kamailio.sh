#!/usr/bin/env bash
# Kamailio as the next hop, which record-routes too and relays to a callee: two proxies in the Route
# set, in both directions.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
command -v kamailio >/dev/null || skip 'no kamailio'
smoke_net
cat >>"$smoke_conf" <<-END
	set leg access contact-rewrite on
	set group proxies member 198.51.100.20:5060
	set domain example.com group proxies
END
ip -n "$LAB-core" address add 198.51.100.20/24 dev spry-ua
smoke_start
sed s/CALLEE/198.51.100.11:5060/ "$LAB_TOP/tests/smoke/kamailio.cfg" >"$LAB_DIR/kamailio.cfg"
lab_start core kamailio kamailio -DD -E -f "$LAB_DIR/kamailio.cfg" -l udp:198.51.100.20:5060 -m 32 -M 4 \
	-Y "$LAB_DIR/state" -P "$LAB_DIR/kamailio.pid"
lab_wait 10 lab_listens core 198.51.100.20 || fail 'kamailio does not listen'
lab_uas core callee-11 198.51.100.11 || fail 'SIPp does not listen on 198.51.100.11'
DOMAIN=example.com smoke_caller caller 200 100
smoke_called caller 200
lab_uas_end callee-11
# now the callee hangs up: its BYE goes through both proxies the other way round
UAS_SCENARIO=$SMOKE_SIPP/uas_bye.xml lab_uas core callee-11 198.51.100.11 || fail 'SIPp does not listen again'
DOMAIN=example.com UAC_SCENARIO=$SMOKE_SIPP/uac_bye.xml smoke_caller caller2 100 50
smoke_called caller2 100
smoke_no_retransmissions caller caller2
smoke_accounted
