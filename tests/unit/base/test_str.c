// str: views, trimming, and the limits of the one number parser.
#include "tests/unit/unit.h"

static void views(void **state)
{
	struct str s = STR("one,two");

	(void)state;
	assert_int_equal(str_find(s, ','), 3);
	assert_int_equal(str_find(s, 'x'), 7);
	assert_int_equal(str_find(STR_NONE, 'x'), 0);
	unit_str(str_head(s, 3), "one");
	unit_str(str_head(s, 30), "one,two");
	unit_str(str_skip(s, 4), "two");
	assert_int_equal(str_skip(s, 30).len, 0);
	assert_ptr_equal(str_skip(s, 30).p, str_end(s));
	assert_null(str_end(STR_NONE));
	assert_true(str_eq(STR_NONE, STR("")));
	assert_false(str_eq(STR("a"), STR("A")));
	assert_true(str_eq_nocase(STR("Call-ID"), STR("cALL-id")));
	assert_false(str_eq_nocase(STR("Call-ID"), STR("Call-I")));
	// Only letters have a case: '[' and '{' are 0x20 apart too.
	assert_false(str_eq_nocase(STR("["), STR("{")));
	assert_false(str_eq_nocase(STR("@"), STR("`")));
}

// Every pair of bytes at every place of texts of every length up to three words.
static void every_case(void **state)
{
	char a[24], b[24];

	(void)state;
	for (size_t len = 1; len <= sizeof(a); len++) {
		memset(a, 'x', len);
		memset(b, 'X', len);
		for (size_t at = 0; at<len; at += len> 8 ? 5 : 1) {
			for (unsigned pair = 0; pair < 65536; pair++) {
				bool want;

				a[at] = (char)(pair >> 8);
				b[at] = (char)pair;
				want = char_lower(a[at]) == char_lower(b[at]);
				if (str_eq_nocase((struct str){a, len}, (struct str){b, len}) !=
				        want)
					fail_msg("%04x at %zu of %zu", pair, at, len);
			}
			a[at] = b[at] = 'x';
		}
	}
}

static void trims(void **state)
{
	(void)state;
	unit_str(str_trim(STR(" \t\r\n a b \r\n\t ")), "a b");
	unit_str(str_trim(STR(" \r\n ")), "");
	unit_str(str_trim(STR("")), "");
	unit_str(str_trim(STR("\va\v")), "\va\v");
}

static void decimals(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool good;
		uint64_t value;
	} rows[] = {
	        {"0", 0, true, 0},
	        {"1", 0, false, 0},
	        {"65535", 65535, true, 65535},
	        {"65536", 65535, false, 0},
	        {"0000000070", 255, true, 70},
	        {"00000000070", 255, false, 0}, // eleven digits
	        {"2147483647", 2147483647, true, 2147483647},
	        {"2147483648", 2147483647, false, 0},
	        {"4294967295", 4294967295, true, 4294967295},
	        {"4294967296", 4294967295, false, 0},
	        {"9999999999", UINT64_MAX, true, 9999999999},
	        {"10000000000", UINT64_MAX, false, 0},
	        {"18446744073709551616", UINT64_MAX, false, 0}, // 2^64 wraps to 0
	        {"", 9, false, 0},
	        {"-1", 9, false, 0},
	        {"+1", 9, false, 0},
	        {" 1", 9, false, 0},
	        {"1 ", 9, false, 0},
	        {"0x1", 9, false, 0},
	        {"1e1", 99, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		uint64_t value = 12345;
		bool good = str_decimal(str_of(rows[i].text), rows[i].max, &value);

		if (good != rows[i].good || value != (good ? rows[i].value : 12345))
			fail_msg("'%s': %d, %llu", rows[i].text, good, (unsigned long long)value);
	}
	assert_false(str_decimal(STR("1\0"), 99, &(uint64_t){0}));
}

static void decimals_are_written(void **state)
{
	static const struct {
		uint32_t value;
		const char *text;
	} rows[] = {{0, "0"}, {7, "7"}, {10, "10"}, {65535, "65535"}, {UINT32_MAX, "4294967295"}};
	char out[10];

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++)
		unit_str(str_from(out, str_put_decimal(out, rows[i].value)), rows[i].text);
}

// Texts of every length, and not a byte more.
static void puts_what_there_is(void **state)
{
	enum { MOST = 200 };
	char from[MOST], to[MOST + 1];

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		from[i] = (char)(i * 7);
	for (size_t n = 0; n <= MOST; n++) {
		memset(to, '#', sizeof(to));
		assert_ptr_equal(str_put(to, (struct str){from, n}), to + n);
		assert_memory_equal(to, from, n);
		for (size_t i = n; i < sizeof(to); i++)
			assert_int_equal(to[i], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(views),
	        cmocka_unit_test(every_case),
	        cmocka_unit_test(puts_what_there_is),
	        cmocka_unit_test(trims),
	        cmocka_unit_test(decimals),
	        cmocka_unit_test(decimals_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
