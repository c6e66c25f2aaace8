#include "tests/unit/unit.h"

#include "dataplane/base/histogram.h"

static struct histogram h, other;

static void empty(void **state)
{
	(void)state;
	histogram_clear(&h);
	assert_int_equal(histogram_percentile(&h, 50000), 0);
	assert_true(histogram_mean(&h) == 0);
}

// Cells follow each other without gap or overlap, and every value is in the cell that says so.
static void cells_are_a_partition(void **state)
{
	(void)state;
	assert_int_equal(histogram_cell_first(0), 0);
	for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
		const uint64_t first = histogram_cell_first(i), last = histogram_cell_last(i);

		assert_true(first <= last);
		assert_int_equal(histogram_cell(first), i);
		assert_int_equal(histogram_cell(last), i);
		if (i + 1 < HISTOGRAM_CELLS)
			assert_int_equal(histogram_cell_first(i + 1), last + 1);
		// known to better than 1 part in HISTOGRAM_HALF
		assert_true((last - first) * HISTOGRAM_HALF <= first);
	}
	assert_int_equal(histogram_cell_last(HISTOGRAM_CELLS - 1),
	        ((uint64_t)1 << HISTOGRAM_VALUE_BITS) - 1);
}

// HdrHistogram's own layout for 256 sub-buckets: the same index for these values.
static void bucket_rule(void **state)
{
	static const struct {
		uint64_t value;
		unsigned cell;
	} rows[] = {{0, 0}, {1, 1}, {255, 255}, {256, 256}, {257, 256}, {258, 257}, {511, 383},
	        {512, 384}, {515, 384}, {516, 385}, {1023, 511}, {1024, 512}, {65535, 1279},
	        {65536, 1280}};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++)
		assert_int_equal(histogram_cell(rows[i].value), rows[i].cell);
	assert_int_equal(histogram_cell(UINT64_MAX), HISTOGRAM_CELLS - 1);
}

// 1 .. 100, all in cells of their own: percentiles are exact.
static void exact_percentiles(void **state)
{
	(void)state;
	histogram_clear(&h);
	for (unsigned v = 100; v >= 1; v--)
		histogram_add(&h, v);
	assert_int_equal(h.n, 100);
	assert_int_equal(h.min, 1);
	assert_int_equal(h.max, 100);
	assert_true(histogram_mean(&h) == 50.5);
	assert_int_equal(histogram_percentile(&h, 0), 1);
	assert_int_equal(histogram_percentile(&h, 1000), 1);
	assert_int_equal(histogram_percentile(&h, 1001), 2);
	assert_int_equal(histogram_percentile(&h, 50000), 50);
	assert_int_equal(histogram_percentile(&h, 99000), 99);
	assert_int_equal(histogram_percentile(&h, 99900), 100);
	assert_int_equal(histogram_percentile(&h, 100000), 100);
}

// A value is said as the last of its cell, but never as more than the largest there was.
static void large_values(void **state)
{
	(void)state;
	histogram_clear(&h);
	histogram_add(&h, 10000);
	histogram_add(&h, 1000001);
	assert_int_equal(histogram_percentile(&h, 50000), 10047); // 64 wide: 9984..10047
	assert_int_equal(histogram_percentile(&h, 99000), 1000001);
	histogram_add(&h, UINT64_MAX / 2);
	assert_int_equal(
	        histogram_percentile(&h, 100000), ((uint64_t)1 << HISTOGRAM_VALUE_BITS) - 1);
}

static void merge(void **state)
{
	(void)state;
	histogram_clear(&h);
	histogram_clear(&other);
	histogram_merge(&h, &other); // two empty ones
	assert_int_equal(h.n, 0);
	for (unsigned v = 1; v <= 50; v++)
		histogram_add(&other, v);
	histogram_merge(&h, &other);
	assert_int_equal(h.min, 1);
	histogram_clear(&other);
	for (unsigned v = 51; v <= 100; v++)
		histogram_add(&other, v);
	histogram_merge(&h, &other);
	assert_int_equal(h.n, 100);
	assert_int_equal(h.min, 1);
	assert_int_equal(h.max, 100);
	assert_int_equal(histogram_percentile(&h, 75000), 75);
	assert_true(histogram_mean(&h) == 50.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(empty),
	        cmocka_unit_test(cells_are_a_partition),
	        cmocka_unit_test(bucket_rule),
	        cmocka_unit_test(exact_percentiles),
	        cmocka_unit_test(large_values),
	        cmocka_unit_test(merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
