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

static void numbers_as_of_the_one_parser(void **state)
{
	uint32_t seed = 20261130;

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		char text[40];
		const size_t n = round % 13;
		uint64_t want = 0;
		struct cseq c;
		bool ok;

		for (size_t i = 0; i < n; i++)
			text[i] = "00123456789x"[unit_random(&seed) % (round % 50 == 0 ? 12 : 11)];
		ok = str_decimal((struct str){text, n}, 0x7fffffff, &want);
		memcpy(text + n, " BYE", 4);
		assert_int_equal(cseq_parse((struct str){text, n + 4}, &c), ok);
		if (ok)
			assert_int_equal(c.number, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads),
	        cmocka_unit_test(refuses),
	        cmocka_unit_test(numbers_as_of_the_one_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
