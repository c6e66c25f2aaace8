// method: names to ids and back; case matters.
#include "tests/unit/unit.h"

#include "dataplane/sip/method.h"

static void round_trip(void **state)
{
	(void)state;
	for (int i = METHOD_OTHER + 1; i < METHOD_COUNT; i++)
		assert_int_equal(method_parse(method_name((enum method)i)), i);
	assert_int_equal(method_parse(STR("PUBLISH")), METHOD_PUBLISH);
	unit_str(method_name(METHOD_OTHER), "");
}

static void others(void **state)
{
	static const char *rows[] = {
	        "", "invite", "INVIT", "INVITE ", "INVITEX", "NEWMETHOD", "RE%47IST%45R", "Ack"};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++)
		assert_int_equal(method_parse(str_of(rows[i])), METHOD_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(others)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
