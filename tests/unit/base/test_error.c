// error: formats, cuts, keeps the place.
#include "tests/unit/unit.h"

#include "dataplane/base/error.h"

static void formats(void **state)
{
	struct error e = {.line = 3, .column = 7};

	(void)state;
	assert_int_equal(error_set(&e, "port %s: %d", "access", 5), -1);
	assert_string_equal(e.text, "port access: 5");
	assert_int_equal(e.line, 3);
	assert_int_equal(e.column, 7);
	assert_int_equal(error_set(NULL, "nobody asks"), -1);
}

static void cuts(void **state)
{
	struct error e = {0};

	(void)state;
	error_set(&e, "%0600d", 1);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(formats), cmocka_unit_test(cuts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
