// cseq: number and method.
#include "tests/unit/unit.h"

#include "dataplane/sip/cseq.h"

static void reads(void **state)
{
	static const struct {
		const char *text;
		uint32_t number;
		enum method method;
		const char *name;
	} rows[] = {
	        {"1 INVITE", 1, METHOD_INVITE, "INVITE"},
	        {"0 ACK", 0, METHOD_ACK, "ACK"},
	        {"0009\r\n  INVITE", 9, METHOD_INVITE, "INVITE"},
	        {"2147483647\tBYE", 2147483647, METHOD_BYE, "BYE"},
	        {"7 invite", 7, METHOD_OTHER, "invite"},
	        {" 8  !interesting* ", 8, METHOD_OTHER, "!interesting*"},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct cseq c;

		if (!cseq_parse(str_of(rows[i].text), &c))
			fail_msg("'%s'", rows[i].text);
		assert_int_equal(c.number, rows[i].number);
		assert_int_equal(c.method, rows[i].method);
		unit_str(c.method_name, rows[i].name);
	}
}

static void refuses(void **state)
{
	static const char *rows[] = {"", "1", "INVITE", "1INVITE", "2147483648 INVITE",
	        "4294967297 INVITE", "18446744073709551617 INVITE", "-1 INVITE", "1 INVITE x",
	        "1 INV,ITE", "1 ", "0x1 INVITE", "1 \"INVITE\""};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct cseq c;

		if (cseq_parse(str_of(rows[i]), &c))
			fail_msg("'%s'", rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
