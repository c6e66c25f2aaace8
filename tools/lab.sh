# shellcheck shell=bash
# A laboratory without a NIC: spry in a network namespace of its own, user agents in others, veth
# pairs in between. Sourced by tools/run and tests/smoke/lib.sh; everything it makes is in LAB_DIR
# or carries the name LAB, and lab_down takes it all away again.
#
#   LAB        prefix of the namespaces: LAB-box (spry), LAB-access, LAB-core ...
#   LAB_DIR    run/ (shared region, socket), state/, log/, sipp/, pid/NAME
#   LAB_BUILD  build directory of the programs

LAB_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LAB_BUILD=${LAB_BUILD:-$LAB_TOP/build}

# --- small things ---------------------------------------------------------------------------------

# lab_wait SECONDS COMMAND...: polls until the command succeeds; 1 when it did not in that time
lab_wait() {
	local left=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.05
	done
}

lab_alive() { # PID: runs (a zombie does not, once none of its threads waits for the disk any more)
	ps -L -o state= -p "$1" 2>/dev/null | grep -qv '^Z'
}

lab_gone() { # PID
	! lab_alive "$1"
}

lab_born() { # PID: start time, so that a number used again is not taken for ours
	awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null
}

lab_pid() { # NAME: its pid while it runs
	local pid born
	read -r pid born 2>/dev/null <"$LAB_DIR/pid/$1" && [ "$(lab_born "$pid")" = "$born" ] && echo "$pid"
}

# lab_in SIDE COMMAND...: in the namespace of that side. Not `ip netns exec`: that makes a mount
# namespace too, in which the huge page mount of spryd would be invisible to spry-dp.
lab_in() {
	local side=$1
	shift
	nsenter --net="/run/netns/$LAB-$side" -- "$@"
}

# lab_start SIDE NAME COMMAND...: in the background, output in log/NAME
lab_start() {
	local side=$1 name=$2
	shift 2
	nsenter --net="/run/netns/$LAB-$side" -- "$@" </dev/null >>"$LAB_DIR/log/$name" 2>&1 3>&- &
	echo "$! $(lab_born $!)" >"$LAB_DIR/pid/$name"
	disown # bash is not to comment its end
}

# lab_stop NAME [SIGNAL [SECONDS]]: ends what lab_start began and waits for it; SIGKILL when it won't
lab_stop() {
	local pid
	if ! pid=$(lab_pid "$1"); then
		rm -f "$LAB_DIR/pid/$1"
		return 0
	fi
	if lab_alive "$pid"; then
		kill "-${2:-TERM}" "$pid" 2>/dev/null || true
		lab_wait "${3:-5}" lab_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
		lab_wait 2 lab_gone "$pid" || true
	fi
	rm -f "$LAB_DIR/pid/$1"
}

# --- network --------------------------------------------------------------------------------------

lab_ns() { # SIDE
	echo "$1" >>"$LAB_DIR/namespaces" # lab_down takes these away, not what looks like them
	ip netns add "$LAB-$1"
	ip -n "$LAB-$1" link set lo up
}

# lab_veth SIDE IFACE [ADDRESS/LEN]...: IFACE in the box, its peer spry-ua with the addresses in
# the namespace of SIDE
lab_veth() {
	local side=$1 iface=$2 address
	shift 2
	[ -e "/run/netns/$LAB-$side" ] || lab_ns "$side"
	ip link add "$iface" netns "$LAB-box" numrxqueues 4 numtxqueues 4 type veth \
		peer name spry-ua netns "$LAB-$side" numrxqueues 4 numtxqueues 4
	# no address of the kernel on the wire side: its kernel lives on the twin
	lab_in box sysctl -qw "net.ipv6.conf.$iface.disable_ipv6=1"
	lab_in "$side" sysctl -qw net.ipv6.conf.spry-ua.accept_dad=0 net.ipv6.conf.spry-ua.accept_ra=0
	for address in "$@"; do
		ip -n "$LAB-$side" address add "$address" dev spry-ua
		echo "$side ${address%/*}" >>"$LAB_DIR/agents"
	done
	ip -n "$LAB-box" link set "$iface" up
	ip -n "$LAB-$side" link set spry-ua up
	# veth leaves checksums to the peer, which a packet socket then reads as wrong ones
	lab_in "$side" ethtool -K spry-ua tx off >/dev/null
}

