// Parameter lists: what is a parameter, where it begins and ends, what is refused.
#include "dataplane/sip/params.h"
#include "tests/unit/sip/view.h"

static const struct {
	const char *text;
	enum params_kind kind;
	const char
	        *want; // "name|value|all" of each, values "-" when absent; "bad" last on an error
} walks[] = {
        {"", PARAMS_HEADER, ""},
        {" \t", PARAMS_HEADER, ""},
        {";lr", PARAMS_HEADER, "lr|-|;lr "},
        {";a=1;b=2", PARAMS_HEADER, "a|1|;a=1 b|2|;b=2 "},
        {" ; a = 1\r\n ;b ", PARAMS_HEADER, "a|1|; a = 1 b|-|;b "},
        {";tag=", PARAMS_HEADER, "bad"},
        {";=x", PARAMS_HEADER, "bad"},
        {";;a", PARAMS_HEADER, "bad"},
        {";a=1;", PARAMS_HEADER, "a|1|;a=1 bad"},
        {"a=1", PARAMS_HEADER, "bad"},
        {";a=1 b", PARAMS_HEADER, "a|1|;a=1 bad"},
        {";a=1,b", PARAMS_HEADER, "a|1|;a=1 bad"},
        {";q=\"a;b=c\";d", PARAMS_HEADER, "q|\"a;b=c\"|;q=\"a;b=c\" d|-|;d "},
        {";q=\"x\\\"y\"", PARAMS_HEADER, "q|\"x\\\"y\"|;q=\"x\\\"y\" "},
        {";q=\"open", PARAMS_HEADER, "bad"},
        {";q=\"open\\\"", PARAMS_HEADER, "bad"},
        {";q=\"open\\", PARAMS_HEADER, "bad"},
        {";q=\"\x01\"", PARAMS_HEADER, "bad"},
        {";q=\"\xc3\xa9\"", PARAMS_HEADER, "q|\"\xc3\xa9\"|;q=\"\xc3\xa9\" "},
        {";q=\xc3\xa9", PARAMS_HEADER, "bad"},
        {";h=[2001:db8::1]", PARAMS_HEADER, "h|[2001:db8::1]|;h=[2001:db8::1] "},
        {";t=a.b!c%d*e_f+g`h'i~-", PARAMS_HEADER, "t|a.b!c%d*e_f+g`h'i~-|;t=a.b!c%d*e_f+g`h'i~- "},
        {";a=b@c", PARAMS_HEADER, "a|b|;a=b bad"},
        {";lr;x=%41:[]/&+$", PARAMS_URI, "lr|-|;lr x|%41:[]/&+$|;x=%41:[]/&+$ "},
        {";x=%4", PARAMS_URI, "bad"},
        {";x=a%4g", PARAMS_URI, "x|a|;x=a bad"},
        {";x=%", PARAMS_URI, "bad"},
        {"; x", PARAMS_URI, "bad"},
        {";x =1", PARAMS_URI, "x|-|;x bad"},
        {";x=\"1\"", PARAMS_URI, "bad"},
        {";x=", PARAMS_URI, "bad"},
        {";", PARAMS_URI, "bad"},
};

static void walks_and_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(walks); i++) {
		struct str text = view_at_edge(0, str_of(walks[i].text));
		struct params_iter it = params_start(text, walks[i].kind);
		struct param p;
		char got[256];
		int n = 0;

		got[0] = '\0';
		while (params_next(&it, &p)) {
			struct str value = p.value.p == NULL ? STR("-") : p.value;

			assert_true(view_inside(p.all, text));
			n += snprintf(got + n, sizeof(got) - (size_t)n, "%.*s|%.*s|%.*s ",
			        STR_ARG(p.name), STR_ARG(value), STR_ARG(p.all));
		}
		if (it.bad)
			snprintf(got + n, sizeof(got) - (size_t)n, "bad");
		assert_string_equal(got, walks[i].want);
		assert_int_equal(params_check(text, walks[i].kind, STR_NONE, NULL), !it.bad);
		// once bad, always bad
		assert_false(params_next(&it, &p));
	}
}

static void finds_by_name(void **state)
{
	struct param p;

	(void)state;
	assert_true(params_find(STR(";A=1;tAg=x;b"), PARAMS_HEADER, STR("tag"), &p));
	unit_str(p.value, "x");
	assert_true(params_find(STR(";a=1;tag=x;tag=y"), PARAMS_HEADER, STR("tag"), &p));
	unit_str(p.value, "x");
	assert_false(params_find(STR(";tagx=1;xtag=2"), PARAMS_HEADER, STR("tag"), &p));
	assert_false(params_find(STR(";;tag=1"), PARAMS_HEADER, STR("tag"), &p));
	assert_false(params_find(STR_NONE, PARAMS_HEADER, STR("tag"), &p));
	// an escaped name is the name in a URI, and only there
	assert_true(params_find(STR(";%6C%72"), PARAMS_URI, STR("lr"), &p));
	assert_false(params_find(STR(";%6C%72"), PARAMS_HEADER, STR("lr"), &p));
}

