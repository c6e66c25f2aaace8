// now: the clock counts nanoseconds, and only forward.
#include "tests/unit/unit.h"

#include <time.h>

#include "dataplane/base/now.h"

static void monotonic(void **state)
{
	struct timespec t;
	uint64_t before = now_ns(), after;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &t);
	after = now_ns();
	assert_true(before > 0);
	assert_in_range((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec, before, after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(monotonic)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
