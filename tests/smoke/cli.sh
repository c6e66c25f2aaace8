#!/usr/bin/env bash
# The CLI as an operator uses it: show, candidate and diff, commit confirmed that rolls back by
# itself, rollback, save, errors that say where, exit status.
# shellcheck source=tests/smoke/lib.sh
. "$(dirname "$0")/lib.sh"
smoke_up
weight() {
	lab_spry show config | sed -n 's/^set group switches member 198.51.100.10:5060 weight //p'
}
edit() { # LINES: the CLI reads them as a script
	printf '%b' "$1" >"$LAB_DIR/edit"
	lab_spry -f "$LAB_DIR/edit"
}
for what in config port leg group route neighbor worker counters drops version; do
	lab_spry show "$what" >"$LAB_DIR/log/show" 2>&1 || fail "show $what: $(head -n 1 "$LAB_DIR/log/show")"
	[ "$what" = config ] || lab_spry show "$what" json | jq -e . >/dev/null || fail "show $what json is no JSON"
done
edit 'set group switches member 198.51.100.10:5060 weight 3\ndiff\n' >"$LAB_DIR/log/diff" || fail 'diff'
grep -q 'weight 3' "$LAB_DIR/log/diff" || fail "diff does not show the change: $(cat "$LAB_DIR/log/diff")"
edit 'set group switches member 198.51.100.10:5060 weight 5\ncommit\n' >/dev/null || fail commit
equal 'weight after commit' "$(weight)" 5
# rolled back by itself
edit 'set group switches member 198.51.100.10:5060 weight 7\ncommit confirmed 1s\n' >/dev/null || fail 'commit confirmed'
equal 'weight while unconfirmed' "$(weight)" 7
back() {
	[ "$(weight)" = 5 ]
}
lab_wait 5 back || fail 'commit confirmed was not rolled back'
# confirmed in time
edit 'set group switches member 198.51.100.10:5060 weight 8\ncommit confirmed 2s\n' >/dev/null || fail 'commit confirmed'
edit 'commit\n' >/dev/null || fail 'commit that confirms'
! lab_wait 3 back || fail 'rolled back although it was confirmed'
equal 'weight after confirming' "$(weight)" 8
edit 'rollback 1\ncommit\n' >/dev/null || fail 'rollback 1'
back || fail "rollback 1 did not bring 5 back: $(weight)"
lab_spry save >/dev/null || fail save
grep -q 'weight 5' "$smoke_conf" "$LAB_DIR"/state/* 2>/dev/null || fail 'save wrote nothing'
# faults
! edit 'set group switches member 198.51.100.10:5060 weight\n' >"$LAB_DIR/log/fault" 2>&1 || fail 'half a line was accepted'
! edit 'set leg access colour blue\n' >"$LAB_DIR/log/fault" 2>&1 || fail 'an unknown word was accepted'
grep -q 'contact-rewrite' "$LAB_DIR/log/fault" || fail "the words that would fit are not named: $(cat "$LAB_DIR/log/fault")"
! lab_spry show nonsense >"$LAB_DIR/log/fault" 2>&1 || fail 'show nonsense has exit status 0'
# counters
lab_in access ping -q -c 50 -i 0.01 192.0.2.1 >/dev/null || fail ping
[ "$(smoke_way kernel)" -ge 50 ] || fail 'nothing counted'
lab_spry clear counters >/dev/null || fail 'clear counters'
[ "$(smoke_way kernel)" -lt 25 ] || fail 'clear counters did not clear' # neighbours do go on asking
equal 'mode of the socket' "$(stat -c '%a %G' "$LAB_DIR/run/spry.sock")" '660 spry'
# at a terminal: TAB completes, ? lists what fits, a wrong word is pointed at
python3 "$LAB_TOP/tests/smoke/terminal.py" "$LAB_BUILD/control/spry" -r "$LAB_DIR/run" -- \
	'show cou\t' 'nters' '\n' 'accounted: yes' \
	'set leg access ?' 'contact-rewrite' '\nset leg access col\n' "unknown word 'col'" \
	>"$LAB_DIR/log/terminal" 2>&1 || fail "terminal: $(tail -n 1 "$LAB_DIR/log/terminal")"
# one answer a line, however long: those that follow are not taken for answers of the next one
head -c 300000 /dev/zero | tr '\0' x >"$LAB_DIR/long"
printf '\n{"line": "show version"}\n' >>"$LAB_DIR/long"
answers=$(timeout 2 nc -U "$LAB_DIR/run/spry.sock" <"$LAB_DIR/long" || true)
equal 'answers to a long line and a good one' "$(grep -c '"done"' <<<"$answers")" 2
grep -q 'tables  *configuration' <<<"$answers" || fail 'the line after a long one is lost'
# what can't be read or written is no success
status=0
lab_spry -f "$LAB_DIR" >/dev/null 2>&1 || status=$?
equal 'status of -f DIRECTORY' "$status" 2
status=0
lab_spry show counters >/dev/full 2>/dev/null || status=$?
equal 'status with a full standard output' "$status" 2
! printf 'show version\0junk\n' | lab_spry -f - >/dev/null 2>&1 || fail 'a NUL byte ends a line'
