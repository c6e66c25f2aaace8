// Lines of the interactive mode: settings, errors that name the word, nothing starts by them.
#include "tools/bench/session.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static struct session s;

static int setup(void **state)
{
	struct measure_wish w;

	(void)state;
	measure_default(&w);
	session_init(&s, &w);
	return 0;
}

// The line's result; what it prints goes to *said (free it), what is wrong to e.
static int line(const char *text, char **said, struct error *e)
{
	size_t len;
	FILE *out = open_memstream(said, &len);
	int rc;

	*e = (struct error){0};
	rc = session_line(&s, text, out, e);
	fclose(out);
	return rc;
}

static void good(const char *text)
{
	struct error e;
	char *said;

	if (line(text, &said, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	free(said);
}

static void bad(const char *text, const char *names)
{
	struct error e;
	char *said;

	assert_int_equal(line(text, &said, &e), -1);
	if (strstr(e.text, names) == NULL)
		fail_msg("%s: \"%s\" does not name %s", text, e.text, names);
	free(said);
}

static void settings(void **state)
{
	(void)state;
	good("set rate 1000000");
	good("  set size   550 # a comment");
	good("set users 1000");
	good("set in-flight 512");
	good("set engine uac");
	good("set bindings 1e6");
	good("");
	good("# nothing");
	assert_true(s.rate == 1e6);
	assert_int_equal(s.wish.size, 550);
	assert_int_equal(s.users, 1000);
	assert_int_equal(s.in_flight, 512);
	assert_int_equal(s.wish.bindings, 1000000);
	assert_string_equal(s.wish.pair.engine, "uac");
	assert_true(s.changed);
	assert_false(s.there);
}

static void a_mix(void **state)
{
	(void)state;
	good("set mix invite 1 options 2");
	assert_true(s.mixed);
	assert_int_equal(s.weight[BENCH_INVITE], 1);
	assert_int_equal(s.weight[BENCH_OPTIONS], 2);
	assert_int_equal(s.weight[BENCH_DIALOG], 0);
	good("set mix dialog junk 10");
	assert_int_equal(s.weight[BENCH_INVITE], 0);
	assert_int_equal(s.weight[BENCH_DIALOG], 1);
	assert_int_equal(s.weight[BENCH_JUNK], 10);
	bad("set mix invite 1 subscribe 2", "subscribe");
	bad("set mix 7", "7");
	bad("set mix invite 1 2", "2");
	bad("set mix invite 70000", "70000");
	assert_int_equal(s.weight[BENCH_JUNK], 10);
	good("set scenario options"); // has a mix of its own
	assert_false(s.mixed);
}

static void errors_name_the_word(void **state)
{
	(void)state;
	bad("sett rate 1", "sett");
	bad("set rat 1", "rat");
	bad("set rate", "N is missing");
	bad("set rate 1 2", "\"2\"");
	bad("set rate many", "many");
	bad("set rate -1", "-1");
	bad("set rate 1x", "1x");
	bad("set size 20", "20");
	bad("set size 20000", "20000");
	bad("set engine proxy", "proxy");
	bad("set scenario nothing", "nothing");
	bad("set", "set");
	bad("show port stats", "stats");
	bad("stop", "stop");
	bad("clear", "clear");
	bad("show latency", "started");
}

static void too_long_lines_are_refused(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	bad(text, "too long");
	for (unsigned i = 0; i < 200; i += 2)
		memcpy(text + i, "a ", 2);
	text[200] = '\0';
	bad(text, "too many");
}

static void config_shows_what_was_set(void **state)
{
	struct error e;
	char *said;

	(void)state;
	good("set scenario invite-location");
	good("set rate 12345");
	good("set bindings 5000");
	assert_int_equal(line("show config", &said, &e), 0);
	assert_non_null(strstr(said, "invite-location"));
	assert_non_null(strstr(said, "12345/s"));
	assert_non_null(strstr(said, "5000"));
	assert_non_null(strstr(said, "not started"));
	free(said);
}

static void quit_ends(void **state)
{
	struct error e;
	char *said;

	(void)state;
	assert_int_equal(line("quit", &said, &e), 1);
	free(said);
	assert_int_equal(line("exit", &said, &e), 1);
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(settings, setup),
	        cmocka_unit_test_setup(a_mix, setup),
	        cmocka_unit_test_setup(errors_name_the_word, setup),
	        cmocka_unit_test_setup(too_long_lines_are_refused, setup),
	        cmocka_unit_test_setup(config_shows_what_was_set, setup),
	        cmocka_unit_test_setup(quit_ends, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
