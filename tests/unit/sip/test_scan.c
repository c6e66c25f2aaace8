// scan: the reference by hand, then every variant this CPU can run against the reference.
#include "tests/unit/unit.h"

#include "dataplane/sip/scan.h"
#include "tests/unit/corpus.h"
#include "tests/unit/guard.h"

enum { LINES = 400, RANDOM_ROUNDS = 150000 };

static struct guard guard;
static unsigned compared;

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

static void reference(void **state)
{
	static const struct {
		const char *text;
		uint16_t n, head_end, bare;
		bool full;
		uint16_t last_end;
	} rows[] = {
	        {"a:b\r\n\r\nc\n", 1, 7, 0xffff, false, 3},
	        {"a\r\nbc:d:e\r\n\r\n", 2, 13, 0xffff, false, 9},
	        {"abc\r\n\r\n", 1, 7, 0xffff, false, 3},
	        {":\r\n\r\n", 1, 5, 0xffff, false, 1},
	        {"\r\na:b\r\n", 0, 2, 0xffff, false, 0},
	        {"a:b\r\nc:d", 1, 0, 0xffff, false, 3},
	        {"a:b\r\nc\nd\r\n\r\n", 1, 0, 6, false, 3},
	        {"a:b\r\nc\rd\r\n\r\n", 1, 0, 6, false, 3},
	        {"a:b\r\nc\r", 1, 0, 6, false, 3},
	        {"a\r\r\n", 0, 0, 1, false, 0},
	        {"\n", 0, 0, 0, false, 0},
	        {"1\r\n2\r\n3\r\n\r\n", 3, 11, 0xffff, false, 7},
	        {"1\r\n2\r\n3\r\n4\r\n\r\n", 3, 0, 0xffff, true, 7},
	        {"", 0, 0, 0xffff, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		uint16_t ends[3] = {0};
		struct scan_result r = scan_lines_scalar(str_of(rows[i].text), ends, 3);

		if (r.n != rows[i].n || r.head_end != rows[i].head_end || r.bare != rows[i].bare ||
		        r.full != rows[i].full)
			fail_msg("row %zu: n %u head_end %u bare %u full %d", i, r.n, r.head_end,
			        r.bare, r.full);
		if (r.n > 0)
			assert_int_equal(ends[r.n - 1], rows[i].last_end);
	}
}

// Compares all variants on text; max <= LINES.
static void compare(struct str text, uint16_t max)
{
	uint16_t want[LINES], got[LINES];
	struct scan_result w = scan_lines_scalar(text, want, max);

	for (const struct scan_variant *v = scan_variants + 1; v->name != NULL; v++) {
		struct scan_result g;

		if (!v->usable())
			continue;
		g = v->lines(text, got, max);
		compared++;
		if (g.n != w.n || g.head_end != w.head_end || g.bare != w.bare ||
		        g.full != w.full || memcmp(want, got, w.n * sizeof(want[0])) != 0)
			fail_msg(
			        "%s differs: n %u/%u head_end %u/%u bare %u/%u full %d/%d, text '%.*s'",
			        v->name, g.n, w.n, g.head_end, w.head_end, g.bare, w.bare, g.full,
			        w.full, STR_ARG(text));
	}
}

static uint32_t random_next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

// Pieces from which heads are made; the first ones are faults and come seldom.
static size_t random_head(uint32_t *seed, char *text, size_t len)
{
	static const char *const pieces[] = {"\n", "\r", "\r\n\r\n", "\r\n", "\r\n", ":", "a", " ",
	        "abcdefg", "0123456789abcdef"};
	size_t n = 0;

	while (n < len) {
		uint32_t r = random_next(seed);
		const char *piece = pieces[r % 29 == 0 ? r / 29 % 3 : 3 + r / 29 % 7];

		for (; *piece != '\0' && n < len; piece++)
			text[n++] = *piece;
	}
	return n;
}

static void random_inputs(void **state)
{
	static const char bytes[] = "\r\n: a";
	uint32_t seed = 20261121;
	char text[300];

	(void)state;
	compared = 0;
	for (unsigned i = 0; i < RANDOM_ROUNDS; i++) {
		size_t len = i % sizeof(text);
		uint16_t max = i % 7 == 0 ? (uint16_t)(i % 5) : LINES;

		if (i % 2 == 0) {
			random_head(&seed, text, len);
		} else {
			for (size_t k = 0; k < len; k++)
				text[k] = bytes[random_next(&seed) % 5];
		}
		// Ends at the unmapped page, so every length is another alignment too.
		compare(guard_copy(&guard, (struct str){text, len}), max);
	}
	print_message("%u comparisons\n", compared);
}

static void every_boundary(void **state)
{
	static const char *const pieces[] = {"\r\n", "\r", "\n", "\r\n\r\n", ":\r\n",
	        "\r\n:", "\r\r\n", "\n\r\n", "a:\r\nb:\r\n\r\n"};
	char text[256];

	(void)state;
	for (size_t p = 0; p < unit_rows(pieces); p++) {
		size_t n = strlen(pieces[p]);

		for (size_t at = 0; at + n <= sizeof(text); at++) {
			memset(text, 'a', sizeof(text));
			memcpy(text + at, pieces[p], n);
			for (size_t len = at + n; len <= sizeof(text) && len < at + n + 70; len++)
				compare(guard_copy(&guard, (struct str){text, len}), LINES);
		}
	}
}

static void largest(void **state)
{
	static char text[65535];
	uint16_t end;
	struct scan_result r;

	(void)state;
	memset(text, 'a', sizeof(text));
	compare((struct str){text, sizeof(text)}, LINES);
	memcpy(text + sizeof(text) - 5, ":\r\n\r\n", 5);
	compare(guard_copy(&guard, (struct str){text, sizeof(text)}), LINES);
	r = scan_lines_scalar((struct str){text, sizeof(text)}, &end, 1);
	assert_int_equal(r.head_end, 65535);
	assert_int_equal(end, 65531);
	text[sizeof(text) - 1] = '\r';
	compare(guard_copy(&guard, (struct str){text, sizeof(text)}), LINES);
}

static void compare_file(const char *path, struct str bytes, void *arg)
{
	(void)path;
	(void)arg;
	compare(bytes, LINES);
	compare(bytes, 2);
}

static void corpus(void **state)
{
	(void)state;
	if (corpus_walk(corpus_root(), compare_file, NULL) == 0) {
		print_message("scan corpus: skipped, no files under %s\n", corpus_root());
		skip();
	}
}

static void choice(void **state)
{
	const struct scan_variant *best = scan_variants;
	const char *name;

	(void)state;
	for (const struct scan_variant *v = scan_variants; v->name != NULL; v++) {
		setenv("SPRY_SCAN", v->name, 1);
		name = scan_init();
		if (v->usable()) {
			assert_string_equal(name, v->name);
			assert_ptr_equal(scan_lines, v->lines);
			best = v;
		} else {
			assert_null(name);
		}
	}
	setenv("SPRY_SCAN", "sse9", 1);
	assert_null(scan_init());
	unsetenv("SPRY_SCAN");
	assert_string_equal(scan_init(), best->name);
	assert_ptr_equal(scan_lines, best->lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reference),
	        cmocka_unit_test(random_inputs),
	        cmocka_unit_test(every_boundary),
	        cmocka_unit_test(largest),
	        cmocka_unit_test(corpus),
	        cmocka_unit_test(choice),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
