// charset: what looks at windows of bytes, compared with loops over charset_table. Every text ends
// at an unreadable page, so that each length is another alignment too.
#include "tests/unit/unit.h"

#include "dataplane/sip/charset.h"
#include "tests/unit/guard.h"

enum { ROUNDS = 40000, TEXT = 100 };

static struct guard guard;
static uint32_t seed = 20261122;

static int setup(void **state)
{
	(void)state;
	return guard_init(&guard);
}

static int teardown(void **state)
{
	(void)state;
	guard_fini(&guard);
	return 0;
}

static uint32_t random_next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

// Mostly of what tokens are made of, so that runs are long.
static struct str random_text(void)
{
	static const char often[] = "abcXYZ019-._!%+~*'`",
	                  seldom[] = "\"\\<>,;:@?=&$/[](){} \t\r\n";
	static char text[TEXT];
	const uint32_t rare = random_next() % 60 + 2;
	const size_t len = random_next() % TEXT;

	for (size_t i = 0; i < len; i++) {
		const uint32_t r = random_next();

		if (r % rare != 0)
			text[i] = often[r / 64 % (sizeof(often) - 1)];
		else if (r / 64 % 4 == 0)
			text[i] = (char)(r >> 16);
		else
			text[i] = seldom[r / 256 % (sizeof(seldom) - 1)];
	}
	return guard_copy(&guard, (struct str){text, len});
}

static void sets(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < CHARSET_SETS; bit++) {
		for (unsigned c = 0; c < 0x80; c++) {
			const bool in = (charset_set[bit].row[c % 16] >> c / 16 & 1) != 0;

			if (in != charset_has((char)c, 1U << bit))
				fail_msg("set %u, character %u", bit, c);
		}
	}
}

static size_t plain_span(struct str s, unsigned set)
{
	size_t n = 0;

	while (n < s.len && charset_has(s.p[n], set))
		n++;
	return n;
}

static size_t plain_find(struct str s, unsigned set)
{
	size_t n = 0;

	while (n < s.len && !charset_has(s.p[n], set))
		n++;
	return n;
}

static bool plain_visible(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((uint8_t)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	}
	return s.len > 0;
}

static size_t plain_quoted(struct str s)
{
	size_t n = 1;

	if (s.len == 0 || s.p[0] != '"')
		return 0;
	for (; n < s.len && s.p[n] != '"'; n++) {
		if (s.p[n] == '\\') {
			if (++n == s.len || s.p[n] == '\r' || s.p[n] == '\n' ||
			        (uint8_t)s.p[n] >= 0x80)
				return 0;
		} else if (!charset_has(s.p[n], CHARSET_TEXT)) {
			return 0;
		}
	}
	return n < s.len ? n + 1 : 0;
}

static void spans(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct str s = random_text();

#define SAME(set)                                                           \
	do {                                                                \
		assert_int_equal(charset_span(s, set), plain_span(s, set)); \
		assert_int_equal(charset_find(s, set), plain_find(s, set)); \
	} while (0)
		SAME(CHARSET_TOKEN);
		SAME(CHARSET_TOKEN | CHARSET_SPACE);
		SAME(CHARSET_VALUE);
		SAME(CHARSET_HOST);
		SAME(CHARSET_SCHEME);
		SAME(CHARSET_URI);
		SAME(CHARSET_SPACE);
		SAME(CHARSET_LIST);
#undef SAME
		assert_int_equal(vec_find(s, ':'), str_find(s, ':'));
		assert_int_equal(charset_is_visible(s), plain_visible(s));
	}
}

static void quoted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct str s = random_text();
		char text[TEXT + 2];

		text[0] = '"';
		memcpy(text + 1, s.p, s.len);
		text[s.len + 1] = '"';
		for (size_t len = s.len; len <= s.len + 2; len++) {
			const struct str q = guard_copy(&guard, (struct str){text, len});

			assert_int_equal(charset_span_quoted(q), plain_quoted(q));
		}
	}
}

// A '%' that starts no escape stops, wherever it stands.
static void escaped(void **state)
{
	static const struct {
		const char *text;
		size_t param, uri;
	} rows[] = {
	        {"abc%41d", 7, 7},
	        {"abc%4", 3, 3},
	        {"%zz", 0, 0},
	        {"abc%41%4g", 6, 6},
	        {"0123456789012345678901234567890123%41;", 37, 38},
	        {"0123456789012345678901234567890123%41%", 37, 37},
	        {"01234567890123456789012345678901%", 32, 32},
	        {"", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		const struct str s = guard_copy(&guard, str_of(rows[i].text));

		assert_int_equal(charset_span_escaped(s, CHARSET_PARAM), rows[i].param);
		assert_int_equal(charset_span_escaped(s, CHARSET_URI), rows[i].uri);
	}
}

static bool plain_name(struct str s)
{
	char last = '.';

	for (size_t i = 0; i < s.len; i++) {
		if (!charset_has(s.p[i], CHARSET_HOST) ||
		        (last == '.' && (s.p[i] == '.' || s.p[i] == '-')) ||
		        (last == '-' && s.p[i] == '.'))
			return false;
		last = s.p[i];
	}
	return s.len > 0 && last != '-';
}

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const size_t len = random_next() % 44;
		const uint32_t rare = random_next() % 20 + 2;
		char text[44];
		struct addr a;

		for (size_t k = 0; k < len; k++) {
			const uint32_t r = random_next();

			text[k] =
			        r % rare == 0 ? ".-_:"[r >> 16 & 3] : (char)('a' + (r >> 16) % 26);
		}
		const struct str s = guard_copy(&guard, (struct str){text, len});
		if (len == 0 || s.p[0] != '[')
			assert_int_equal(charset_host(s, &a), plain_name(s));
	}
}

static void words(void **state)
{
	(void)state;
	assert_int_equal(vec_word(STR("BrAnch")), VEC_WORD("branch"));
	assert_int_equal(vec_word(STR("received")), VEC_WORD("received"));
	assert_int_equal(vec_word(guard_copy(&guard, STR("tag"))), VEC_WORD("tag"));
	assert_int_not_equal(vec_word(STR("tags")), VEC_WORD("tag"));
	assert_int_equal(vec_word(STR("transport")), 0);
	assert_int_equal(vec_word(STR("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sets),
	        cmocka_unit_test(spans),
	        cmocka_unit_test(quoted),
	        cmocka_unit_test(escaped),
	        cmocka_unit_test(names),
	        cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
