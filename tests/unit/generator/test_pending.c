#include "tests/unit/unit.h"

#include "dataplane/generator/pending.h"

static struct pending p;
static uint64_t lost;

static int empty(void **state)
{
	(void)state;
	memset(&p, 0, sizeof(p));
	lost = 0;
	return 0;
}

static void each_once(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 3 * PENDING_BLOCK; i++)
		assert_int_equal(pending_add(&p, 1000 + i, &lost), i);
	assert_int_equal(p.count, 3 * PENDING_BLOCK);
	for (uint64_t i = 0; i < 3 * PENDING_BLOCK; i += 3) {
		assert_int_equal(pending_take(&p, i), PENDING_MATCHED);
		assert_int_equal(pending_take(&p, i), PENDING_TWICE);
	}
	assert_int_equal(p.count, 2 * PENDING_BLOCK);
	assert_int_equal(pending_take(&p, 3 * PENDING_BLOCK), PENDING_NEVER);
	assert_int_equal(lost, 0);
}

static void time_is_over(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 2 * PENDING_BLOCK + 10; i++)
		pending_add(&p, 1000 + i, &lost);
	assert_int_equal(pending_take(&p, 5), PENDING_MATCHED);
	assert_int_equal(pending_sweep(&p, 1000), 0);
	// the first block is over when the second one's first message is
	assert_int_equal(pending_sweep(&p, 1000 + PENDING_BLOCK), 0);
	assert_int_equal(pending_sweep(&p, 1001 + PENDING_BLOCK), PENDING_BLOCK - 1);
	assert_int_equal(pending_take(&p, 5), PENDING_LATE);
	assert_int_equal(pending_take(&p, PENDING_BLOCK), PENDING_MATCHED);
	// all that is left, also of a block that is not full
	assert_int_equal(pending_sweep(&p, 1000000), PENDING_BLOCK - 1 + 10);
	assert_int_equal(p.count, 0);
	assert_int_equal(pending_take(&p, 2 * PENDING_BLOCK), PENDING_LATE);
	assert_int_equal(pending_add(&p, 2000000, &lost), 3 * PENDING_BLOCK);
	assert_int_equal(p.count, 1);
}

// Few messages: their block ends by the clock.
static void slow(void **state)
{
	const uint64_t step = (uint64_t)PENDING_SPAN_TSC + 1;

	(void)state;
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(pending_add(&p, (i + 1) * step, &lost), i * PENDING_BLOCK);
	assert_int_equal(pending_sweep(&p, 6 * step), 4);
	assert_int_equal(p.count, 6);
}

static void overrun(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < PENDING_WINDOW; i++)
		pending_add(&p, 1, &lost);
	assert_int_equal(lost, 0);
	pending_add(&p, 1, &lost);
	assert_int_equal(lost, PENDING_BLOCK);
	assert_int_equal(p.count, PENDING_WINDOW - PENDING_BLOCK + 1);
	assert_int_equal(pending_take(&p, 0), PENDING_LATE);
	assert_int_equal(pending_take(&p, PENDING_WINDOW), PENDING_MATCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(each_once, empty),
	        cmocka_unit_test_setup(time_is_over, empty),
	        cmocka_unit_test_setup(slow, empty),
	        cmocka_unit_test_setup(overrun, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
