// Rates: never more than was allowed in any window, and what was used up comes back.
#include "dataplane/live/bucket.h"
#include "tests/unit/unit.h"

static const uint64_t who = 0x0123456789abcdef, other = 0xfedcba9876543210;

static unsigned take_all(struct bucket *b, uint64_t whom, uint64_t now_ms)
{
	unsigned n = 0;

	for (; n < 1000 && !bucket_full(b, whom, now_ms); n++)
		bucket_take(b, whom, now_ms);
	return n;
}

static void the_burst_and_then_one_each_period(void **state)
{
	struct bucket *b = malloc(sizeof(*b));
	unsigned n = 0;

	(void)state;
	bucket_init(b, 200, 5);
	assert_false(bucket_used(b, who, 1000));
	assert_int_equal(take_all(b, who, 1000), 5);
	assert_true(bucket_used(b, who, 1000));
	assert_false(bucket_full(b, other, 1000));
	assert_int_equal(take_all(b, who, 1199), 0);
	assert_int_equal(take_all(b, who, 1200), 1);
	for (uint64_t t = 1201; t <= 11200; t++)
		n += take_all(b, who, t);
	assert_int_equal(n, 50);
	assert_false(bucket_used(b, who, 100000));
	assert_int_equal(take_all(b, who, 100000), 5);
	free(b);
}

static void zero_is_one(void **state)
{
	struct bucket *b = malloc(sizeof(*b));

	(void)state;
	bucket_init(b, 0, 0);
	assert_int_equal(take_all(b, who, 5), 1);
	assert_int_equal(take_all(b, who, 6), 1);
	free(b);
}

// Many that took all they may do not use up what a few others have.
static void a_crowd_leaves_others_alone(void **state)
{
	struct bucket *b = malloc(sizeof(*b));
	uint64_t x = 88172645463325252ull;
	unsigned full = 0;

	(void)state;
	bucket_init(b, 200, 5);
	for (unsigned i = 0; i < 500; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		take_all(b, x, 1000);
	}
	for (unsigned i = 0; i < 1000; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		full += bucket_full(b, x, 1000);
	}
	assert_true(full < 20); // (500 / 8192)^2 of 1000 is 4
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_burst_and_then_one_each_period),
	        cmocka_unit_test(zero_is_one),
	        cmocka_unit_test(a_crowd_leaves_others_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
