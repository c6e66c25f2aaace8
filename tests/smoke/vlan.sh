#!/usr/bin/env bash
# Callers on VLAN 100 of the access port, callees untagged.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
ip -n "$LAB-access" link add link spry-ua name spry-ua.100 type vlan id 100 2>/dev/null ||
	skip 'this kernel has no VLAN interfaces (module 8021q)'
ip -n "$LAB-access" address add 203.0.113.100/24 dev spry-ua.100
ip -n "$LAB-access" link set spry-ua.100 up
lab_in access ethtool -K spry-ua.100 tx off >/dev/null
cat >>"$smoke_conf" <<-END
	set port access vlan 100 address 203.0.113.1/24
	set leg tagged port access
	set leg tagged vlan 100
	set leg tagged udp 203.0.113.1:5060
END
smoke_start
lab_wait 5 lab_in access ping -c 1 -W 1 203.0.113.1 || fail 'no ping to the twin of the VLAN'
smoke_callees
lab_sipp access caller "$LAB_TOP/tools/demo/uac.xml" 203.0.113.1:5060 -i 203.0.113.100 -p 5070 \
	-s 1000 -key domain example.net -key pad caller -r 100 -m 300 -timeout 60s
smoke_called caller 300
smoke_no_retransmissions caller
# what is for the VLAN's leg is not for it when it comes untagged
lab_spry show leg json | jq -e '.legs[] | select(.name == "tagged") | .received == 900' >/dev/null ||
	fail 'the leg of the VLAN did not get all messages of the callers'
smoke_accounted