# lab_up: directories and the box
lab_up() {
	mkdir -p "$LAB_DIR"/{etc,run,state,log,sipp,pid}
	chown spry:spry "$LAB_DIR/etc" # `save` writes there
	chmod 755 "$LAB_DIR" # not mktemp's 0700: spryd is not root for long
	lab_ns box
	lab_in box sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# lab_end: ends what lab_start began
lab_end() {
	local name
	# callers first, so that nobody logs that the other end went away
	for name in $(cd "$LAB_DIR/pid" 2>/dev/null && ls) spryd spry-dp; do
		case $name in
		spryd | spry-dp) ;;
		*) lab_stop "$name" KILL ;;
		esac
	done
	lab_stop spry-dp
	lab_stop spryd
}

# lab_down: processes, namespaces (with their interfaces), mounts, files. Called twice it does no harm.
lab_down() {
	local side
	lab_end
	for side in $(cat "$LAB_DIR/namespaces" 2>/dev/null); do
		ip netns delete "$LAB-$side" 2>/dev/null || true
	done
	while umount "$LAB_DIR/run/huge" 2>/dev/null; do :; done
	umount -l "$LAB_DIR/state" 2>/dev/null || true # of smoke_small_state
	lab_pages_back
	rm -rf "$LAB_DIR"
}

# --- huge pages -----------------------------------------------------------------------------------

LAB_PAGES=/proc/sys/vm/nr_hugepages

# lab_pages N: sees to it that N pages are free; remembers what was there. 1 when they can't be had.
lab_pages() {
	local had free surplus
	had=$(cat "$LAB_PAGES" 2>/dev/null) || return 1
	surplus=$(awk '/^HugePages_Surp/ { print $2 }' /proc/meminfo) # in use already, would be counted
	free=$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)
	[ "$free" -lt "$1" ] || return 0
	echo "$had" >"$LAB_DIR/pages"
	echo $((had + surplus + $1 - free)) 2>/dev/null >"$LAB_PAGES" || true
	free=$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)
	[ "$free" -ge "$1" ] && return 0
	lab_pages_back
	return 1
}

lab_pages_back() {
	[ -f "$LAB_DIR/pages" ] || return 0
	cat "$LAB_DIR/pages" >"$LAB_PAGES" 2>/dev/null || true
	rm -f "$LAB_DIR/pages"
}

# --- spry -----------------------------------------------------------------------------------------

lab_spryd() { # CONFIG
	lab_start box spryd env SPRY_RUN="$LAB_DIR/run" SPRY_STATE="$LAB_DIR/state" \
		"$LAB_BUILD/control/spryd" "$1"
}

lab_dp() {
	lab_start box spry-dp nice -n -10 env SPRY_RUN="$LAB_DIR/run" "$LAB_BUILD/dataplane/spry-dp"
}

lab_spry() { # command words
	SPRY_RUN="$LAB_DIR/run" "$LAB_BUILD/control/spry" "$@"
}

lab_running() { # both processes talk, the configuration is in force
	lab_spry show worker json | grep -q '"core"'
}

# lab_ready SECONDS: waits until spry polls and its kernel twins answer every address of a user agent,
# so that no link address has to be asked for while calls are measured. Says what the processes said
# when one of them ends.
lab_ready() {
	local left=$(($1 * 20)) name address
	until lab_running >/dev/null 2>&1; do
		for name in spryd spry-dp; do
			if ! lab_alive "$(lab_pid $name || echo 0)"; then
				cat "$LAB_DIR/log/spryd" "$LAB_DIR/log/spry-dp" >&2 2>/dev/null
				return 1
			fi
		done
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.05
	done
	while read -r _ address; do
		lab_in box ping -q -c 1 -w 5 "$address" >/dev/null 2>&1 || return 1
	done <"$LAB_DIR/agents"
}