static void refuses_a_second_one(void **state)
{
	struct param found;

	(void)state;
	assert_true(params_check(STR(";y;tag=1;x;x"), PARAMS_HEADER, STR("tag"), &found));
	unit_str(found.value, "1");
	assert_true(params_check(STR(";y;x"), PARAMS_HEADER, STR("tag"), &found));
	assert_int_equal(found.name.len, 0);
	assert_false(params_check(STR(";tag=1;x;TAG=1"), PARAMS_HEADER, STR("tag"), NULL));
	assert_false(params_check(STR(";lr;%6cr"), PARAMS_URI, STR("lr"), NULL));
}

static void takes_long_lists(void **state)
{
	struct str many;

	(void)state;
	many = view_at_edge(0, view_repeat(";q=\"", "\\\"", 30000, "\""));
	assert_true(params_check(many, PARAMS_HEADER, STR_NONE, NULL));
	many = view_at_edge(0, view_repeat(";q=\"", "\\\"", 30000, ""));
	assert_false(params_check(many, PARAMS_HEADER, STR_NONE, NULL));
	many = view_at_edge(0, view_repeat("", ";", 60000, ""));
	assert_false(params_check(many, PARAMS_HEADER, STR_NONE, NULL));
}

// No list at all has no pointer either.
static void takes_none(void **state)
{
	struct params_iter it = params_start(STR_NONE, PARAMS_HEADER);
	struct param p;

	(void)state;
	assert_false(params_next(&it, &p));
	assert_false(it.bad);
	assert_true(params_check(STR_NONE, PARAMS_URI, STR("lr"), &p));
	assert_int_equal(p.name.len, 0);
}

static void so_many_and_no_more(void **state)
{
	static const unsigned counts[] = {
	        PARAMS_MAX - 1, PARAMS_MAX, PARAMS_MAX + 1, 2 * PARAMS_MAX, 16000};
	struct param p;

	(void)state;
	for (size_t i = 0; i < unit_rows(counts); i++) {
		const bool ok = counts[i] <= PARAMS_MAX;
		const struct str a =
		        view_at_edge(0, view_repeat("", ";a", counts[i] - 1, ";tag=x"));
		const struct str b =
		        view_at_edge(1, view_repeat("", ";\tb", counts[i] - 1, ";tag=x"));

		assert_int_equal(params_check(a, PARAMS_HEADER, STR("tag"), NULL), ok);
		assert_int_equal(params_check(a, PARAMS_URI, STR("tag"), NULL), ok);
		assert_int_equal(params_check(b, PARAMS_HEADER, STR("tag"), NULL), ok);
		assert_int_equal(params_find(a, PARAMS_HEADER, STR("tag"), &p), ok);
	}
}

// A list walked both ways, at the end of what can be read.
static void compare(struct str text, enum params_kind kind)
{
	struct params_iter a = params_start(text, kind), b = a;
	struct param p, q;
	bool more;

	do {
		more = params_next(&a, &p);
		assert_int_equal(more, params_next_plain(&b, &q));
		assert_int_equal(a.bad, b.bad);
		if (more && (memcmp(&p, &q, sizeof(p)) != 0 || a.rest.p != b.rest.p ||
		                    a.rest.len != b.rest.len))
			fail_msg("%.*s", STR_ARG(text));
	} while (more);
}

static void same_as_by_grammar_alone(void **state)
{
	static const char *const pieces[] = {";", ";", ";", "=", "=", "a", "tag", "z9hG4bK-1",
	        "rport", " ", "\r\n ", "\"", "\"x;y\"", "%41", "%", "[::1]", ",", "\\", "\xc3", ":",
	        "abcdefghijklmnopqrstuvwxyz012345"};
	uint32_t seed = 20261130;
	char text[400];

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		size_t len = 0, want = round % 150;

		while (len < want) {
			const char *piece = pieces[unit_random(&seed) % unit_rows(pieces)];
			const size_t n = strlen(piece);

			memcpy(text + len, piece, n);
			len += n;
		}
		compare(view_at_edge(0, (struct str){text, len}), PARAMS_HEADER);
		compare(view_at_edge(0, (struct str){text, len}), PARAMS_URI);
	}
	// Names and values that end before, at and behind the end of a look.
	for (size_t name = 0; name < 140; name++) {
		for (size_t value = 0; value < 140; value++) {
			memset(text, 'x', sizeof(text));
			text[0] = ';';
			text[1 + name] = '=';
			text[2 + name + value] = ';';
			compare(view_at_edge(0, (struct str){text, 3 + name + value + 7}),
			        PARAMS_HEADER);
			compare(view_at_edge(0, (struct str){text, 2 + name + value}), PARAMS_URI);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(same_as_by_grammar_alone),
	        cmocka_unit_test(walks_and_refuses),
	        cmocka_unit_test(finds_by_name),
	        cmocka_unit_test(refuses_a_second_one),
	        cmocka_unit_test(takes_long_lists),
	        cmocka_unit_test(takes_none),
	        cmocka_unit_test(so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
