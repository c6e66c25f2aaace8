// state: candidate, history on disk, rollback, and what is left after a crash.
#include "tests/unit/config/trees.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "config/text.h"
#include "control/storage.h"
#include "control/state.h"

static char dir[] = "/tmp/spry-test-state-XXXXXX";
static char file[64];

static void must(int rc, const struct error *e)
{
	if (rc != 0)
		fail_msg("%s", e->text);
}

static void open_state(struct state *s)
{
	struct error e = {0};

	must(state_init(s, dir, file, &e), &e);
}

static void ran(struct state *s, const char *text, const char *who)
{
	struct error e = {0};

	must(state_ran(s, tree_of(text), who, false, &e), &e);
}

static void set(struct state *s, const char *line)
{
	struct str words[32];
	char room[256];
	int columns[32], n;
	struct error e = {0};

	n = text_words(str_of(line), words, columns, 32, room, &e);
	must(n > 0 ? state_set(s, words, (unsigned)n, &e) : -1, &e);
}

static void is(const struct tree *t, const char *text)
{
	char *is_text = text_write(t, true);

	assert_string_equal(is_text, text);
	free(is_text);
}

#define LINE(n) "set leg a dscp " #n "\n"

static int empty_dir(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	(void)state;
	while (d != NULL && (entry = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), entry->d_name, 0);
	return d != NULL ? closedir(d) : 0;
}

static void candidate_differs_until_discarded(void **state)
{
	struct error e = {0};
	struct state s;

	(void)state;
	open_state(&s);
	ran(&s, LINE(1), NULL);
	assert_false(state_differs(&s));
	set(&s, "leg a dscp 2");
	assert_true(state_differs(&s));
	set(&s, "leg a dscp 1");
	assert_false(state_differs(&s));
	set(&s, "leg a dscp 3");
	must(state_discard(&s, &e), &e);
	assert_false(state_differs(&s));
	is(s.candidate, LINE(1));
	state_fini(&s);
}

static void rollback_finds_what_ran(void **state)
{
	struct error e = {0};
	struct state s;

	(void)state;
	open_state(&s);
	ran(&s, LINE(1), NULL);
	ran(&s, LINE(2), "eve");
	ran(&s, LINE(3), "eve");
	state_fini(&s);
	open_state(&s); // the history is on disk
	ran(&s, LINE(3), NULL);
	assert_int_equal(s.n_commits, 3); // the boot was nothing new
	must(state_rollback(&s, 1, &e), &e);
	is(s.candidate, LINE(2));
	must(state_rollback(&s, 2, &e), &e);
	is(s.candidate, LINE(1));
	assert_int_equal(state_rollback(&s, 3, &e), -1);
	is(s.candidate, LINE(1));
	must(state_rollback(&s, 0, &e), &e);
	is(s.candidate, LINE(3));
	assert_non_null(strstr(s.commit[0].header, "eve"));
	state_fini(&s);
}

static void history_is_bounded(void **state)
{
	unsigned files = 0;
	struct dirent *entry;
	struct state s;
	char text[64];
	DIR *d;

	(void)state;
	open_state(&s);
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "set leg a dscp %d\n", i);
		ran(&s, text, "eve");
	}
	assert_int_equal(s.n_commits, STATE_HISTORY + 1);
	assert_int_equal(s.commit[0].serial, 60);
	assert_string_equal(s.commit[STATE_HISTORY].text, LINE(9));
	state_fini(&s);
	d = opendir(dir);
	while ((entry = readdir(d)) != NULL)
		files += strncmp(entry->d_name, "commit-", 7) == 0;
	closedir(d);
	assert_int_equal(files, STATE_HISTORY + 1);
	open_state(&s);
	assert_int_equal(s.n_commits, STATE_HISTORY + 1);
	assert_int_equal(s.commit[0].serial, 60);
	state_fini(&s);
}

static void a_crash_keeps_the_commit(void **state)
{
	struct error e = {0};
	bool rolled_back;
	struct tree *t;
	struct state s;

	(void)state;
	open_state(&s);
	assert_null(state_recover(&s, &rolled_back, &e));
	ran(&s, LINE(1), NULL);
	ran(&s, LINE(2), "eve");
	state_fini(&s);
	open_state(&s);
	t = state_recover(&s, &rolled_back, &e);
	is(t, LINE(2));
	assert_false(rolled_back);
	tree_destroy(t);
	// Another file's configuration is not ours.
	snprintf(s.file, sizeof(s.file), "/elsewhere");
	assert_null(state_recover(&s, &rolled_back, &e));
	state_fini(&s);
}