# lab_latency: p50 p90 p99 max in us of a message in a worker (the worst worker's)
lab_latency() {
	lab_spry show worker json | jq -r '[.workers[].latency_us] | map([.p50, .p90, .p99, .max]) |
		transpose | map(max) | "p50 \(.[0])  p90 \(.[1])  p99 \(.[2])  max \(.[3])"'
}

# --- SIPp -----------------------------------------------------------------------------------------

# lab_sipp SIDE NAME SCENARIO ARGUMENTS...: in the background, files in sipp/NAME. With a good priority,
# and retransmissions after 2 s: what builds next to it do to SIPp must not look like a lost message.
lab_sipp() {
	local side=$1 name=$2 scenario=$3
	shift 3
	rm -rf "${LAB_DIR:?}/sipp/$name"
	mkdir -p "$LAB_DIR/sipp/$name"
	lab_start "$side" "$name" nice -n -10 env -C "$LAB_DIR/sipp/$name" sipp -sf "$scenario" -nostdin \
		-skip_rlimit -buff_size 1000000 -trace_counts -trace_stat -fd 1 -stf stat.csv -trace_err -error_file errors.log "$@"
}

# lab_uas SIDE NAME ADDRESS [ARGUMENTS...]: a callee that listens when this returns
lab_uas() {
	local side=$1 name=$2 address=$3
	shift 3
	lab_sipp "$side" "$name" "${UAS_SCENARIO:-$LAB_TOP/tools/demo/uas.xml}" -i "$address" -p 5060 \
		-key pad "${PAD:-callee}" "$@"
	lab_wait 5 lab_listens "$side" "$address"
}

lab_listens() { # SIDE ADDRESS
	local address=$2
	[ "${address#*:}" = "$address" ] || address="[$address]"
	lab_in "$1" ss -Hlun 'sport = 5060' | awk -v a="$address:5060" '$4 == a { found = 1 } END { exit !found }'
}

# lab_uas_end NAME: SIPp's graceful end (no more calls are taken), so that its last counts are written
lab_uas_end() {
	lab_stop "$1" USR1 10
}

# lab_stat NAME COLUMN: the last value of a column of SIPp's statistics, e.g. "FailedCall(C)"
lab_stat() {
	awk -F';' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i }
		NR > 1 { v = $c } END { print v + 0 }' "$LAB_DIR/sipp/$1/stat.csv" 2>/dev/null || echo 0
}

# lab_sent NAME, lab_received NAME: messages with retransmissions, from SIPp's message counts
lab_sent() {
	lab_count "$1" Sent
}
lab_received() {
	lab_count "$1" Recv
}
lab_count() {
	# columns of a message follow each other: 0_INVITE_Sent;0_INVITE_Retrans;...
	awk -F';' -v want="$2" '
		FNR == 1 {
			for (i = 1; i <= NF; i++) {
				split($i, w, "_")
				use[i] = $i ~ ("_" want "$") || (w[1] == last && $i ~ /_(Retrans|Unexp)$/)
				if ($i ~ ("_" want "$"))
					last = w[1]
				if (want == "Sent" && $i ~ /_Unexp$/)
					use[i] = 0
			}
		}
		FNR > 1 { line = $0 }
		END { n = split(line, v, ";"); for (i = 1; i <= n; i++) if (use[i]) sum += v[i]; print sum + 0 }
	' "$LAB_DIR/sipp/$1/"*_counts.csv
}

# lab_percentiles NAME: p50 p90 p99 max of the call set-up times in ms, from SIPp's response times
lab_percentiles() {
	awk -F';' 'FNR > 1 && $3 == 1 { print $2 }' "$LAB_DIR/sipp/$1/"*_rtt.csv | sort -n | awk '
		{ v[NR] = $1 }
		function at(q) { i = int(NR * q + 0.999999); return v[i < 1 ? 1 : i] }
		END { if (NR) printf "p50 %s  p90 %s  p99 %s  max %s\n", at(0.5), at(0.9), at(0.99), v[NR] }'
}
