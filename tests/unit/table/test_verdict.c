#include "tests/unit/table/image.h"

#include "dataplane/table/verdict.h"

static void rows_are_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		const struct verdict_row *r = &verdict_row[i];

		assert_non_null(r->name);
		assert_true(r->text[0] != 0);
		assert_true(r->way < WAY_COUNT);
		if (r->way == WAY_REPLIED)
			assert_true(r->status == 0 || (r->status >= 200 && r->status <= 699));
		else
			assert_int_equal(r->status, 0);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(r->name, verdict_row[k].name);
	}
	assert_int_equal(verdict_row[VERDICT_TOO_MANY_HOPS].status, 483);
	assert_int_equal(verdict_row[VERDICT_FORGED_RESPONSE].way, WAY_DROPPED);
	assert_string_equal(way_name[WAY_ABSORBED], "absorbed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_whole)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
