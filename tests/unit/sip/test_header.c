// header: every row is found in every spelling, and nothing else is.
#include "tests/unit/unit.h"

#include "dataplane/sip/header.h"

static const struct {
	enum header_id id;
	const char *name;
	char compact;
} rows[] = {
#define X(id, name, compact, flags) {HEADER_##id, name, compact},
        header_rows(X)
#undef X
};

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 1; i < unit_rows(rows); i++) {
		size_t len = strlen(rows[i].name);
		char text[64];

		unit_str(header_name(rows[i].id), rows[i].name);
		assert_int_equal(header_lookup(str_of(rows[i].name)), rows[i].id);
		// In each mix of cases that one changed letter gives, and with one byte changed.
		for (size_t k = 0; k < len; k++) {
			memcpy(text, rows[i].name, len);
			if (text[k] != '-')
				text[k] = (char)(text[k] ^ 0x20);
			assert_int_equal(header_lookup((struct str){text, len}), rows[i].id);
			text[k] = (char)(text[k] ^ 0x40);
			assert_int_equal(header_lookup((struct str){text, len}), HEADER_OTHER);
		}
		// "To" without its end is "T", which is its compact form.
		if (len > 2)
			assert_int_not_equal(
			        header_lookup((struct str){rows[i].name, len - 1}), rows[i].id);
	}
}

static void every_letter(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		enum header_id want = HEADER_OTHER;
		char name = (char)c;

		for (size_t i = 1; i < unit_rows(rows); i++) {
			if (rows[i].compact != 0 && rows[i].compact == char_lower(name))
				want = rows[i].id;
		}
		assert_int_equal(header_lookup((struct str){&name, 1}), want);
	}
	assert_int_equal(header_lookup(STR("v")), HEADER_VIA);
	assert_int_equal(header_lookup(STR("L")), HEADER_CONTENT_LENGTH);
}

static void others(void **state)
{
	static const char *names[] = {"", "Vi", "Viaa", "Via ", "X-Header", "C%6Fntact", "Call_ID",
	        "Call\rID", "P-Preferred-Identity-", "UnknownHeaderWithUnusualValueThatIsVeryLong"};

	(void)state;
	for (size_t i = 0; i < unit_rows(names); i++)
		assert_int_equal(header_lookup(str_of(names[i])), HEADER_OTHER);
}

// It finds each row in its own spelling, and nothing that header_lookup would not.
static void exact(void **state)
{
	(void)state;
	for (size_t i = 1; i < unit_rows(rows); i++) {
		const uint32_t len = (uint32_t)strlen(rows[i].name);
		char text[64] = {0};

		for (uint32_t n = 1; n <= len + 1; n++) {
			memcpy(text, rows[i].name, len);
			text[len] = 'x';
			text[n] = ':';
			const enum header_id id = header_lookup_exact(text, n);

			if (id != HEADER_OTHER)
				assert_int_equal(id, header_lookup((struct str){text, n}));
		}
		memcpy(text, rows[i].name, len);
		text[len] = ':';
		if (header_lookup_exact(text, len) != rows[i].id)
			fail_msg("%s belongs into slot %u", rows[i].name,
			        header_slot((struct str){text, len}));
		text[len - 1] = (char)(text[len - 1] ^ 0x20);
		assert_int_equal(header_lookup_exact(text, len), HEADER_OTHER);
	}
}

static void flags(void **state)
{
	(void)state;
	assert_int_equal(header_flags(HEADER_CALL_ID), HEADER_SINGLE);
	assert_int_equal(header_flags(HEADER_VIA), HEADER_LIST);
	assert_true((header_flags(HEADER_SUPPORTED) & HEADER_MAY_BE_EMPTY) != 0);
	assert_int_equal(header_flags(HEADER_OTHER), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_row),
	        cmocka_unit_test(every_letter),
	        cmocka_unit_test(others),
	        cmocka_unit_test(exact),
	        cmocka_unit_test(flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
