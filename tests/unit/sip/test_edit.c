// Edit lists: order, joins, limits, and that nothing else of the message changes.
#include "dataplane/sip/edit.h"
#include "tests/unit/sip/view.h"

static const struct {
	struct {
		size_t offset, cut;
		const char *put;
	} edit[4];
	unsigned n;
	const char *want; // of "0123456789", NULL when refused
} rows[] = {
        {{{0}}, 0, "0123456789"},
        {{{0, 0, ""}}, 1, "0123456789"},
        {{{0, 0, "ab"}}, 1, "ab0123456789"},
        {{{10, 0, "ab"}}, 1, "0123456789ab"},
        {{{0, 10, ""}}, 1, ""},
        {{{0, 10, "x"}}, 1, "x"},
        {{{3, 2, "abc"}}, 1, "012abc56789"},
        {{{7, 1, "B"}, {1, 1, "A"}}, 2, "0A23456B89"},
        {{{1, 2, ""}, {3, 2, "x"}, {5, 1, ""}}, 3, "0x6789"},
        {{{5, 0, "b"}, {2, 0, "a"}, {5, 0, "c"}, {5, 0, "d"}}, 4, "01a234bcd56789"},
        {{{5, 0, "a"}, {5, 2, "b"}, {5, 0, "c"}}, 3, "01234abc789"},
        {{{5, 2, "b"}, {7, 0, "c"}, {3, 2, "a"}}, 3, "012abc789"},
        {{{5, 2, ""}, {5, 1, ""}}, 2, NULL},
        {{{5, 2, ""}, {6, 1, ""}}, 2, NULL},
        {{{6, 1, ""}, {5, 2, ""}}, 2, NULL},
        {{{5, 2, ""}, {6, 0, "x"}}, 2, NULL},
        {{{6, 0, "x"}, {5, 2, ""}}, 2, NULL},
        {{{11, 0, "x"}}, 1, NULL},
        {{{10, 1, ""}}, 1, NULL},
        {{{0, 11, ""}}, 1, NULL},
        {{{(size_t)1 << 32, 0, "x"}}, 1, NULL},
        {{{0, (size_t)1 << 32, "x"}}, 1, NULL},
};

static void applies_or_refuses(void **state)
{
	static struct edit_list l;

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct str in = view_at_edge(0, STR("0123456789"));
		// the output has not a byte to spare
		struct str room = view_at_edge(1, STR("................"));
		size_t want = rows[i].want != NULL ? strlen(rows[i].want) : 0;
		char *out = (char *)(uintptr_t)(str_end(room) - want);

		edit_start(&l);
		for (unsigned e = 0; e < rows[i].n; e++)
			edit_add(&l, rows[i].edit[e].offset, rows[i].edit[e].cut,
			        str_of(rows[i].edit[e].put));
		assert_int_equal(edit_apply(&l, in, out, rows[i].want != NULL ? want : 1000), want);
		if (rows[i].want == NULL)
			continue;
		assert_int_equal(edit_len(&l, in), want);
		assert_memory_equal(out, rows[i].want, want);
		if (want > 0)
			assert_int_equal(edit_apply(&l, in, out, want - 1), 0);
	}
}

static void a_full_list_says_so(void **state)
{
	static struct edit_list l;
	char out[EDIT_MAX * 3];

	(void)state;
	edit_start(&l);
	for (unsigned i = 0; i < EDIT_MAX; i++)
		edit_add(&l, EDIT_MAX - 1 - i, 1, STR("ab"));
	assert_int_equal(
	        edit_apply(&l, view_repeat("", "x", EDIT_MAX, ""), out, sizeof(out)), 2 * EDIT_MAX);
	edit_add(&l, 0, 0, STR("c"));
	assert_true(l.overflow);
	assert_int_equal(edit_apply(&l, view_repeat("", "x", EDIT_MAX, ""), out, sizeof(out)), 0);
	edit_start(&l);
	assert_int_equal(edit_apply(&l, STR("abc"), out, sizeof(out)), 3);
}

static void texts_live_in_the_list(void **state)
{
	static struct edit_list l;
	char *p;
	struct str a, b;

	(void)state;
	edit_start(&l);
	p = edit_text(&l, 100);
	memcpy(p, "one", 3);
	a = edit_text_end(&l, p, 3);
	b = edit_copy(&l, STR("two"));
	unit_str(a, "one");
	unit_str(b, "two");
	assert_ptr_equal(b.p, str_end(a));
	assert_int_equal(edit_copy(&l, STR_NONE).len, 0);
	assert_false(l.overflow);
	// all the room that is left, then a byte more
	assert_non_null(edit_text(&l, EDIT_TEXT_MAX - 6));
	assert_null(edit_text(&l, EDIT_TEXT_MAX - 5));
	assert_true(l.overflow);
	edit_start(&l);
	p = edit_text(&l, 10);
	assert_null(edit_text_end(&l, p, EDIT_TEXT_MAX + 1).p);
	assert_true(l.overflow);
	edit_start(&l);
	assert_null(edit_copy(&l, view_repeat("", "x", EDIT_TEXT_MAX + 1, "")).p);
	assert_true(l.overflow);
	edit_start(&l);
	p = edit_text(&l, SIZE_MAX);
	assert_null(p);
	assert_null(edit_text_end(&l, p, 1).p);
}

// The same by the simplest means: every byte of the input carries what stands before it.
static size_t apply_slowly(const struct edit_list *l, struct str in, char *out)
{
	size_t n = 0, skip = 0;

	for (size_t at = 0; at <= in.len; at++) {
		for (unsigned i = 0; i < l->n; i++) {
			if (l->edit[i].offset != at)
				continue;
			memcpy(out + n, l->edit[i].put.p, l->edit[i].put.len);
			n += l->edit[i].put.len;
			skip += l->edit[i].cut;
		}
		if (skip > 0)
			skip--;
		else if (at < in.len)
			out[n++] = in.p[at];
	}
	return n;
}

static void random_lists_agree_with_a_slow_one(void **state)
{
	static struct edit_list l;
	char fast[400], slow[400];
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct str in = STR("abcdefghijklmnopqrstuvwxyz0123456789");
		size_t n;

		edit_start(&l);
		for (int i = rand_r(&seed) % 8; i > 0; i--) {
			size_t offset = (size_t)rand_r(&seed) % 37;
			size_t cut = (size_t)rand_r(&seed) % 4;

			edit_add(&l, offset, cut < 37 - offset ? cut : 0,
			        str_head(STR("ABCDEF"), (size_t)rand_r(&seed) % 6));
		}
		n = edit_apply(&l, in, fast, sizeof(fast));
		if (l.overflow) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(n, apply_slowly(&l, in, slow));
		assert_memory_equal(fast, slow, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(applies_or_refuses),
	        cmocka_unit_test(a_full_list_says_so),
	        cmocka_unit_test(texts_live_in_the_list),
	        cmocka_unit_test(random_lists_agree_with_a_slow_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
