# shellcheck shell=bash
# What every smoke scenario begins with. A scenario is NAME.sh: it sources this, builds its
# laboratory, asserts, and ends; the exit trap prints `ok NAME` or `not ok NAME: why` and cleans up.
# On failure the logs stay in build/smoke/NAME and their ends are printed.
set -eEu
SMOKE_NAME=$(basename "$0" .sh)
LAB=spry-t$$
LAB_DIR=$(mktemp -d /tmp/spry-smoke.XXXXXX)
# shellcheck source=tools/lab.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/lab.sh"
# shellcheck disable=SC2034 # for the scenarios
SMOKE_SIPP=$LAB_TOP/tests/smoke/sipp
smoke_why=
exec 3>&1 # what a trap says must not end in the redirection it interrupted
smoke_conf=$LAB_DIR/etc/spry.conf

# --- the end --------------------------------------------------------------------------------------

smoke_end() {
	local status=$? kept=$LAB_BUILD/smoke/$SMOKE_NAME
	trap '' INT TERM HUP PIPE # nothing, not even a reader that went away, keeps it from cleaning up
	trap - ERR
	set +e
	exec >&3 2>&1
	if [ "$status" = 0 ]; then
		printf 'ok %s (%s s)\n' "$SMOKE_NAME" "$SECONDS"
	elif [ "$status" = 77 ]; then
		printf 'skipped %s: %s\n' "$SMOKE_NAME" "$smoke_why"
	else
		printf 'not ok %s: %s\n' "$SMOKE_NAME" "${smoke_why:-status $status}"
		[ ! -S "$LAB_DIR/run/spry.sock" ] || timeout 5 "$LAB_BUILD/control/spry" -r "$LAB_DIR/run" \
			show counters >"$LAB_DIR/log/counters" 2>&1
		cp "$smoke_conf" "$LAB_DIR/log/" 2>/dev/null
		cp "$LAB_DIR"/sipp/*/errors.log "$LAB_DIR/log/" 2>/dev/null
		rm -rf "$kept"
		mkdir -p "$kept"
		cp -r "$LAB_DIR/log/." "$kept/"
		(cd "$LAB_DIR/log" && tail -n 15 -- * 2>/dev/null | cut -c1-200 | sed 's/^/    /')
		printf '    kept in %s\n' "$kept"
	fi
	lab_end
	lab_wait 5 smoke_nobody
	lab_down
	exit "$status"
}

# smoke_nobody: kills what still runs in the namespaces, which are ours alone: children of what was
# killed (Kamailio's), what an interrupt hid from lab_end in the instant it began. 1 when there was any.
smoke_nobody() {
	local side pid none=0
	for side in $(cat "$LAB_DIR/namespaces" 2>/dev/null); do
		for pid in $(ip netns pids "$LAB-$side"); do
			kill -KILL "$pid" 2>/dev/null
			none=1
		done
	done
	return "$none"
}
trap smoke_end EXIT
trap 'smoke_why="${smoke_why:-$BASH_COMMAND (line $LINENO)}"' ERR
trap 'smoke_why=interrupted; exit 130' INT
trap 'smoke_why="took too long"; exit 143' TERM

fail() {
	smoke_why=$*
	exit 1
}

skip() {
	smoke_why=$*
	exit 77
}

# --- the laboratory -------------------------------------------------------------------------------

# smoke_net [QPAIRS]: box, access and core; a configuration with legs of both families in smoke_conf
smoke_net() {
	lab_up
	lab_veth access spry-w0 192.0.2.100/24 192.0.2.101/24 2001:db8:a::100/64
	lab_veth core spry-w1 198.51.100.10/24 198.51.100.11/24 2001:db8:c::10/64
	local queues=${1:-1}
	cat >"$smoke_conf" <<-END
		set port access device net_af_packet0,iface=spry-w0,qpairs=$queues
		set port access address 192.0.2.1/24
		set port access address 2001:db8:a::1/64
		set port core device net_af_packet1,iface=spry-w1,qpairs=$queues
		set port core address 198.51.100.1/24
		set port core address 2001:db8:c::1/64
		set leg access port access
		set leg access udp 192.0.2.1:5060
		set leg core port core
		set leg core udp 198.51.100.1:5060
		set leg access6 port access
		set leg access6 udp [2001:db8:a::1]:5060
		set leg core6 port core
		set leg core6 udp [2001:db8:c::1]:5060
		set group switches member 198.51.100.10:5060
		set group switches member 198.51.100.11:5060
		set group switches6 member [2001:db8:c::10]:5060
		set domain example.net group switches
		set domain example.org group switches6
		set domain default reject 404
		set worker cores $(seq -s, 0 $((queues - 1)))
		set worker idle adaptive
		set memory huge off
	END
}

smoke_small_state() { # SIZE: the state directory is a file system of its own
	mount -t tmpfs -o "size=$1" spry-test "$LAB_DIR/state"
}

# smoke_start: both processes, until the configuration is in force
smoke_start() {
	lab_spryd "$smoke_conf"
	lab_dp
	lab_ready 15 2>/dev/null || fail 'spry did not come up within 15 s'
}

smoke_up() { # [QPAIRS]
	smoke_net "${1:-1}"
	smoke_start
}

smoke_callees() {
	lab_uas core callee-10 198.51.100.10 "$@" || fail 'SIPp does not listen on 198.51.100.10'
	lab_uas core callee-11 198.51.100.11 "$@" || fail 'SIPp does not listen on 198.51.100.11'
}

# smoke_caller NAME CALLS RATE [ARGUMENTS...]: starts calls to example.net
smoke_caller() {
	local name=$1 calls=$2 rate=$3
	shift 3
	lab_sipp access "$name" "${UAC_SCENARIO:-$LAB_TOP/tools/demo/uac.xml}" 192.0.2.1:5060 \
		-i 192.0.2.100 -p 5070 -s 1000 -key domain "${DOMAIN:-example.net}" -key pad "${PAD:-caller}" \
		-r "$rate" -m "$calls" -trace_rtt -rtt_freq 1 -timeout 60s "$@"
}

# smoke_called NAME CALLS: waits for the end of the calls; all must have worked
smoke_called() {
	lab_wait 70 lab_gone "$(lab_pid "$1" || echo 0)" || fail "$1: the calls do not end"
	lab_stop "$1"
	[ "$(lab_stat "$1" 'SuccessfulCall(C)')" = "$2" ] && [ "$(lab_stat "$1" 'FailedCall(C)')" = 0 ] ||
		fail "$1: $(lab_stat "$1" 'SuccessfulCall(C)') of $2 calls worked, $(lab_stat "$1" 'FailedCall(C)') failed"
}

smoke_no_retransmissions() { # NAME...
	local name
	for name in "$@"; do
		[ "$(lab_stat "$name" 'Retransmissions(C)')" = 0 ] ||
			fail "$name: $(lab_stat "$name" 'Retransmissions(C)') retransmissions: messages were lost or late"
	done
}

# --- phones that register --------------------------------------------------------------------------

# smoke_phones NAME PREFIX RATE: phones PREFIX1, PREFIX2 ... register one after the other, without end
smoke_phones() {
	lab_sipp core "$1" "$SMOKE_SIPP/register.xml" 198.51.100.1:5060 -i 198.51.100.10 -p 5080 -s "$2" \
		-key domain phones.example.com -key expires 3600 -r "$3" -m 100000 -l 3000 -timeout 90s \
		-trace_logs -log_file acknowledged.log
}

# smoke_acknowledged NAME [MS]: users who got their answer, so long before the last one
smoke_acknowledged() {
	awk -v before="${2:-0}" '$1 == "acknowledged" { user[++n] = $2; at[n] = $3 }
		END { for (i = 1; i <= n; i++) if (at[i] <= at[n] - before) print user[i] }' \
		"$LAB_DIR/sipp/$1/acknowledged.log"
}

smoke_so_many() { # NAME COUNT: answers
	[ "$(smoke_acknowledged "$1" | wc -l)" -ge "$2" ]
}

# smoke_kept WHEN FILE: every user of the file has a binding
smoke_kept() {
	lab_spry show location json | jq -r '.location[].aor' | sed 's/^sip://; s/@.*//' | sort -u >"$LAB_DIR/bound"
	sort -u "$2" | comm -23 - "$LAB_DIR/bound" >"$LAB_DIR/lost"
	[ ! -s "$LAB_DIR/lost" ] || fail "$1: $(wc -l <"$LAB_DIR/lost") of $(wc -l <"$2") acknowledged bindings are lost, \
the first: $(head -n 1 "$LAB_DIR/lost")"
}

