#!/usr/bin/env bash
# What is wrong at start is one clear line and a non-zero exit within 2 s, through tools/run as an
# operator would start it.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_net
# refused WHAT PATTERN: tools/run with smoke_conf ends in time and says a line that matches
refused() {
	local started status=0 took
	started=$(date +%s%N)
	lab_in box env SPRY_RUN="$LAB_DIR/run" SPRY_STATE="$LAB_DIR/state" timeout 20 "$LAB_TOP/tools/run" \
		"$smoke_conf" >"$LAB_DIR/log/said" 2>&1 </dev/null || status=$?
	took=$((($(date +%s%N) - started) / 1000000))
	[ "$status" != 0 ] && [ "$status" != 124 ] || fail "$1: status $status"
	# the build's own look at the tree is in the time
	[ "$took" -lt 3000 ] || fail "$1: took $took ms"
	grep -qE -- "$2" "$LAB_DIR/log/said" || fail "$1: said '$(head -n 3 "$LAB_DIR/log/said")'"
	! ls "$LAB_DIR"/run/spry.sock >/dev/null 2>&1 || fail "$1: the socket was left behind"
}
good=$(cat "$smoke_conf")
echo 'set leg access colour blue' >>"$smoke_conf"
refused 'an unknown setting' "spry.conf:$(wc -l <"$smoke_conf"):[0-9]+"
printf '%s\nset domain example.com group nobody\n' "$good" >"$smoke_conf"
refused 'a group that is not there' 'nobody'
sed 's/iface=spry-w0/iface=spry-none/' <<<"$good" >"$smoke_conf"
refused 'an interface that does not exist' 'spry-none|access'
sed 's/device net_af_packet0[^ ]*/device 0000:ff:1f.7/' <<<"$good" >"$smoke_conf"
refused 'a PCI address that does not exist' '0000:ff:1f.7'
rm "$smoke_conf"
refused 'a configuration that does not exist' 'no such file|No such file'
