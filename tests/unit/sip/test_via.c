// Via: parts found in any legal spacing, broken and ambiguous ones refused.
#include "dataplane/sip/via.h"
#include "tests/unit/sip/view.h"

static const struct {
	const char *value;
	const char *want; // transport sent-by host port address branch maddr received rport
} good[] = {
        {"SIP/2.0/UDP h", "UDP|h|h|0|name|-|-|-|-"},
        {"SIP/2.0/UDP h;branch=z9hG4bKx", "UDP|h|h|0|name|z9hG4bKx|-|-|-"},
        {"sip/2.0/udp 192.0.2.1:5060;rport",
                "UDP|192.0.2.1:5060|192.0.2.1|5060|192.0.2.1:5060|-|-|-|fill"},
        {"SIP/2.0/TCP [2001:db8::1]", "TCP|[2001:db8::1]|[2001:db8::1]|0|[2001:db8::1]|-|-|-|-"},
        {"SIP/2.0/TLS [2001:db8::1]:1",
                "TLS|[2001:db8::1]:1|[2001:db8::1]|1|[2001:db8::1]:1|-|-|-|-"},
        {"SIP/2.0/SCTP h:65535", "SCTP|h:65535|h|65535|name|-|-|-|-"},
        {"SIP/2.0/WSS df7jal.invalid;branch=b", "WSS|df7jal.invalid|df7jal.invalid|0|name|b|-|-|-"},
        {"SIP/2.0/UNKNOWN h", "|h|h|0|name|-|-|-|-"},
        {" SIP \r\n / 2.0\t/ UDP\r\n  h : 5 ; branch = b ; rport = 6 ",
                "UDP|h : 5|h|5|name|b|-|-|6"},
        {"SIP/2.0/UDP h;received=192.0.2.2;rport=65535", "UDP|h|h|0|name|-|-|192.0.2.2|65535"},
        {"SIP/2.0/UDP h;received=2001:db8::5", "UDP|h|h|0|name|-|-|2001:db8::5|-"},
        {"SIP/2.0/UDP h;Received=[2001:db8::5]", "UDP|h|h|0|name|-|-|2001:db8::5|-"},
        {"SIP/2.0/UDP h;received=nonsense", "UDP|h|h|0|name|-|-|bad|-"},
        {"SIP/2.0/UDP h;received", "UDP|h|h|0|name|-|-|bad|-"},
        {"SIP/2.0/UDP h;maddr=192.0.2.3;ttl=255", "UDP|h|h|0|name|-|192.0.2.3|-|-"},
        {"SIP/2.0/UDP h;maddr=[2001:db8::7]", "UDP|h|h|0|name|-|[2001:db8::7]|-|-"},
        {"SIP/2.0/UDP h;hidden;x=\"a;branch=no\";branch=-.!%66*_+`'~",
                "UDP|h|h|0|name|-.!%66*_+`'~|-|-|-"},
        {"SIP/2.0/UDP 3232235777", "UDP|3232235777|3232235777|0|name|-|-|-|-"},
        {"SIP/2.0/UDP 1.2.3.h4;branch=b", "UDP|1.2.3.h4|1.2.3.h4|0|name|b|-|-|-"},
};

static const char *const bad[] = {
        "SIP/2.0/UDP 192.0.2.105060",
        "SIP/2.0/UDP host.256;branch=b",
        "",
        " ",
        "SIP",
        "SIP/2.0",
        "SIP/2.0/",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ",
        "SIP/2.0/UDPh",
        "SIP/2.0 UDP h",
        "SIP//UDP h",
        "/2.0/UDP h",
        "SIP/2.0/ h",
        "SIP/7.0/UDP h",
        "SIP/2.00/UDP h",
        "SIP/2.0/UDP[::1]",
        "SIPS/2.0/UDP h",
        "HTTP/2.0/UDP h",
        "SIP/2.0/UD\x16P h",
        "SIP/2.0/UDP/x h",
        "SIP/2.0/UDP :]",
        "SIP/2.0/UDP :5060",
        "SIP/2.0/UDP :::",
        "SIP/2.0/UDP [",
        "SIP/2.0/UDP []",
        "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP ::1",
        "SIP/2.0/UDP [fe80::1%25e]",
        "SIP/2.0/UDP .h",
        "SIP/2.0/UDP a..b",
        "SIP/2.0/UDP %n",
        "SIP/2.0/UDP h\\",
        "SIP/2.0/UDP h (comment)",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h:0",
        "SIP/2.0/UDP h:65536",
        "SIP/2.0/UDP h:-1",
        "SIP/2.0/UDP h:5x",
        "SIP/2.0/UDP h::5",
        "SIP/2.0/UDP h:4294967297",
        "SIP/2.0/UDP a b",
        "SIP/2.0/UDP h;",
        "SIP/2.0/UDP h;;",
        "SIP/2.0/UDP h;branch=",
        "SIP/2.0/UDP h;branch",
        "SIP/2.0/UDP h;branch=\"b\"",
        "SIP/2.0/UDP h;branch=a b",
        "SIP/2.0/UDP h;branch=a,",
        "SIP/2.0/UDP h;x=\"open",
        "SIP/2.0/UDP h;branch=a@b",
        "SIP/2.0/UDP h;branch=a;branch=a",
        "SIP/2.0/UDP h;branch=a;Branch=b",
        "SIP/2.0/UDP h;rport;rport",
        "SIP/2.0/UDP h;rport=1;rport",
        "SIP/2.0/UDP h;rport=0",
        "SIP/2.0/UDP h;rport=65536",
        "SIP/2.0/UDP h;rport=",
        "SIP/2.0/UDP h;rport=x",
        "SIP/2.0/UDP h;rport=\"1\"",
        "SIP/2.0/UDP h;received=1.1.1.1;received=1.1.1.1",
        "SIP/2.0/UDP h;received;received",
        "SIP/2.0/UDP h;received=",
        "SIP/2.0/UDP h;maddr=a;maddr=a",
        "SIP/2.0/UDP h;maddr",
        "SIP/2.0/UDP h;maddr=.a",
        "SIP/2.0/UDP h;ttl",
        "SIP/2.0/UDP h;ttl=256",
        "SIP/2.0/UDP h;ttl=x",
};

