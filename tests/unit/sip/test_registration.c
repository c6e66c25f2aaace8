// registration: Contacts of REGISTERs taken apart.
#include "tests/unit/unit.h"

#include "dataplane/sip/registration.h"

static struct registration_contact parse(const char *text)
{
	struct registration_contact c;

	if (!registration_contact(str_of(text), &c))
		fail_msg("'%s'", text);
	return c;
}

static void seconds(void **state)
{
	static const struct {
		const char *text;
		uint32_t want;
	} rows[] = {
	        {"<sip:a@b>", REGISTRATION_UNSAID},
	        {"<sip:a@b>;expires=0", 0},
	        {"<sip:a@b>;Expires=60", 60},
	        {"sip:a@b;expires=60", 60},
	        {"<sip:a@b;expires=60>", REGISTRATION_UNSAID},
	        {"<sip:a@b>;expires=4294967294", 4294967294},
	        {"<sip:a@b>;expires=4294967295", 4294967294},
	        {"<sip:a@b>;expires=18446744073709551617", 4294967294},
	        {"<sip:a@b>;expires=0000000000000000000007", 7},
	        {"<sip:a@b>;expires=1x", 3600},
	        {"<sip:a@b>;expires=\"7\"", 3600},
	        {"<sip:a@b>;expires", 3600},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++)
		if (parse(rows[i].text).expires != rows[i].want)
			fail_msg("'%s': %u", rows[i].text, parse(rows[i].text).expires);
}

static void quality(void **state)
{
	static const struct {
		const char *q;
		int want; // -1 = refused
	} rows[] = {{"0", 0}, {"1", 1000}, {"0.", 0}, {"1.", 1000}, {"0.5", 500}, {"0.05", 50},
	        {"0.005", 5}, {"0.999", 999}, {"1.000", 1000}, {"1.001", -1}, {"0.1234", -1},
	        {"2", -1}, {".5", -1}, {"0,5", -1}, {"-0", -1}, {"0.x", -1}};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct registration_contact c;
		char text[64];
		bool ok;

		snprintf(text, sizeof(text), "<sip:a@b>;q=%s", rows[i].q);
		ok = registration_contact(str_of(text), &c);
		if (ok != (rows[i].want >= 0) || (ok && c.q != rows[i].want))
			fail_msg("q=%s", rows[i].q);
	}
	assert_int_equal(parse("<sip:a@b>").q, 1000);
}

static void instances(void **state)
{
	struct registration_contact c = parse(
	        "<sip:a@b>;+sip.instance=\"<urn:uuid:1>\";reg-id=7;methods=\"INVITE, BYE,X\"");

	(void)state;
	unit_str(c.instance, "<urn:uuid:1>");
	assert_int_equal(c.reg_id, 7);
	assert_int_equal(c.methods, 1u << METHOD_INVITE | 1u << METHOD_BYE);
	unit_str(parse("<sip:a@b>;+sip.instance=\"urn:uuid:1\"").instance, "");
	unit_str(parse("<sip:a@b>;+sip.instance=\"<>\"").instance, "");
	unit_str(parse("<sip:a@b>;+sip.instance=\"<a b>\"").instance, "");
	unit_str(parse("<sip:a@b>;+sip.instance=\"<a\\\"b>\"").instance, "");
	assert_false(registration_contact(STR("<sip:a@b>;reg-id=0"), &c));
	assert_false(registration_contact(STR("<sip:a@b>;reg-id=2147483648"), &c));
	assert_false(registration_contact(STR("<sip:a@b>;reg-id=x"), &c));
	assert_true(parse("*").name.star);
}

static void other_parameters(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"<sip:a@b>", ""},
	        {"<sip:a@b>;expires=1;q=0.1;+sip.instance=\"<x>\";reg-id=1", ""},
	        {"<sip:a@b>;PUB-GRUU=\"x\";temp-gruu=\"y\"", ""},
	        {"sip:a@b;unknown", ";unknown"},
	        {"<sip:a@b;unknown>", ""},
	        {"<sip:a@b> ; Audio ;\t+g.x = \"a,b;c\" ; q=1;z=1", ";Audio;+g.x=\"a,b;c\";z=1"},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct registration_contact c = parse(rows[i].text);
		struct writer out = {text, text + sizeof(text), false};

		registration_params(&c, &out);
		assert_false(out.full);
		unit_str(str_from(text, out.at), rows[i].want);
	}
	struct registration_contact c = parse("<sip:a@b>;abc=def;ghi=jkl");
	struct writer small = {text, text + 10, false};
	registration_params(&c, &small);
	assert_true(small.full);
	assert_true(small.at <= text + 10);
}

// Where it says so, taking From apart finds To's URI.
static void from_that_begins_as_to(void **state)
{
	static const char *const displays[] = {
	        "", "Alice ", "\"Al <sip:x@y> ice\" ", "\"Al\"", "al ice"};
	static const char *const uris[] = {"<sip:a@b>", "<sip:a@b.c>", "<sip:a@b;x>", "<sip:aa@b>",
	        "<tel:+1>", "<sip:a@b", "sip:a@b"};
	static const char *const ends[] = {"", ";tag=1", " ;tag=1", ">", ";tag=<sip:a@b>"};
	char value[2][80];
	struct nameaddr to, from;
	unsigned begins = 0;

	(void)state;
	for (unsigned i = 0; i < 175 * 175; i++) {
		for (unsigned k = 0, of = i; k < 2; k++, of = i / 175)
			sprintf(value[k], "%s%s%s", displays[of % 5], uris[of / 5 % 7],
			        ends[of / 35 % 5]);
		if (!nameaddr_parse(str_of(value[0]), &to) ||
		        !registration_begins_as(&to, str_of(value[1])))
			continue;
		begins++;
		if (nameaddr_parse(str_of(value[1]), &from))
			assert_true(str_eq(from.uri, to.uri));
	}
	assert_true(begins > 100);
	assert_true(nameaddr_parse(STR("Al <sip:a@b>;x"), &to));
	assert_true(registration_begins_as(&to, STR("Al <sip:a@b>;tag=1")));
	assert_false(registration_begins_as(&to, STR("Al <sip:a@b")));
	assert_false(registration_begins_as(&to, STR("Al <sip:a@bc>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(seconds),
	        cmocka_unit_test(quality),
	        cmocka_unit_test(instances),
	        cmocka_unit_test(other_parameters),
	        cmocka_unit_test(from_that_begins_as_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
