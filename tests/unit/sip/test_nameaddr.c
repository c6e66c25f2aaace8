// name-addr and addr-spec: where the parts begin and end, what is refused.
#include "dataplane/sip/nameaddr.h"
#include "tests/unit/sip/view.h"

static const struct {
	const char *value;
	const char *want; // display | uri | brackets | params
} good[] = {
        {"<sip:a@h>", "|sip:a@h|1|"},
        {"  <sip:a@h>\r\n ", "|sip:a@h|1|"},
        {"sip:a@h", "|sip:a@h|0|"},
        {"sip:a@h;tag=1", "|sip:a@h|0|;tag=1"},
        {"sip:a@h ;   tag    = 1n", "|sip:a@h|0|;   tag    = 1n"},
        {"Bob <sip:a@h>;tag=1", "Bob|sip:a@h|1|;tag=1"},
        {"caller<sip:a@h>", "caller|sip:a@h|1|"},
        {"Two\r\n Words  <sip:a@h>", "Two\r\n Words|sip:a@h|1|"},
        {"t1~` t2'+_ t3*%!.- <sip:a@h>", "t1~` t2'+_ t3*%!.-|sip:a@h|1|"},
        {"\"Q, <x> ; \\\" \\\\\" <sip:a@h>", "\"Q, <x> ; \\\" \\\\\"|sip:a@h|1|"},
        {"\"Q\"<sip:a@h>\r\n ;\r\n tag = 9", "\"Q\"|sip:a@h|1|;\r\n tag = 9"},
        {"\\\"Al ice\\\" <sip:a@h>;tag=1", "\\\"Al ice\\\"|sip:a@h|1|;tag=1"},
        {"\"\"<sip:a@h>", "\"\"|sip:a@h|1|"},
        {"\"\xd0\x9b\xff\"<sip:a@h>", "\"\xd0\x9b\xff\"|sip:a@h|1|"},
        {"<sip:a;b,c?d@h;lr?X=Y>;p=\"x>y\"", "|sip:a;b,c?d@h;lr?X=Y|1|;p=\"x>y\""},
        {"<sip:a@h> ;expires=1", "|sip:a@h|1|;expires=1"},
        {"isbn:298", "|isbn:298|0|"},
        {"<nobodyKnows:this>", "|nobodyKnows:this|1|"},
};

static const char *const bad[] = {
        "",
        " ",
        "<>",
        "<",
        ">",
        "a",
        "<a>",
        "\"",
        "\"\"",
        "\"a\"",
        "Bob",
        "Bob <",
        "Bob <sip:a@h",
        "<sip:a@h",
        "sip:a@h>",
        "< sip:a@h>",
        "<sip:a@h >",
        "<sip:a @h>",
        "<sip:a@h\r\n >",
        "<<sip:a@h>",
        "<sip:a@h>>",
        "<sip:a@h> x",
        "\\a <sip:a@h>",
        "a\\ <sip:a@h>",
        "\\\"a\\\"",
        "\\\"a, b\\\" <sip:a@h>",
        "<sip:a@h>x;tag=1",
        "<sip:a@h>,",
        "<sip:a@h>;",
        "<sip:a@h>;;",
        "<sip:a@h>;tag=",
        "<sip:a@h>;tag=1;tag=2",
        "<sip:a@h>;TAG=1;tag=1",
        "<sip:a@h>;a=\"b",
        "<sip:a@h>\"",
        "\"open <sip:a@h>",
        "\"open\\\" <sip:a@h>",
        "\"a\" b <sip:a@h>",
        "a \"b\" <sip:a@h>",
        "Bell, Alex <sip:a@h>",
        "Bob@x <sip:a@h>",
        "B(ob) <sip:a@h>",
        "\xd0\x9b <sip:a@h>",
        "B\x01 <sip:a@h>",
        "\"\x01\" <sip:a@h>",
        "<sip:\x01@h>",
        "<sip:\xc3\xa9@h>",
        "sip:a@h?Route=x",
        "sip:a,b@h",
        "sip:a@h,sip:b@h",
        "sip: a@h",
        "sip :a@h",
        "sip:a@h b",
        "sip:a@h;b@c",
        ":a",
        "<:a>",
        "*;q=1",
        "**",
        "* <",
        "<*>",
};

