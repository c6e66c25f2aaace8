#include "tests/unit/table/image.h"

#include <pthread.h>

#include "dataplane/base/now.h"
#include "dataplane/table/stats.h"

static void bucket_and_limit_agree(void **state)
{
	(void)state;
	assert_int_equal(stats_latency_bucket(0), 0);
	assert_int_equal(stats_latency_bucket(UINT64_MAX), STATS_LATENCY_BUCKETS - 1);
	for (unsigned b = 0; b < STATS_LATENCY_BUCKETS; b++) {
		uint64_t limit = stats_latency_limit(b);

		assert_int_equal(stats_latency_bucket(limit), b);
		if (b + 1 < STATS_LATENCY_BUCKETS) {
			assert_int_equal(stats_latency_bucket(limit + 1), b + 1);
			// A bucket is at most an eighth of its time wide.
			if (b >= 8)
				assert_true(stats_latency_limit(b + 1) - limit <= limit / 8 + 1);
		}
	}
	assert_true(stats_latency_limit(STATS_LATENCY_BUCKETS - 1) > 10000000000u);
}

static void a_killed_update_is_repaired(void **state)
{
	static struct stats s, copy;

	(void)state;
	memset(&s, 0, sizeof(s));
	stats_update_start(&s);
	s.received += 3;
	s.way[WAY_DROPPED][VERDICT_NOT_SIP] += 1;
	// Here the worker dies: a reader must not take the copy for a consistent one.
	assert_false(stats_read(&s, &copy, 3));
	stats_repair(&s);
	assert_true(stats_read(&s, &copy, 1));
	assert_int_equal(copy.received, 1);
	stats_update_start(&s);
	assert_int_equal(s.sequence % 2, 1);
	stats_update_end(&s);
	assert_true(stats_read(&s, &copy, 1));
}

static void sums_and_differences(void **state)
{
	static struct stats a, b, sum;

	(void)state;
	memset(&sum, 0, sizeof(sum));
	a.received = 10;
	a.way[WAY_FORWARDED][VERDICT_FORWARDED] = 10;
	a.latency[STATS_LATENCY_BUCKETS - 1] = 7;
	b.received = 4;
	b.latency[STATS_LATENCY_BUCKETS - 1] = 2;
	b.leg_sent[63] = 1;
	stats_add(&sum, &a);
	stats_add(&sum, &b);
	assert_int_equal(sum.received, 14);
	assert_int_equal(sum.latency[STATS_LATENCY_BUCKETS - 1], 9);
	assert_int_equal(sum.leg_sent[63], 1);
	stats_subtract(&sum, &b);
	assert_int_equal(sum.received, 10);
	assert_int_equal(sum.leg_sent[63], 0);
	// A base from before the counters began anew changes nothing at all.
	b.received = 1;
	b.leg_sent[63] = 5;
	stats_subtract(&sum, &b);
	assert_int_equal(sum.received, 10);
}

static struct stats shared;
static int stop;

static void *worker(void *arg)
{
	(void)arg;
	for (unsigned i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		stats_update_start(&shared);
		// As other threads read: relaxed stores, so that sanitizers see no race.
		uint64_t *way = &shared.way[WAY_FORWARDED][i % VERDICT_COUNT];
		__atomic_store_n(&shared.received, shared.received + 1, __ATOMIC_RELAXED);
		__atomic_store_n(way, *way + 1, __ATOMIC_RELAXED);
		stats_update_end(&shared);
		// As a burst does between two updates: else no copy would ever be whole.
		for (volatile unsigned spin = 0; spin < 20000; spin = spin + 1)
			;
	}
	return NULL;
}

static void copies_add_up_while_a_worker_writes(void **state)
{
	static struct stats copy;
	pthread_t thread;
	unsigned whole = 0;
	uint64_t last = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, worker, NULL), 0);
	uint64_t give_up = now_ns() + 5000000000u;
	while (whole < 1000 && now_ns() < give_up) {
		uint64_t sum = 0;

		// Only copies made while the worker runs count.
		if (!stats_read(&shared, &copy, 10) || copy.received == last)
			continue;
		last = copy.received;
		for (unsigned k = 0; k < VERDICT_COUNT; k++)
			sum += copy.way[WAY_FORWARDED][k];
		assert_int_equal(copy.received, sum);
		whole++;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_true(stats_read(&shared, &copy, 1));
	assert_true(whole >= 20); // a busy machine has no time for more
}

static void rows_have_names(void **state)
{
	(void)state;
	assert_string_equal(stats_row[STATS_SLEEPS].name, "sleeps");
	assert_string_equal(stage_name[STAGE_REWRITE], "rewrite");
	for (unsigned i = 0; i < STATS_COUNT; i++)
		assert_true(stats_row[i].text != NULL && stats_row[i].name != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bucket_and_limit_agree),
	        cmocka_unit_test(a_killed_update_is_repaired),
	        cmocka_unit_test(sums_and_differences),
	        cmocka_unit_test(copies_add_up_while_a_worker_writes),
	        cmocka_unit_test(rows_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
