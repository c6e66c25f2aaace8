// URIs: parts found, syntax refused, equality as RFC 3261 §19.1.4 and RFC 3966 §4 rule.
#include "dataplane/sip/uri.h"
#include "tests/unit/sip/view.h"

static const struct {
	const char *text;
	const char *want; // scheme user password host port address params headers; "-" when absent
} good[] = {
        {"sip:example.com", "0 - - example.com 0 name - -"},
        {"SIP:bob@Example.COM", "0 bob - Example.COM 0 name - -"},
        {"sIpS:bob:s3c,r$t@example.com.:5061", "1 bob s3c,r$t example.com. 5061 name - -"},
        {"sip:bob:@192.0.2.1", "0 bob  192.0.2.1 0 192.0.2.1 - -"},
        {"sip:192.0.2.1:1", "0 - - 192.0.2.1 1 192.0.2.1:1 - -"},
        {"sip:192.0.2.1:65535", "0 - - 192.0.2.1 65535 192.0.2.1:65535 - -"},
        {"sip:a@[2001:DB8::1]", "0 a - [2001:DB8::1] 0 [2001:db8::1] - -"},
        {"sip:[2001:db8::1]:5070;lr", "0 - - [2001:db8::1] 5070 [2001:db8::1]:5070 ;lr -"},
        {"sip:[::ffff:192.0.2.9]", "0 - - [::ffff:192.0.2.9] 0 [::ffff:192.0.2.9] - -"},
        {"sip:h;transport=tcp?Subject=x%20y&a=", "0 - - h 0 name ;transport=tcp ?Subject=x%20y&a="},
        {"sip:h?X=1", "0 - - h 0 name - ?X=1"},
        {"sip:u;p=v%40b@h", "0 u;p=v%40b - h 0 name - -"},
        {"sip:sips%3au%40a@b", "0 sips%3au%40a - b 0 name - -"},
        {"sip:h;a=b@c?d=e", "0 h;a=b - c 0 name - ?d=e"},
        {"sip:h?a=b@c", "0 h?a=b - c 0 name - -"},
        {"sip:%00@h", "0 %00 - h 0 name - -"},
        {"sip:a-_.!~*'()&=+$,;?/z:b&=+$,@h", "0 a-_.!~*'()&=+$,;?/z b&=+$, h 0 name - -"},
        {"sip:+1-(2).3@h;user=phone", "0 +1-(2).3 - h 0 name ;user=phone -"},
        {"sip:x@3232235777", "0 x - 3232235777 0 name - -"},
        {"sip:x@0300.0250.1.1", "0 x - 0300.0250.1.1 0 name - -"},
        {"sip:x@1.2.3.04", "0 x - 1.2.3.04 0 name - -"},
        {"sip:x@256.1.1.1", "0 x - 256.1.1.1 0 name - -"},
        {"sip:_sip._udp.a_b-c.example", "0 - - _sip._udp.a_b-c.example 0 name - -"},
        {"sip:h;%6C%72;n%61me=v%25", "0 - - h 0 name ;%6C%72;n%61me=v%25 -"},
        {"sip:h;maddr=[2001:db8::2];x=/:&+$", "0 - - h 0 name ;maddr=[2001:db8::2];x=/:&+$ -"},
        {"sip:h:00005060", "0 - - h 5060 name - -"},
        {"tel:+1-201-555-0123", "2 +1-201-555-0123 - - 0 name - -"},
        {"TEL:7042;phone-context=example.com", "2 7042 - - 0 name ;phone-context=example.com -"},
        {"tel:*31#aB9", "2 *31#aB9 - - 0 name - -"},
        {"soap.beep://192.0.2.3:3002", "3 - - - 0 name - -"},
        {"isbn:2983792873", "3 - - - 0 name - -"},
        {"sipx:a", "3 - - - 0 name - -"},
        {"si:a", "3 - - - 0 name - -"},
};

