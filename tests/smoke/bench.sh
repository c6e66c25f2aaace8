#!/usr/bin/env bash
# spry-bench: a generator and a proxy joined by memif, a short search, JSON that is sound; the
# interactive mode from a pipe; nothing stays behind, also after ^C. No word about speed.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(nproc)" -ge 2 ] || skip 'needs two cores'
bench=$LAB_BUILD/tools/bench/spry-bench
out=$LAB_DIR/log/bench
export SPRY_RUN=$LAB_DIR/bench
mkdir -p "$SPRY_RUN" "$LAB_DIR/log"
nothing_left() { # WHEN
	equal "$1: files" "$(find "$SPRY_RUN" -mindepth 1 | tr '\n' ' ')" ''
	equal "$1: processes" "$(pgrep -fc -- "spry-dp -r $SPRY_RUN" || true)" 0
}

timeout 40 "$bench" run options --seconds 1 --runs 1 --trials 3 --json >"$out.json" 2>"$out.err" ||
	fail "run options: $(tail -n 1 "$out.err")"
equal 'corrupt messages' "$(jq .corrupt "$out.json")" 0
equal 'what the JSON holds' "$(jq -r '
	.scenario == "options" and .size == 550 and .messages > 0 and .checked > 0 and .tsc_hz > 0
	and .cycles > 0 and (.stage_cycles | length) == 6 and (.latency_us | length) == 5
	and .line_rate_percent["10"] >= .line_rate_percent["100"]' "$out.json")" true
nothing_left 'a run'

timeout 30 "$bench" >"$out.said" 2>"$out.err" <<'END' || fail "a script: $(tail -n 1 "$out.err")"
set scenario invite
set mix invite 2 options 1
set rate 2000
start
wait 1
show port stats all
show latency
stop
END
grep -qE '^proxy +access +net_memif +up' "$out.said" || fail 'no ports are shown'
grep -qE '^invite +[1-9]' "$out.said" || fail 'no INVITE came back'
grep -qE '^options +[1-9]' "$out.said" || fail 'no OPTIONS came back'
nothing_left 'a script'

status=0
printf 'set rate 1\nset speed 2\nset rate 3\n' | "$bench" >"$out.said" 2>"$out.err" || status=$?
equal 'status of a bad script' "$status" 1
grep -q '"speed"' "$out.err" || fail "its error: $(cat "$out.err")"

"$bench" run invite --seconds 30 >"$out.said" 2>"$out.err" &
pid=$!
runs() { ls "$SPRY_RUN"/spry-bench.*/proxy.log >"$out.files" 2>&1; }
lab_wait 15 runs || fail 'a run does not begin'
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
equal 'status of an interrupted run' "$status" 1
nothing_left 'an interrupted run'
