// command: finding the row of a line, where errors point, completion.
#include "tests/unit/config/trees.h"

#include "control/command.h"
#include "control/state.h"

static struct control control;

struct answer {
	int status, column;
	char error[480], text[4000];
};

static struct answer ask(const char *line)
{
	struct command_call call = {.control = &control, .who = "eve", .out = evbuffer_new()};
	struct answer a;
	int n;

	assert_int_equal(command_run(&call, str_of(line)), COMMAND_DONE);
	a.status = call.status;
	a.column = call.error.column;
	memcpy(a.error, call.error.text, sizeof(a.error));
	n = evbuffer_remove(call.out, a.text, sizeof(a.text) - 1);
	a.text[n > 0 ? n : 0] = '\0';
	evbuffer_free(call.out);
	return a;
}

static void refused(const char *line, int column, const char *says)
{
	struct answer a = ask(line);

	assert_int_equal(a.status, 1);
	assert_int_equal(a.column, column);
	if (strstr(a.error, says) == NULL)
		fail_msg("'%s' says '%s', not '%s'", line, a.error, says);
}

static void nothing_is_well(void **state)
{
	(void)state;
	assert_int_equal(ask("").status, 0);
	assert_int_equal(ask("   # a comment").status, 0);
}

static void whole_and_abbreviated(void **state)
{
	(void)state;
	assert_string_equal(ask("show config").text, "set leg a dscp 1\n");
	assert_string_equal(ask("sh conf").text, "set leg a dscp 1\n");
	assert_int_equal(ask("set leg a dscp 2").status, 0);
	assert_string_equal(ask("diff").text, "- set leg a dscp 1\n+ set leg a dscp 2\n");
	assert_string_equal(ask("show config candidate").text, "set leg a dscp 2\n");
	assert_int_equal(ask("disc").status, 0);
	assert_string_equal(ask("diff").text, "");
}

static void errors_point_at_the_word(void **state)
{
	(void)state;
	refused("frog", 1, "unknown \"frog\"");
	refused("show frog", 6, "unknown \"frog\", expected one of: config");
	refused("  show   co", 10, "ambiguous \"co\", expected one of: config, counters");
	refused("show", 5, "expected one of: config");
	refused("s", 1, "ambiguous");
	refused("set leg a frog 1", 11, "frog");
	refused("set leg a dscp 64", 16, "0 to 63");
	refused("set leg a dscp", 15, "");
	refused("commit confirmed frog", 18, "minutes");
	refused("commit confirmed", 17, "minutes");
	refused("commit confirmed 0", 18, "minutes");
	refused("rollback 51", 10, "0 to 50");
	refused("discard now", 9, "end of the line");
	refused("show config frog", 13, "candidate");
	refused("set leg 'a", 9, "quote");
}

static void rollback_needs_a_commit(void **state)
{
	(void)state;
	refused("rollback 7", 0, "only 0 commits");
}

struct words {
	char text[4000];
};

static void found(void *arg, const char *word, const char *help, bool placeholder)
{
	struct words *w = arg;
	size_t at = strlen(w->text);

	(void)help, (void)placeholder;
	snprintf(w->text + at, sizeof(w->text) - at, "%s ", word);
}

static void completes(const char *line, const char *words, int from)
{
	struct words w = {.text = ""};

	assert_int_equal(command_complete(&control, str_of(line), found, &w), from);
	assert_string_equal(w.text, words);
}

static void completion(void **state)
{
	(void)state;
	completes("sh", "show ", 1);
	completes("show co", "config counters ", 6);
	completes("show config ", "candidate running rollback json ", 13);
	completes("commit ", "confirmed ", 8);
	completes("show leg ", "json ", 10);
	completes("set leg a ds", "dscp ", 11);
	completes("frog ", "", 6);
}

static int make_state(void **state)
{
	(void)state;
	control.state.running = tree_of("set leg a dscp 1\n");
	control.state.candidate = tree_copy(control.state.running);
	return control.state.candidate != NULL ? 0 : -1;
}

static int free_state(void **state)
{
	(void)state;
	state_fini(&control.state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_well),
	        cmocka_unit_test(whole_and_abbreviated),
	        cmocka_unit_test(errors_point_at_the_word),
	        cmocka_unit_test(rollback_needs_a_commit),
	        cmocka_unit_test(completion),
	};

	return cmocka_run_group_tests(tests, make_state, free_state);
}
