// Rates: how many pass, when there is room again, and that a flood in many names costs no memory
// and nobody for long.
#include "tests/unit/unit.h"

#include "dataplane/base/hash.h"
#include "dataplane/live/rate.h"

static const struct hash_key key = {5, 6};

static unsigned taken(struct rate_sketch *s, uint64_t who, const struct rate *r, uint64_t now)
{
	unsigned n = 0;

	while (n < 10000 && rate_take(s, who, r, now))
		n++;
	return n;
}

static struct rate_sketch *sketch(void)
{
	struct rate_sketch *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	return s;
}

static void burst_then_rate(void **state)
{
	const struct rate r = rate_of(10, 1000, 4);
	struct rate_sketch *s = sketch();
	unsigned n = 0;

	(void)state;
	assert_int_equal(r.period, 100);
	assert_int_equal(taken(s, 77, &r, 5000), 4);
	assert_int_equal(taken(s, 77, &r, 5099), 0);
	assert_int_equal(taken(s, 77, &r, 5100), 1);
	assert_int_equal(taken(s, 77, &r, 5300), 2);
	for (uint64_t now = 10000; now < 20000; now++) // asked for far too often
		n += rate_take(s, 77, &r, now);
	assert_in_range(n, 100, 104);
	assert_int_equal(taken(s, 77, &r, 900000), 4); // never more than the burst
	free(s);
}

static void bounds(void **state)
{
	const struct rate fast = rate_of(5000, 1000, 1), one = rate_of(1, 1000, 1);
	uint64_t clock = 0;

	(void)state;
	assert_int_equal(fast.period, 1);
	assert_true(rate_take_clock(&clock, &one, 10));
	assert_false(rate_take_clock(&clock, &one, 1009));
	assert_true(rate_take_clock(&clock, &one, 1010));
	clock = UINT64_MAX / 2; // of another rate: it does not lock out for ever
	assert_false(rate_take_clock(&clock, &one, 10));
	clock = 10 + 2000; // two periods ahead counts as one
	assert_false(rate_take_clock(&clock, &one, 10));
}

// The flood is over: who was named in it is served again within a burst's time.
static void forged_flood_is_forgotten(void **state)
{
	const struct rate r = rate_of(200, 1000000, 400);
	struct rate_sketch *s = sketch();
	const uint64_t victim = hash_13(key, "victim", 6);
	uint64_t now = 1000000;

	(void)state;
	for (unsigned i = 0; i < 2000000; i++, now++) {
		uint64_t forged = hash_13(key, &i, sizeof(i));

		rate_take(s, i % 2 == 0 ? forged : victim, &r, now);
	}
	now += 1000000;
	assert_in_range(taken(s, victim, &r, now), 190, 400);
	free(s);
}

// As many honest sources as there may be: few lose anything to their neighbours in the sketch.
static void crowd_is_served(void **state)
{
	const struct rate r = rate_of(10, 1000, 20);
	struct rate_sketch *s = sketch();
	unsigned refused = 0;

	(void)state;
	for (unsigned turn = 0; turn < 10; turn++)
		for (uint32_t i = 0; i < 10000; i++)
			refused +=
			        !rate_take(s, hash_13(key, &i, sizeof(i)), &r, 1000 + 100 * turn);
	assert_in_range(refused, 0, 100);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(burst_then_rate),
	        cmocka_unit_test(bounds),
	        cmocka_unit_test(forged_flood_is_forgotten),
	        cmocka_unit_test(crowd_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
