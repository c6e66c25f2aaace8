// binding_text: what is written is read back, byte for byte; what makes no sense is refused.
#include "tests/unit/unit.h"

#include "control/binding_text.h"
#include "dataplane/table/leg.h"

enum { OFFSET = 1795000000 };

static char text[BINDING_TEXT_MAX + 1], room[BINDING_TEXT_MAX];

static struct location_contact whole(void)
{
	struct location_contact c = {
	        .aor = STR("alice@example.com"),
	        .uri = STR("sip:alice@198.51.100.7:5062;ob"),
	        .path = STR("<sip:edge.example.com;lr>, <sip:core.example.com;lr>"),
	        .instance = STR("<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"),
	        .user_agent = STR("ph\xc3\xb6ne \"1.0\" \\ 'x'"),
	        .call_id = STR("7@192.0.2.4"),
	        .params = STR(";video;+g.x=\"a b\""),
	        .registered_s = 1000,
	        .expires_s = 4600,
	        .cseq = 4294967295u,
	        .reg_id = 2,
	        .methods = 0x1f,
	        .leg = leg_id(STR("core")),
	        .q = 730,
	        .transport = TRANSPORT_TLS,
	        .flags = LOCATION_NAT | LOCATION_OUTBOUND,
	};

	assert_true(addr_parse(STR("[2001:db8::1]:5063"), &c.received));
	return c;
}

static void equal(const struct location_contact *a, const struct location_contact *b)
{
	assert_true(str_eq(a->aor, b->aor));
	assert_true(str_eq(a->uri, b->uri));
	assert_true(str_eq(a->path, b->path));
	assert_true(str_eq(a->instance, b->instance));
	assert_true(str_eq(a->user_agent, b->user_agent));
	assert_true(str_eq(a->call_id, b->call_id));
	assert_true(str_eq(a->params, b->params));
	assert_true(addr_eq(&a->received, &b->received));
	assert_int_equal(a->registered_s, b->registered_s);
	assert_int_equal(a->expires_s, b->expires_s);
	assert_int_equal(a->cseq, b->cseq);
	assert_int_equal(a->reg_id, b->reg_id);
	assert_int_equal(a->methods, b->methods);
	assert_int_equal(a->leg, b->leg);
	assert_int_equal(a->q, b->q);
	assert_int_equal(a->transport, b->transport);
	assert_int_equal(a->flags, b->flags);
}

static struct str write(const struct location_contact *c, const char *leg)
{
	const size_t len = binding_text_write(c, leg, OFFSET, text);

	assert_in_range(len, 1, BINDING_TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		assert_in_range(text[i], ' ', 0x7e);
	text[len] = '\0';
	return (struct str){text, len};
}

static void there_and_back(void **state)
{
	struct location_contact c = whole(), back;
	struct error e = {0};

	(void)state;
	assert_int_equal(binding_text_read(write(&c, "core"), OFFSET, &back, room, &e), 0);
	equal(&c, &back);
	assert_non_null(strstr(text, " leg=core "));
	assert_non_null(strstr(text, " expires=1795004600 "));
	assert_non_null(strstr(text, " q=0.730 "));
	assert_int_equal(binding_text_read(write(&c, NULL), OFFSET, &back, room, &e), 0);
	equal(&c, &back);
	assert_null(strstr(text, "leg=core"));
}

// Every byte a text may hold, and the longest texts with each byte escaped.
static void every_byte(void **state)
{
	static char longest[LOCATION_TEXT_MAX];
	struct location_contact c = whole(), back;
	struct error e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = (char)(i % 255 + 1);
	for (size_t i = 0; i < sizeof(longest); i++)
		if (longest[i] == '\n' || longest[i] == '\r')
			longest[i] = ' ';
	c.path = c.user_agent = c.instance = c.call_id = c.params = STR_NONE;
	c.path = (struct str){longest, sizeof(longest) - c.aor.len - c.uri.len};
	assert_int_equal(binding_text_read(write(&c, "core"), OFFSET, &back, room, &e), 0);
	equal(&c, &back);
	memset(longest, 0xff, sizeof(longest));
	assert_int_equal(binding_text_read(write(&c, "core"), OFFSET, &back, room, &e), 0);
	equal(&c, &back);
}

static void least(void **state)
{
	struct location_contact c;
	struct error e = {0};

	(void)state;
	assert_int_equal(binding_text_read(STR("  expires=1795000001 contact=sip:a@b.example"
	                                       "  aor=a@example.com \r\n"),
	                         OFFSET, &c, room, &e),
	        0);
	assert_int_equal(c.expires_s, 1);
	assert_int_equal(c.q, 1000);
	assert_int_equal(c.transport, TRANSPORT_UDP);
	assert_int_equal(c.leg, LEG_NONE);
	assert_int_equal(c.received.family, ADDR_NONE);
	assert_int_equal(
	        binding_text_read(STR("aor=a@x contact=sip:a@b expires=5"), OFFSET, &c, room, &e),
	        0);
	assert_int_equal(c.expires_s, 0); // before the boot
}

static void refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "aor=a@x contact=sip:a@b",
	        "aor=a@x expires=1795000001",
	        "contact=sip:a@b expires=1795000001",
	        "aor=a@x contact=mailto:a@b expires=1795000001",
	        "aor=a@x contact=sip:a@b\\x0d\\x0aVia: expires=1795000001",
	        "aor=a@x contact=sip:a@b\\x0 expires=1795000001",
	        "aor=a@x contact=sip:a@b expires=1795000001 q=1.001",
	        "aor=a@x contact=sip:a@b expires=1795000001 q=0.1234",
	        "aor=a@x contact=sip:a@b expires=1795000001 q=-1",
	        "aor=a@x contact=sip:a@b expires=-1",
	        "aor=a@x contact=sip:a@b expires=99999999999",
	        "aor=a@x contact=sip:a@b expires=1795000001 colour=red",
	        "aor=a@x contact=sip:a@b expires=1795000001 flags=nat,blue",
	        "aor=a@x contact=sip:a@b expires=1795000001 transport=OTHER",
	        "aor=a@x contact=sip:a@b expires=1795000001 leg=#70000",
	        "aor=a@x contact=sip:a@b expires=1795000001 received=host:1",
	        "aor=a@x contact=sip:a@b expires=1795000001 cseq=4294967296",
	        "aor=a@x contact=sip:a@b expires=1795000001 path=a\\x00b",
	        "aor=a@x contact=sip:a@b expires=1795000001 nonsense",
	};
	struct location_contact c;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.text[0] = '\0';
		if (binding_text_read(str_of(bad[i]), OFFSET, &c, room, &e) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_true(e.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(there_and_back),
	        cmocka_unit_test(every_byte),
	        cmocka_unit_test(least),
	        cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