static void a_crash_undoes_what_was_not_confirmed(void **state)
{
	struct error e = {0};
	bool rolled_back;
	struct tree *t;
	struct state s;

	(void)state;
	open_state(&s);
	ran(&s, LINE(1), NULL);
	must(state_confirm_begin(&s, &e), &e);
	ran(&s, LINE(2), "eve");
	state_fini(&s);
	open_state(&s);
	t = state_recover(&s, &rolled_back, &e);
	is(t, LINE(1));
	assert_true(rolled_back);
	tree_destroy(t);
	t = state_recover(&s, &rolled_back, &e); // a crash while it goes back changes nothing
	is(t, LINE(1));
	assert_true(rolled_back);
	tree_destroy(t);
	state_confirm_end(&s);
	t = state_recover(&s, &rolled_back, &e);
	is(t, LINE(2));
	assert_false(rolled_back);
	tree_destroy(t);
	state_fini(&s);
}

static void what_was_written_ahead_counts_when_it_ran(void **state)
{
	struct error e = {0};
	bool rolled_back;
	struct tree *t, *next = tree_of(LINE(2));
	struct state s;

	(void)state;
	open_state(&s);
	ran(&s, LINE(1), NULL);
	must(state_ahead(&s, next, &e), &e);
	t = state_recover(&s, &rolled_back, &e); // it never ran
	is(t, LINE(1));
	tree_destroy(t);
	must(state_ran(&s, next, "eve", false, &e), &e);
	t = state_recover(&s, &rolled_back, &e);
	is(t, LINE(2));
	tree_destroy(t);
	next = tree_of(LINE(3));
	must(state_ahead(&s, next, &e), &e);
	state_ahead_end(&s); // refused
	tree_destroy(next);
	ran(&s, LINE(1), "bob"); // without writing ahead: as at boot
	t = state_recover(&s, &rolled_back, &e);
	is(t, LINE(1));
	tree_destroy(t);
	state_fini(&s);
}

static void save_writes_what_runs(void **state)
{
	struct error e = {0};
	struct state s;
	char *text;
	size_t len;

	(void)state;
	open_state(&s);
	ran(&s, LINE(1), NULL);
	set(&s, "leg a dscp 2");
	must(state_save(&s, &e), &e);
	text = storage_read(file, &len, &e);
	assert_string_equal(text, LINE(1));
	free(text);
	snprintf(s.file, sizeof(s.file), "%s/no/such/file", dir);
	assert_int_equal(state_save(&s, &e), -1);
	assert_non_null(strstr(e.text, "no/such"));
	state_fini(&s);
}

static void says_who_else_edits(void **state)
{
	char other[64];
	struct state s;

	(void)state;
	open_state(&s);
	ran(&s, LINE(1), NULL);
	assert_null(state_edit(&s, "eve", other, sizeof(other)));
	set(&s, "leg a dscp 2");
	assert_null(state_edit(&s, "eve", other, sizeof(other)));
	assert_string_equal(state_edit(&s, "bob", other, sizeof(other)), "eve");
	state_edit_end(&s, "bob");
	assert_null(state_edit(&s, "eve", other, sizeof(other)));
	state_fini(&s);
}

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/spry.conf", dir);
	return 0;
}

static int remove_dir(void **state)
{
	return empty_dir(state) == 0 ? rmdir(dir) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(candidate_differs_until_discarded, empty_dir),
	        cmocka_unit_test_setup(rollback_finds_what_ran, empty_dir),
	        cmocka_unit_test_setup(history_is_bounded, empty_dir),
	        cmocka_unit_test_setup(a_crash_keeps_the_commit, empty_dir),
	        cmocka_unit_test_setup(a_crash_undoes_what_was_not_confirmed, empty_dir),
	        cmocka_unit_test_setup(what_was_written_ahead_counts_when_it_ran, empty_dir),
	        cmocka_unit_test_setup(what_was_written_ahead_counts_when_it_ran, empty_dir),
	        cmocka_unit_test_setup(save_writes_what_runs, empty_dir),
	        cmocka_unit_test_setup(says_who_else_edits, empty_dir),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
