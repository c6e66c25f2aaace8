// Rows of limits and of sizes: what is out of range never reaches a worker.
#include "tests/unit/table/image.h"

#include "dataplane/table/leg.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/sanity.h"

static const struct limit good = {.hit = {.id = 1},
        .by = LIMIT_BY_FROM,
        .methods = 2,
        .amount = 10,
        .per_s = 1,
        .burst = 10,
        .leg = LEG_NONE};

static void they_come_back(void **state)
{
	const struct sanity s = {.message = 1000, .reply_rate = 7};
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(limit_add(&b, good, STR("one"), &e), 0);
	assert_int_equal(limit_add(&b, good, STR("two"), &e), 1);
	assert_int_equal(sanity_set(&b, &s, &e), 0);
	assert_int_equal(sanity_set(&b, &s, &e), -1);
	struct image image = image_of(&b, ROOT_CONFIG);
	const struct limit *l = image.view.rows[TABLE_LIMITS];
	assert_int_equal(image.view.count[TABLE_LIMITS], 2);
	assert_true(str_eq(limit_name(&image.view, &l[1]), STR("two")));
	assert_int_equal(sanity_get(&image.view)->reply_rate, 7);
	image_free(&image);
	table_begin(&b, image_key);
	image = image_of(&b, ROOT_CONFIG);
	assert_null(sanity_get(&image.view));
	image_free(&image);
}

static void out_of_range_is_refused(void **state)
{
	(void)state;
	for (unsigned fault = 0; fault < 7; fault++) {
		struct limit bad = good, *row;
		struct table_builder b;
		struct error e;

		if (fault == 0)
			bad.by = LIMIT_BY_COUNT;
		if (fault == 1)
			bad.amount = 0;
		if (fault == 2)
			bad.per_s = 0;
		if (fault == 3)
			bad.burst = 0;
		if (fault == 4)
			bad.status = 200;
		if (fault == 5) // needs SIP that is not there yet
			bad.flags = LIMIT_EARLY;
		table_begin(&b, image_key);
		if (fault < 6)
			assert_int_equal(limit_add(&b, bad, STR("bad"), &e), -1);
		assert_int_equal(limit_add(&b, good, STR("good"), &e), 0);
		row = b.section[TABLE_LIMITS].rows;
		if (fault < 6) {
			bad.name_len = 4;
			*row = bad;
		} else {
			row->name_len = 5;
		}
		image_refused(&b, ROOT_CONFIG, "limit");
	}
}

static void not_too_many(void **state)
{
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	for (int i = 0; i < LIMITS_MAX; i++)
		assert_int_equal(limit_add(&b, good, STR("x"), &e), i);
	assert_int_equal(limit_add(&b, good, STR("x"), &e), -1);
	table_append(&b, TABLE_LIMITS, &good, 1, sizeof(good));
	image_refused(&b, ROOT_CONFIG, "limit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(they_come_back),
	        cmocka_unit_test(out_of_range_is_refused),
	        cmocka_unit_test(not_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
