#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataplane/table/bench.h"

static char dir[] = "/tmp/test_bench_XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/bench", mkdtemp(dir));
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void both_see_it(void **state)
{
	struct error e = {0};

	(void)state;
	assert_null(bench_attach(dir, &e));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(e.text, "/bench: "));
	struct bench *a = bench_create(dir, &e), *b = bench_attach(dir, &e);
	assert_non_null(a);
	assert_non_null(b);
	a->order.rate = 7;
	assert_int_equal(bench_order_give(a), 1);
	assert_int_equal(b->order.rate, 7);
	assert_int_equal(atomic_load(&b->given), 1);
	assert_false(bench_order_taken(a, 2));
	atomic_store(&b->stats[0].acknowledged, 1);
	assert_false(bench_order_taken(a, 2));
	assert_true(bench_order_taken(a, 1));
	atomic_store(&b->stats[1].acknowledged, 1);
	assert_true(bench_order_taken(a, 2));
	assert_int_equal(bench_order_give(a), 2);
	assert_false(bench_order_taken(a, 2));
	bench_detach(a);
	a = bench_create(dir, &e); // the one that is there
	assert_int_equal(atomic_load(&a->given), 2);
	bench_detach(a);
	bench_detach(b);
}

static void another_layout_is_refused(void **state)
{
	struct error e = {0};
	struct bench *b = bench_create(dir, &e);

	(void)state;
	assert_non_null(b);
	b->rows ^= 1;
	assert_null(bench_attach(dir, &e));
	assert_non_null(strstr(e.text, "another program version"));
	bench_detach(b);
	b = bench_create(dir, &e); // makes it anew
	assert_non_null(b);
	assert_int_equal(atomic_load(&b->given), 0);
	bench_detach(b);
	assert_int_equal(truncate(path, 100), 0);
	assert_null(bench_attach(dir, &e));
	assert_int_equal(errno, EINVAL);
	unlink(path);
}

static void sums(void **state)
{
	static struct bench b;
	static struct bench_stats sum;
	struct bench_stats *s = b.stats;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		s[i].count[BENCH_N_SENT] = 10 + i;
		s[i].fault[BENCH_BAD_BODY] = i;
		s[i].status[2] = 3;
		s[i].in_flight = 4;
		s[i].kind[BENCH_OPTIONS].matched = 5;
		histogram_add(&s[i].kind[BENCH_OPTIONS].latency, 100 + i);
	}
	s[0].state = BENCH_DONE;
	s[1].state = BENCH_SENDING;
	s[0].first_tsc = 50;
	s[1].first_tsc = 40;
	s[0].last_tsc = 90;
	s[1].last_tsc = 80;
	s[1].sample_len = 3;
	s[1].sample_fault = BENCH_BAD_BODY;
	memcpy(s[1].sample, "SIP", 3);
	sum.state = BENCH_DONE;
	bench_stats_read(&b, 0, &sum);
	bench_stats_read(&b, 1, &sum);
	assert_int_equal(sum.count[BENCH_N_SENT], 21);
	assert_int_equal(sum.fault[BENCH_BAD_BODY], 1);
	assert_int_equal(sum.status[2], 6);
	assert_int_equal(sum.in_flight, 8);
	assert_int_equal(sum.state, BENCH_SENDING);
	assert_int_equal(sum.first_tsc, 40);
	assert_int_equal(sum.last_tsc, 90);
	assert_int_equal(sum.sample_len, 3);
	assert_memory_equal(sum.sample, "SIP", 3);
	assert_int_equal(sum.kind[BENCH_OPTIONS].matched, 10);
	assert_int_equal(sum.kind[BENCH_OPTIONS].latency.n, 2);
}

static void rows_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < BENCH_KINDS; i++)
		assert_non_null(bench_kind_row[i].name);
	for (unsigned i = 0; i < BENCH_FAULTS; i++)
		assert_non_null(bench_fault_row[i].name);
	for (unsigned i = 0; i < BENCH_COUNTS; i++)
		assert_non_null(bench_count_row[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(both_see_it),
	        cmocka_unit_test(another_layout_is_refused),
	        cmocka_unit_test(sums),
	        cmocka_unit_test(rows_have_names),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