static const char *const bad[] = {
        "",
        "sip",
        "sip:",
        "sips:",
        ":",
        ":a",
        "1x:y",
        "+a:b",
        "x:",
        "x:a b",
        "x:<a>",
        "x:\"",
        "sip:@h",
        "sip::pw@h",
        "sip:a@",
        "sip:a@@h",
        "sip:a@b@h",
        "sip:a@h@",
        "sip:a b@h",
        "sip: a@h",
        "sip:a@h ",
        " sip:a@h",
        "sip:a@h\r\n",
        "sip:a\t@h",
        "<sip:a@h>",
        "sip:a@h>",
        "sip:a<b@h",
        "sip:\"a\"@h",
        "sip:a#b@h",
        "sip:a[b@h",
        "sip:a@h#f",
        "sip:\xc3\xa9@h",
        "sip:a@\xc3\xa9",
        "sip:a\\@h",
        "sip:a^@h",
        "sip:a|b@h",
        "sip:a{@h",
        "sip:a`@h",
        "sip:%@h",
        "sip:%4@h",
        "sip:%4g@h",
        "sip:a%",
        "sip:a@h%41",
        "sip:a:p%0@h",
        "sip:a:b:c@h",
        "sip:a:p;q@h",
        "sip:.",
        "sip:.h",
        "sip:a..b",
        "sip:-h",
        "sip:h-",
        "sip:a.-b",
        "sip:a-.b",
        "sip:h..",
        "sip:h:",
        "sip:h:0",
        "sip:h:65536",
        "sip:h:99999999999",
        "sip:h:-1",
        "sip:h:+5",
        "sip:h:5a",
        "sip:h:5060x",
        "sip:h:5060:1",
        "sip:h: 5060",
        "sip:h:4294972356",
        "sip:2001:db8::1",
        "sip:a@2001:db8::1",
        "sip:[2001:db8::1",
        "sip:[]",
        "sip:[",
        "sip:]",
        "sip::]",
        "sip:[.1]",
        "sip:[fe80::1%25eth0]",
        "sip:[fe80::1%eth0]",
        "sip:[192.0.2.1]",
        "sip:[::1]x",
        "sip:[::1]]",
        "sip:[[::1]]",
        "sip:[::1]:0",
        "sip:h;",
        "sip:h;;lr",
        "sip:h;=1",
        "sip:h;a=",
        "sip:h; lr",
        "sip:h;lr ",
        "sip:h;a=b=c",
        "sip:x@h;a=b@c",
        "sip:h;a=\"b\"",
        "sip:h;a=b,c",
        "sip:h,lr",
        "sip:h;a=%zz",
        "sip:h;lr;lr",
        "sip:h;transport=udp;Transport=tcp",
        "sip:h;maddr=a;%6daddr=b",
        "sip:h?",
        "sip:h?a",
        "sip:h?=b",
        "sip:h?a=b&",
        "sip:h?a=b&&c=d",
        "sip:h?a=b;c",
        "sip:h?a=b c",
        "sip:x@h?a=b@c",
        "sip:h?a=%0",
        "sip:h?a=b=c",
        "tel:",
        "tel:+",
        "tel:+1a",
        "tel:+1*",
        "tel:-",
        "tel:xyz",
        "tel:1 2",
        "tel:1;",
        "tel:1@h",
        "tel:;a=b",
        "tel:+%31",
        "tel:1?a=b",
};

static struct str or_dash(struct str s, bool present)
{
	return present ? s : STR("-");
}

static void check_views(const struct uri *u, struct str text)
{
	const struct str *views[] = {&u->all, &u->user, &u->password, &u->userinfo, &u->host,
	        &u->port_text, &u->hostport, &u->params, &u->headers};

	for (size_t i = 0; i < unit_rows(views); i++)
		assert_true(view_inside(*views[i], text));
}

