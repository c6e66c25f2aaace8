#include "tests/unit/unit.h"

#include "dataplane/generator/mark.h"

static const struct mark sample = {.sequence = 0xfedcba9876,
        .tsc = 0x123456789a,
        .call = 0xdeadbeef,
        .index = 0xabcd,
        .kind = 5,
        .worker = 9};
enum { KEY = 77 };

static void text_of(const struct mark *m, uint64_t key, char out[MARK_LEN])
{
	uint64_t digits[5];

	mark_digits(m, key, digits);
	out[0] = MARK_CHAR;
	memcpy(out + 1, digits, sizeof(digits));
}

static void numbers_as_text(void **state)
{
	static const uint32_t n[] = {0, 1, 9, 10, 99, 100, 999, 9999, 10000, 99999, 123456, 999999,
	        1000000, 1234567, 9999999};
	char want[16], got[9] = "";

	(void)state;
	for (size_t i = 0; i < unit_rows(n); i++) {
		uint64_t word = mark_decimal('x', n[i]);

		memcpy(got, &word, 8);
		snprintf(want, sizeof(want), "x%07u", n[i]);
		assert_string_equal(got, want);
		word = mark_hex(n[i] * 431);
		memcpy(got, &word, 8);
		snprintf(want, sizeof(want), "%08x", n[i] * 431);
		assert_string_equal(got, want);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		const uint64_t word = mark_decimal('0', i * 1000 + i % 1000);

		memcpy(got, &word, 8);
		snprintf(want, sizeof(want), "%08u", i * 1000 + i % 1000);
		assert_string_equal(got, want);
	}
}

static void round_trip(void **state)
{
	struct mark m = {0}, zero = {0}, got;
	char text[MARK_LEN];

	(void)state;
	text_of(&sample, KEY, text);
	assert_true(mark_read(text, KEY, &got));
	assert_memory_equal(&got, &sample, sizeof(got));
	text_of(&m, KEY, text);
	assert_true(mark_read(text, KEY, &got));
	assert_memory_equal(&got, &zero, sizeof(got));
	for (unsigned i = 1; i < MARK_LEN; i++) // folded to upper case: the same
		text[i] = text[i] >= 'a' ? (char)(text[i] - 32) : text[i];
	assert_true(mark_read(text, KEY, &got));
	assert_memory_equal(&got, &zero, sizeof(got));
	assert_false(mark_read(text, KEY + 1, &got)); // of another run
}

static void any_altered_digit_is_seen(void **state)
{
	char text[MARK_LEN];
	struct mark got;

	(void)state;
	text_of(&sample, KEY, text);
	for (unsigned i = 0; i < MARK_LEN; i++) {
		for (int x = 1; x < 8; x <<= 1) {
			text[i] = (char)(text[i] ^ x);
			assert_false(mark_read(text, KEY, &got));
			text[i] = (char)(text[i] ^ x);
		}
	}
	assert_true(mark_read(text, KEY, &got));
}

static void find(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_null(mark_find((struct str){text, sizeof(text)}));
	text[100] = '~';
	assert_ptr_equal(mark_find((struct str){text, sizeof(text)}), text + 100);
	assert_ptr_equal(mark_find((struct str){text, 101 + MARK_LEN}), text + 100);
	assert_null(mark_find((struct str){text, 100 + MARK_LEN})); // cut off
	assert_null(mark_find((struct str){text, 3}));
	text[100] = 'a';
	text[1500] = '~';
	assert_null(mark_find((struct str){text, sizeof(text)}));
}

static void age(void **state)
{
	const struct mark m = {.tsc = (((uint64_t)1 << 40) - 5)};

	(void)state;
	assert_int_equal(mark_age(&m, ((uint64_t)1 << 40) + 7), 12); // over the end of 40 bits
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers_as_text),
	        cmocka_unit_test(round_trip),
	        cmocka_unit_test(any_altered_digit_is_seen),
	        cmocka_unit_test(find),
	        cmocka_unit_test(age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
