// The level: grows while every turn finds whole bursts, falls when it does not, stays in bounds.
#include "tests/unit/unit.h"

#include "dataplane/live/load.h"

enum { SPAN = 1000, TURN = 100 };

static uint64_t now;

// Spans of ten turns, `full` of each with a whole burst. How many were behind.
static unsigned spans(struct load *l, unsigned n, unsigned full)
{
	unsigned behind = 0;

	for (unsigned i = 0; i < n * SPAN / TURN; i++) {
		now += TURN;
		l->rx_full = i % (SPAN / TURN) < full;
		behind += load_turn(l, now, SPAN);
	}
	return behind;
}

static void grows_and_falls(void **state)
{
	struct load l = {.since = now};

	(void)state;
	assert_int_equal(spans(&l, 3, 10), 3);
	assert_int_equal(l.level, 3 * LOAD_UP);
	assert_false(l.rx_full);
	assert_int_equal(spans(&l, 2, 8), 0); // now and then it catches up
	assert_int_equal(l.level, 3 * LOAD_UP - 2 * LOAD_DOWN);
	assert_int_equal(spans(&l, 1, 9), 1);
	assert_int_equal(spans(&l, 100, 0), 0);
	assert_int_equal(l.level, 0);
	assert_int_equal(spans(&l, 100, 10), 100);
	assert_int_equal(l.level, LOAD_MOST);
}

// Too few turns to tell: a worker that was away.
static void a_single_turn_says_nothing(void **state)
{
	struct load l = {.since = now};

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		now += 5 * SPAN;
		l.rx_full = true;
		assert_false(load_turn(&l, now, SPAN));
	}
	assert_int_equal(l.level, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(grows_and_falls),
	        cmocka_unit_test(a_single_turn_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