static void finds_the_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(good); i++) {
		struct str text = view_at_edge(0, str_of(good[i].text));
		char address[ADDR_TEXT_MAX] = "name", got[256];
		struct uri u;

		if (!uri_parse(text, &u))
			fail_msg("refused: %s", good[i].text);
		check_views(&u, text);
		if (u.addr.family != ADDR_NONE)
			addr_format(&u.addr, address);
		snprintf(got, sizeof(got), "%d %.*s %.*s %.*s %u %s %.*s %.*s", (int)u.scheme,
		        STR_ARG(or_dash(u.user, u.user.len > 0)),
		        STR_ARG(or_dash(u.password, u.password.p != NULL)),
		        STR_ARG(or_dash(u.host, u.host.len > 0)), u.port, address,
		        STR_ARG(or_dash(u.params, u.params.len > 0)),
		        STR_ARG(or_dash(u.headers, u.headers.len > 0)));
		assert_string_equal(got, good[i].want);
	}
}

static void refuses_what_is_no_uri(void **state)
{
	struct uri u;

	(void)state;
	for (size_t i = 0; i < unit_rows(bad); i++) {
		if (uri_parse(view_at_edge(0, str_of(bad[i])), &u))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_false(uri_parse(STR_NONE, &u));
	assert_false(uri_parse(STR("sip:a\0b@h"), &u));
	assert_false(uri_parse(STR("sip:h\0"), &u));
}

static void every_control_byte_is_refused(void **state)
{
	char text[] = "sip:ab@cd:5060;ef=gh?ij=kl";
	struct uri u;

	(void)state;
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		char kept = text[at];

		for (int c = 0; c < 256; c++) {
			if (c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != '"')
				continue;
			text[at] = (char)c;
			assert_false(uri_parse((struct str){text, sizeof(text) - 1}, &u));
		}
		text[at] = kept;
	}
	assert_true(uri_parse((struct str){text, sizeof(text) - 1}, &u));
}

static void hostport_is_what_to_replace(void **state)
{
	struct uri u;

	(void)state;
	assert_true(uri_parse(STR("sips:a:b@[::1]:99;lr?x=y"), &u));
	unit_str(u.hostport, "[::1]:99");
	unit_str(u.userinfo, "a:b");
	unit_str(u.port_text, "99");
	assert_true(uri_parse(STR("sip:h"), &u));
	unit_str(u.hostport, "h");
	assert_null(u.userinfo.p);
}

static void parameters_are_found(void **state)
{
	struct str value;
	struct uri u;

	(void)state;
	assert_true(uri_parse(STR("sip:h;LR;Transport=Tcp;x=1"), &u));
	assert_int_equal(uri_transport(&u), TRANSPORT_TCP);
	assert_true(uri_param(&u, STR("lr"), NULL));
	assert_true(uri_param(&u, STR("x"), &value));
	unit_str(value, "1");
	assert_false(uri_param(&u, STR("y"), &value));
	assert_true(uri_parse(STR("sip:h;transport=xyz"), &u));
	assert_int_equal(uri_transport(&u), TRANSPORT_OTHER);
	assert_true(uri_parse(STR("sip:h;transport"), &u));
	assert_int_equal(uri_transport(&u), TRANSPORT_NONE);
	assert_true(uri_parse(STR("sip:transport=tcp@h"), &u));
	assert_int_equal(uri_transport(&u), TRANSPORT_NONE);
}

