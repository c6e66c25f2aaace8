// Measured processes: they start, say what they say, and are surely gone.
#include "tools/bench/child.h"

#include <signal.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct child c;

static void not_there(void **state)
{
	(void)state;
	static const char *const words[] = {"/nonexistent/program", NULL};
	struct error e = {0};

	assert_int_equal(child_start(&c, &(struct child_plan){.argv = words, .core = -1}, &e), -1);
	assert_string_equal(e.text, "/nonexistent/program: No such file or directory");
	assert_int_equal(c.pid, 0);
}

static void last_words(void **state)
{
	static const char *const words[] = {
	        "sh", "-c", "echo first; echo last >&2; echo; exit 3", NULL};
	char log[] = "/tmp/spry-test-words-XXXXXX", text[200] = "x";
	const struct child_plan plan = {.argv = words, .core = -1, .log = log};

	(void)state;
	close(mkstemp(log));
	assert_int_equal(child_start(&c, &plan, NULL), 0);
	for (int i = 0; i < 1000 && child_alive(&c); i++)
		usleep(5000);
	child_end(&c, 0);
	child_last_words(log, text);
	unlink(log);
	assert_string_equal(text, "last");
	child_last_words(log, text); // there is no such file any more
	assert_string_equal(text, "");
}

// It ignores SIGTERM, so it is killed, and its own child with it.
static void killed(void **state)
{
	(void)state;
	static const char script[] = "trap '' TERM; sleep 5 & echo $!; wait; wait; printf gone";
	static const char *const words[] = {"sh", "-c", script, NULL};
	char unused[16];

	assert_int_equal(
	        child_start(
	                &c, &(struct child_plan){.argv = words, .core = 0, .talks = true}, NULL),
	        0);
	assert_true(read(c.out, unused, sizeof(unused)) > 0);
	assert_true(child_alive(&c));
	child_end(&c, 50);
	assert_false(child_alive(&c));
}

static int seven(void *arg)
{
	return arg != NULL ? 7 : 0;
}

// Ends when the signal that was sent to its parent comes to it.
static volatile sig_atomic_t got;

static void take(int number)
{
	got = number;
}

static int waits(void *arg)
{
	(void)arg;
	kill(getppid(), SIGTERM);
	for (int i = 0; i < 1000 && got == 0; i++)
		usleep(5000);
	return got == SIGTERM && getsid(0) == getpid() ? 9 : 1;
}

static void session(void **state)
{
	(void)state;
	assert_int_equal(child_session(seven, &c), 7);
	assert_int_equal(child_session(seven, NULL), 0);
	signal(SIGTERM, take);
	assert_int_equal(child_session(waits, NULL), 9);
	signal(SIGTERM, SIG_DFL);
	assert_int_equal(got, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(not_there),
	        cmocka_unit_test(last_words),
	        cmocka_unit_test(killed),
	        cmocka_unit_test(session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
