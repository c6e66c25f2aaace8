// Fields kept inside: what a proxy needs itself can't be listed.
#include "tests/unit/table/image.h"

#include "dataplane/table/trust.h"

static void they_come_back(void **state)
{
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(trust_add(&b, STR("X-Mine"), &e), 0);
	assert_int_equal(trust_add(&b, STR("path"), &e), 0);
	assert_int_equal(trust_add(&b, STR("Via"), &e), -1);
	assert_int_equal(trust_add(&b, STR("l"), &e), -1);
	struct image image = image_of(&b, ROOT_CONFIG);
	const struct trust_header *h = image.view.rows[TABLE_TRUST_HEADERS];
	assert_int_equal(image.view.count[TABLE_TRUST_HEADERS], 2);
	assert_int_equal(h[0].id, HEADER_OTHER);
	assert_true(str_eq(trust_header_name(&image.view, &h[0]), STR("X-Mine")));
	assert_int_equal(h[1].id, HEADER_PATH);
	image_free(&image);
}

static void damaged_rows_are_refused(void **state)
{
	(void)state;
	for (unsigned fault = 0; fault < 3; fault++) {
		struct table_builder b;
		struct error e;

		table_begin(&b, image_key);
		assert_int_equal(trust_add(&b, STR("X-Mine"), &e), 0);
		struct trust_header *h = b.section[TABLE_TRUST_HEADERS].rows;
		if (fault == 0)
			h->id = HEADER_ROUTE; // rewrite cuts it itself
		if (fault == 1)
			h->id = HEADER_COUNT;
		if (fault == 2)
			h->name_len = 7;
		image_refused(&b, ROOT_CONFIG, "trust header");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(they_come_back),
	        cmocka_unit_test(damaged_rows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
