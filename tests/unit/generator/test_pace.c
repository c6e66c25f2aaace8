#include "tests/unit/unit.h"

#include "dataplane/generator/pace.h"

enum { HZ = 1000000000 };

static void exact_over_time(void **state)
{
	struct pace p;
	uint64_t behind = 0, sent = 0;

	(void)state;
	pace_start(&p, 333333, HZ, 5);
	for (uint64_t tsc = 5; tsc <= 5 + (uint64_t)HZ; tsc += 1250) { // a second
		const uint64_t n = pace_due(&p, tsc, &behind);

		assert_true(n <= 1);
		pace_sent(&p, n);
		sent += n;
	}
	assert_int_equal(sent, 333333);
	assert_int_equal(behind, 0);
}

static void what_was_not_sent_stays_due(void **state)
{
	struct pace p;
	uint64_t behind = 0;

	(void)state;
	pace_start(&p, 1000000, HZ, 0);
	assert_int_equal(pace_due(&p, 100000, &behind), 100);
	pace_sent(&p, 32);
	assert_int_equal(pace_due(&p, 100000, &behind), 68);
	assert_int_equal(behind, 0);
}

// After a break no burst makes up for all of it.
static void a_break_is_not_made_up_for(void **state)
{
	struct pace p;
	uint64_t behind = 0;

	(void)state;
	pace_start(&p, 1000000, HZ, 0);
	assert_int_equal(pace_due(&p, HZ / 2, &behind), 1064);
	assert_int_equal(behind, 500000 - 1064);
	assert_int_equal(pace_due(&p, HZ / 2, &behind), 1064);
	// however long it was
	pace_start(&p, 1000000000, HZ, 0);
	assert_int_equal(pace_due(&p, UINT64_C(3600) * HZ, &behind), 1000064);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(exact_over_time),
	        cmocka_unit_test(what_was_not_sent_stays_due),
	        cmocka_unit_test(a_break_is_not_made_up_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