static void finds_the_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(good); i++) {
		struct str text = view_at_edge(0, str_of(good[i].value));
		struct nameaddr n;
		char got[200];

		if (!nameaddr_parse(text, &n))
			fail_msg("refused: %s", good[i].value);
		assert_true(view_inside(n.all, text) && view_inside(n.display, text));
		assert_true(view_inside(n.uri, text) && view_inside(n.params, text));
		assert_false(n.star);
		snprintf(got, sizeof(got), "%.*s|%.*s|%d|%.*s", STR_ARG(n.display), STR_ARG(n.uri),
		        n.bracketed, STR_ARG(n.params));
		assert_string_equal(got, good[i].want);
	}
}

static void refuses_the_rest(void **state)
{
	struct nameaddr n;

	(void)state;
	for (size_t i = 0; i < unit_rows(bad); i++) {
		if (nameaddr_parse(view_at_edge(0, str_of(bad[i])), &n))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_false(nameaddr_parse(STR_NONE, &n));
	assert_false(nameaddr_parse(STR("<sip:a\0@h>"), &n));
	// a quoted pair may hold any ASCII but CR and LF
	assert_true(nameaddr_parse(STR("\"\\\0\\\a\\\x7f\" <sip:a@h>"), &n));
	assert_false(nameaddr_parse(STR("\"\\\r\n x\" <sip:a@h>"), &n));
	assert_false(nameaddr_parse(STR("\"\\\xc3\xa9\" <sip:a@h>"), &n));
}

static void star_is_alone(void **state)
{
	struct nameaddr n;

	(void)state;
	assert_true(nameaddr_parse(STR(" * "), &n));
	assert_true(n.star);
	assert_int_equal(n.uri.len, 0);
}

static void tag_is_the_headers(void **state)
{
	struct nameaddr n;

	(void)state;
	assert_true(nameaddr_parse(STR("<sip:a@h;tag=no>;x=1;Tag = yes"), &n));
	unit_str(n.tag, "yes");
	assert_true(nameaddr_parse(STR("<sip:a@h;tag=no>"), &n));
	assert_int_equal(n.tag.len, 0);
	assert_true(nameaddr_parse(STR("\"a;tag=no\" <sip:a@h>;x=\";tag=no\";tag"), &n));
	assert_int_equal(n.tag.len, 0);
}

static void takes_long_ones(void **state)
{
	struct nameaddr n;

	(void)state;
	assert_true(nameaddr_parse(
	        view_at_edge(0, view_repeat("\"", "\\\"", 30000, "\"<sip:a@h>")), &n));
	assert_false(
	        nameaddr_parse(view_at_edge(0, view_repeat("\"", "\\\"", 30000, "<sip:a@h>")), &n));
	assert_true(nameaddr_parse(view_at_edge(0, view_repeat("", "a ", 30000, "<sip:a@h>")), &n));
	assert_false(nameaddr_parse(view_at_edge(0, view_repeat("", "<", 60000, "")), &n));
	assert_false(nameaddr_parse(view_at_edge(0, view_repeat("", "<", 30000, ">")), &n));
	assert_false(nameaddr_parse(view_at_edge(0, view_repeat("<sip:a@h>", ";", 60000, "")), &n));
	assert_true(nameaddr_parse(
	        view_at_edge(0, view_repeat("<sip:a@h>", ";a", PARAMS_MAX, "")), &n));
	assert_false(nameaddr_parse(
	        view_at_edge(0, view_repeat("<sip:a@h>", ";a", PARAMS_MAX + 1, "")), &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_the_parts),
	        cmocka_unit_test(refuses_the_rest),
	        cmocka_unit_test(star_is_alone),
	        cmocka_unit_test(tag_is_the_headers),
	        cmocka_unit_test(takes_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