# smoke_power_cut: both processes die (also when one has already), and what was in memory is gone
smoke_power_cut() {
	local name
	for name in spryd spry-dp; do
		kill -KILL "$(lab_pid $name)" 2>/dev/null || true
	done
	for name in spryd spry-dp; do
		lab_stop $name KILL
	done
	while umount "$LAB_DIR/run/huge" 2>/dev/null; do :; done
	rm -rf "${LAB_DIR:?}/run"
	mkdir "$LAB_DIR/run"
	lab_in box ip link delete spry-access 2>/dev/null || true
	lab_in box ip link delete spry-core 2>/dev/null || true
}

# smoke_baresip SIDE NAME ADDRESS ACCOUNT [COMMAND]: a softphone that answers by itself, log in log/NAME
smoke_baresip() {
	local home=$LAB_DIR/baresip-$2
	mkdir "$home"
	cat >"$home/config" <<-END
		sip_listen	$3:5060
		audio_player	aubridge,x
		audio_source	aubridge,x
		audio_alert	aubridge,x
		module_path	/usr/lib/baresip/modules
		module	g711.so
		module	aubridge.so
		module_app	account.so
		module_app	menu.so
	END
	echo "$4;answermode=auto" >"$home/accounts"
	touch "$home/contacts"
	lab_start "$1" "$2" env HOME="$home" baresip -f "$home" ${5:+-e "$5"}
}

# --- counters -------------------------------------------------------------------------------------

smoke_counters() {
	lab_spry show counters json
}

# smoke_way WAY: messages that left this way (forwarded, replied, absorbed, punted, kernel, dropped)
smoke_way() {
	smoke_counters | jq -r --arg w "$1" '[.ways[] | select(.name == $w) | .count] | add // 0'
}

# smoke_count NAME: a counter that is no way out
smoke_count() {
	smoke_counters | jq -r --arg n "$1" '[.counters[] | select(.name == $n) | .count] | add // 0'
}

# smoke_verdict NAME: messages with that verdict
smoke_verdict() {
	smoke_counters | jq -r --arg n "$1" '[.verdicts[] | select(.name == $n) | .count] | add // 0'
}

smoke_accounted() {
	smoke_counters | jq -e .accounted >/dev/null || fail 'received is not the sum of the ways out'
}

equal() { # WHAT IS SHOULD
	[ "$2" = "$3" ] || fail "$1: $2, should be $3"
}
