// The kernel's account of a process: its text, families, and who worked.
#include "tools/bench/cpu_time.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void parses(void **state)
{
	(void)state;
	struct cpu_time t;

	// a name with a blank and a parenthesis in it, 250 ticks of user and 30 of system
	assert_true(
	        cpu_time_parse(STR("4711 (a) b) S 12 4711 0 0 -1 4194560 5 0 0 0 250 30 7 8 20 0"),
	                STR("2812345678 99 1234\n"), 100, &t));
	assert_int_equal(t.parent, 12);
	assert_int_equal(t.user_ns, 2500000000);
	assert_int_equal(t.system_ns, 300000000);
	assert_int_equal(t.total_ns, 2812345678);
}

static void ticks_without_schedstat(void **state)
{
	(void)state;
	struct cpu_time t;

	assert_true(
	        cpu_time_parse(STR("1 (x) R 2 3 4 5 6 7 8 9 10 11 12 13 14"), STR_NONE, 100, &t));
	assert_int_equal(t.total_ns, 250000000);
	assert_true(cpu_time_parse(
	        STR("1 (x) R 2 3 4 5 6 7 8 9 10 11 12 13 14"), STR("0 0 0"), 100, &t));
	assert_int_equal(t.total_ns, 250000000);
}

static void refuses(void **state)
{
	(void)state;
	struct cpu_time t;

	assert_false(cpu_time_parse(STR_NONE, STR_NONE, 100, &t));
	assert_false(cpu_time_parse(STR("1 (x"), STR_NONE, 100, &t));
	assert_false(cpu_time_parse(STR("1 (x) R"), STR_NONE, 100, &t));
	assert_false(cpu_time_parse(STR("1 (x) R 2 3 4 5 6 7 8 9 10 11 12"), STR_NONE, 100, &t));
	assert_false(cpu_time_parse(STR("1 (x) R 2 3 4 5 6 7 8 9 10 11 y 13"), STR_NONE, 100, &t));
	assert_false(
	        cpu_time_parse(STR("1 (x) R 2 3 4 5 6 7 8 9 10 11 12 13 14"), STR_NONE, 0, &t));
}

// Ends with us, whatever ends us.
static pid_t child(bool works)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (works) {
		for (volatile uint64_t n = 0;; n++)
			;
	}
	pause();
	_exit(0);
}

// A child that works until it is ended, beside one that waits.
static void the_busiest(void **state)
{
	const pid_t waits = child(false), works = child(true);
	struct cpu_time_family before, after;
	struct cpu_time used = {0};

	(void)state;
	cpu_time_family(getpid(), &before);
	// on a busy machine our own looking around may be more work at first
	for (int i = 0; i < 400 && (used.total_ns < 20000000 || used.parent != getpid()); i++) {
		usleep(50000);
		cpu_time_family(getpid(), &after);
		used = cpu_time_busiest(&before, &after);
	}
	kill(waits, SIGKILL);
	kill(works, SIGKILL);
	waitpid(waits, NULL, 0);
	waitpid(works, NULL, 0);
	assert_int_equal(before.n, 3);
	assert_int_equal(before.pid[0], getpid());
	assert_true(used.total_ns >= 20000000);
	assert_int_equal(used.parent, getpid());
}

static void nobody(void **state)
{
	(void)state;
	struct cpu_time_family f;
	struct cpu_time t;

	assert_false(cpu_time_of(0, &t));
	cpu_time_family(0, &f);
	assert_int_equal(f.n, 0);
	assert_int_equal(cpu_time_busiest(&f, &f).total_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(parses),
	        cmocka_unit_test(ticks_without_schedstat),
	        cmocka_unit_test(refuses),
	        cmocka_unit_test(the_busiest),
	        cmocka_unit_test(nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