static const struct {
	const char *a, *b;
	bool eq;
} pairs[] = {
        // the examples of RFC 3261 §19.1.4
        {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
        {"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
        {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
        {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
        {"SIP:ALICE@AtlanTa.CoM;Transport=udp", "sip:alice@AtlanTa.CoM;Transport=UDP", false},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
        {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
        {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
        {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
        // the rules beside them
        {"sip:a@h", "sips:a@h", false},
        {"sip:a@h", "sip:h", false},
        {"sip:a@h", "sip:a:@h", false},
        {"sip:a:p@h", "sip:a:P@h", false},
        {"sip:a:p@h", "sip:a:%70@h", true},
        {"sip:h;user=phone", "sip:h", false},
        {"sip:h;ttl=1", "sip:h", false},
        {"sip:h;method=INVITE", "sip:h", false},
        {"sip:h;maddr=192.0.2.1", "sip:h", false},
        {"sip:h;lr", "sip:h", true},
        {"sip:h;x", "sip:h;x=1", false},
        {"sip:a%2Fb@h", "sip:a%2fb@h", true},
        {"sip:a%2fb@h", "sip:a/b@h", false},
        {"sip:a%00@h", "sip:a@h", false},
        {"sip:a%00b@h", "sip:a%00c@h", false},
        {"sip:%2541@h", "sip:A@h", false},
        {"sip:[2001:db8::1]", "sip:[2001:DB8:0:0:0:0:0:1]", true},
        {"sip:[2001:db8::1]", "sip:[2001:db8::2]", false},
        {"sip:h?a=1&b=2", "sip:h?a=1", false},
        {"sip:h?a=1&a=2", "sip:h?a=1&b=2", false},
        {"sip:h?A=X", "sip:h?a=x", true},
        {"tel:+1-201-555-0123", "TEL:+1.201.(555)0123", true},
        {"tel:+12015550123", "tel:12015550123", false},
        {"tel:7A;phone-context=a", "tel:7a;Phone-Context=A", true},
        {"tel:7;phone-context=a", "tel:7", false},
        {"isbn:1", "isbn:1", true},
        {"isbn:1", "ISBN:1", false},
};

static void equality(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(pairs); i++) {
		struct uri a, b;

		assert_true(uri_parse(view_at_edge(0, str_of(pairs[i].a)), &a));
		assert_true(uri_parse(view_at_edge(1, str_of(pairs[i].b)), &b));
		assert_true(uri_eq(&a, &a) && uri_eq(&b, &b));
		if (uri_eq(&a, &b) != pairs[i].eq || uri_eq(&b, &a) != pairs[i].eq)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
	}
}

static void takes_long_ones(void **state)
{
	struct uri a, b;

	(void)state;
	assert_true(uri_parse(view_at_edge(0, view_repeat("sip:", "u", 60000, "@h")), &a));
	assert_true(uri_parse(view_at_edge(0, view_repeat("sip:h", ";a", 24, "")), &a));
	assert_true(uri_parse(view_at_edge(1, view_repeat("sip:h", ";A", 24, "")), &b));
	assert_true(uri_eq(&a, &b));
	assert_true(uri_parse(view_at_edge(0, view_repeat("sip:h", ";a", 25, "")), &a));
	assert_true(uri_parse(view_at_edge(1, view_repeat("sip:h", ";A", 25, "")), &b));
	assert_false(uri_eq(&a, &b));
	// 2048 bytes of parameters, then one more
	assert_true(uri_parse(view_at_edge(0, view_repeat("sip:h;", "a", 2047, "")), &a));
	assert_true(uri_parse(view_at_edge(1, view_repeat("sip:h;", "A", 2047, "")), &b));
	assert_true(uri_eq(&a, &b));
	assert_true(uri_parse(view_at_edge(0, view_repeat("sip:h;", "a", 2048, "")), &a));
	assert_true(uri_parse(view_at_edge(1, view_repeat("sip:h;", "A", 2048, "")), &b));
	assert_false(uri_eq(&a, &b));
	assert_true(uri_parse(view_at_edge(0, view_repeat("sip:h", ";a", PARAMS_MAX, "")), &a));
	assert_true(uri_eq(&a, &a));
	assert_false(
	        uri_parse(view_at_edge(0, view_repeat("sip:h", ";a", PARAMS_MAX + 1, "")), &a));
	assert_false(uri_parse(view_at_edge(0, view_repeat("sip:", "%", 60000, "@h")), &a));
	assert_false(uri_parse(view_at_edge(0, view_repeat("sip:", "[", 60000, "")), &a));
	assert_false(uri_parse(view_at_edge(0, view_repeat("sip:a@", "@", 60000, "")), &a));
	assert_false(uri_parse(view_at_edge(0, view_repeat("sip:h?", "&", 60000, "")), &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_the_parts),
	        cmocka_unit_test(refuses_what_is_no_uri),
	        cmocka_unit_test(every_control_byte_is_refused),
	        cmocka_unit_test(hostport_is_what_to_replace),
	        cmocka_unit_test(parameters_are_found),
	        cmocka_unit_test(equality),
	        cmocka_unit_test(takes_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
