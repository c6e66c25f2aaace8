// base32: the vectors of RFC 4648 §10 in lower case, and both ways for every length.
#include "tests/unit/unit.h"

#include "dataplane/base/base32.h"

enum { MOST = 80, ROOM = 2 * MOST };

static void vectors(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {{"", ""}, {"f", "my"}, {"fo", "mzxq"}, {"foo", "mzxw6"}, {"foob", "mzxw6yq"},
	        {"fooba", "mzxw6ytb"}, {"foobar", "mzxw6ytboi"}};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		uint8_t bytes[ROOM] = {0}, back[ROOM];
		char text[ROOM];
		const size_t n = strlen(rows[i].bytes);

		memcpy(bytes, rows[i].bytes, n);
		const size_t len = base32_len(n);
		base32_write(bytes, len, text);
		unit_str(((struct str){text, len}), rows[i].text);
		assert_int_equal(base32_read((struct str){text, len}, back, MOST), n);
		assert_memory_equal(back, bytes, n);
	}
}

static void every_digit_and_length(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 256; seed++)
		for (size_t n = 1; n <= MOST; n++) {
			uint8_t bytes[ROOM] = {0}, back[ROOM];
			char text[ROOM];

			for (size_t i = 0; i < n; i++)
				bytes[i] = (uint8_t)(seed + i * 37);
			const size_t len = base32_len(n);
			base32_write(bytes, len, text);
			assert_int_equal(base32_read((struct str){text, len}, back, MOST), n);
			assert_memory_equal(back, bytes, n);
			for (size_t i = 0; i < len; i++)
				if (text[i] >= 'a')
					text[i] = (char)(text[i] - 32);
			assert_int_equal(base32_read((struct str){text, len}, back, MOST), n);
			assert_memory_equal(back, bytes, n);
			assert_int_equal(base32_read((struct str){text, len}, back, n - 1), 0);
		}
}

// The same digit by digit, from the bits it is made of.
static void write_slowly(const uint8_t *p, size_t digits, char *out)
{
	for (size_t i = 0; i < digits; i++) {
		const unsigned word = (unsigned)p[i * 5 / 8] << 8 | p[i * 5 / 8 + 1];

		out[i] = "abcdefghijklmnopqrstuvwxyz234567"[word >> (11 - i * 5 % 8) & 31];
	}
}

static void like_a_slow_one(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		const size_t n = turn % MOST + 1, digits = base32_len(n);
		uint8_t bytes[ROOM];
		char fast[ROOM], slow[ROOM];

		for (size_t i = 0; i < ROOM; i++)
			bytes[i] = (uint8_t)rand_r(&seed);
		bytes[n] = 0;
		memset(fast, '#', ROOM);
		memset(slow, '#', ROOM);
		base32_write(bytes, digits, fast);
		write_slowly(bytes, digits, slow);
		assert_memory_equal(fast, slow, ROOM); // and nothing behind it
	}
}

static void others_are_refused(void **state)
{
	uint8_t out[ROOM];

	(void)state;
	for (unsigned at = 0; at < 13; at++)
		for (int c = 0; c < 256; c++) {
			char text[] = "mzxw6ytbmzxw6";
			const bool digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			                   (c >= '2' && c <= '7');

			text[at] = (char)c;
			const size_t n = base32_read((struct str){text, 13}, out, MOST);
			if (at < 12)
				assert_int_equal(n, digit ? 8 : 0);
			else if (!digit)
				assert_int_equal(n, 0);
		}
	assert_int_equal(base32_read(STR("mzxw6ytb2"), out, MOST), 0); // a digit too many
	assert_int_equal(base32_read(STR("mz"), out, MOST), 0);        // a bit too many
	assert_int_equal(base32_read(STR("my======"), out, MOST), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(vectors),
	        cmocka_unit_test(every_digit_and_length),
	        cmocka_unit_test(like_a_slow_one),
	        cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests_name("base32", tests, NULL, NULL);
}