static struct str or_dash(struct str s)
{
	return s.p == NULL ? STR("-") : s;
}

static void finds_the_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(good); i++) {
		struct str text = view_at_edge(0, str_of(good[i].value));
		char address[ADDR_TEXT_MAX] = "name", received[ADDR_TEXT_MAX] = "-", got[256];
		char rport[8] = "-";
		struct via v;

		if (!via_parse(text, &v))
			fail_msg("refused: %s", good[i].value);
		assert_true(view_inside(v.sent_by, text) && view_inside(v.params, text));
		if (v.addr.family != ADDR_NONE)
			addr_format(&v.addr, address);
		if (v.received_addr.family != ADDR_NONE)
			addr_format_ip(&v.received_addr, received);
		else if (v.received.name.len > 0)
			strcpy(received, "bad");
		if (v.rport_value != 0)
			snprintf(rport, sizeof(rport), "%u", v.rport_value);
		else if (v.rport.name.len > 0)
			strcpy(rport, "fill");
		snprintf(got, sizeof(got), "%.*s|%.*s|%.*s|%u|%s|%.*s|%.*s|%s|%s",
		        STR_ARG(transport_name(v.transport)), STR_ARG(v.sent_by), STR_ARG(v.host),
		        v.port, address, STR_ARG(or_dash(v.branch)), STR_ARG(or_dash(v.maddr)),
		        received, rport);
		assert_string_equal(got, good[i].want);
	}
}

static void refuses_the_rest(void **state)
{
	struct via v;

	(void)state;
	for (size_t i = 0; i < unit_rows(bad); i++) {
		if (via_parse(view_at_edge(0, str_of(bad[i])), &v))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_false(via_parse(STR_NONE, &v));
	assert_false(via_parse(STR("SIP/2.0/UDP h\0"), &v));
}

static void says_what_to_cut(void **state)
{
	struct via v;

	(void)state;
	assert_true(via_parse(STR("SIP/2.0/XYZ h;a;received = 192.0.2.1 ;rport;b"), &v));
	assert_int_equal(v.transport, TRANSPORT_OTHER);
	unit_str(v.transport_name, "XYZ");
	unit_str(v.received.all, ";received = 192.0.2.1");
	unit_str(v.rport.all, ";rport");
	unit_str(v.params, ";a;received = 192.0.2.1 ;rport;b");
}

static void takes_long_ones(void **state)
{
	struct via v;

	(void)state;
	assert_true(via_parse(
	        view_at_edge(0, view_repeat("SIP/2.0/UDP h;branch=", "b", 60000, "")), &v));
	assert_int_equal(v.branch.len, 60000);
	assert_true(
	        via_parse(view_at_edge(0, view_repeat("SIP/2.0/UDP h", ";a", PARAMS_MAX, "")), &v));
	assert_false(via_parse(
	        view_at_edge(0, view_repeat("SIP/2.0/UDP h", ";a", PARAMS_MAX + 1, "")), &v));
	assert_true(via_parse(view_at_edge(0, view_repeat("SIP/2.0/UDP", " ", 60000, "h")), &v));
	assert_true(via_parse(
	        view_at_edge(0, view_repeat("SIP/2.0/UDP h;q=\"", "\\\"", 30000, "\"")), &v));
	assert_false(via_parse(view_at_edge(0, view_repeat("SIP/2.0/UDP ", "[", 60000, "")), &v));
	assert_false(via_parse(view_at_edge(0, view_repeat("SIP", "/", 60000, "")), &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_the_parts),
	        cmocka_unit_test(refuses_the_rest),
	        cmocka_unit_test(says_what_to_cut),
	        cmocka_unit_test(takes_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
