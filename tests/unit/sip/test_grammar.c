// The grammar on the corpus: every Request-URI, Via, From, To, Contact, Route and Record-Route of
// real devices, RFC call flows and RFC test messages is read, but for those files known to be
// ill-formed.
#include "dataplane/sip/message.h"
#include "dataplane/sip/nameaddr.h"
#include "dataplane/sip/scan.h"
#include "dataplane/sip/via.h"
#include "tests/unit/corpus.h"
#include "tests/unit/sip/view.h"

// Messages that parse, with a value in them that is against RFC 3261 §25.1 or RELIABILITY rule 3.
static const char *const ill_formed[] = {
        // two branches
        "edge/branch_dup_param.sip",
        // separators without values
        "edge/commas_60k.sip",
        // two tags
        "edge/from_tag_dup.sip",
        "realworld/pcap/sngrep_ipv6frag_26_200-INVITE.sip",
        // open brackets
        "edge/nested_angle_30k.sip",
        // rport 0
        "edge/response_via_received_port0.sip",
        // separators without parameters
        "edge/semicolons_60k.sip",
        "rfc4475/badinv01.dat",
        // zone id
        "edge/uri_ipv6_zone.sip",
        // port 0 or 65536
        "edge/uri_port_0.sip",
        "edge/uri_port_65536.sip",
        // two '@'
        "edge/uri_userinfo_at_at.sip",
        // empty user part
        "realworld/pcap/metasploit-sip-invite-spoof_1_INVITE.sip",
        // C++ source text left in a value
        "realworld/text/flexisip_BelleSipUtils_CANCEL_277.sip",
        "realworld/text/flexisip_BelleSipUtils_INVITE_130.sip",
        "realworld/text/flexisip_BelleSipUtils_OPTIONS_78.sip",
        "realworld/text/flexisip_BelleSipUtils_REFER_194.sip",
        "realworld/text/flexisip_BelleSipUtils_REGISTER_176.sip",
        "realworld/text/flexisip_stub-agent_200_141.sip",
        "realworld/text/resiprocate_Lucent-SIPTRANS-1.2_401_165.sip",
        // no scheme
        "realworld/text/heplify-server_FAKE-UA-DATA_200_146.sip",
        "realworld/text/kamailio_UbiquityUserAgent-4_REGISTER_1.sip",
        "realworld/text/sipXtapi_sipsend-0.01_REGISTER_124.sip",
        "realworld/text/sipXtapi_sipsend-0.01_REGISTER_168.sip",
        "realworld/text/sipXtapi_sipsend-0.01_REGISTER_208.sip",
        "realworld/text/sipXtapi_sipsend-0.01_REGISTER_84.sip",
        "realworld/text/sipXtapi_sipsend-0.01_SUBSCRIBE_510.sip",
        "realworld/text/sipXtapi_sipsend-0.01_SUBSCRIBE_544.sip",
        // '^' in a tag, an empty tag
        "realworld/text/kamailio_Pingtel-2.0.0-WinNT_REGISTER_1.sip",
        // no < before the URI
        "realworld/text/kamailio_Sip-EXpress-router-0.8.11pre21xr_200_496.sip",
        // &lt; for <
        "realworld/text/kamailio_kamailio-4.3.0-x86-64-linneaus_KDMQ_92.sip",
        // comment in a Via
        "realworld/text/sofia-sip_please_REGISTER_1.sip",
        // white space in an addr-spec
        "rfc4475/badaspec.dat",
        // comma in a display name that is not quoted
        "rfc4475/baddn-terminated.dat",
        // brackets around the Request-URI
        "rfc4475/ltgtruri.dat",
        // open quote
        "rfc4475/quotbal.dat",
        // bare addr-spec with '?'
        "rfc4475/regbadct.dat",
        // IPv6 without brackets
        "rfc5118/wire/ipv6-bad.sip",
};

static bool is_ill_formed(const char *path)
{
	for (size_t i = 0; i < unit_rows(ill_formed); i++) {
		size_t len = strlen(ill_formed[i]), all = strlen(path);

		if (all >= len && strcmp(path + all - len, ill_formed[i]) == 0)
			return true;
	}
	return false;
}

static bool nameaddr_ok(struct str value)
{
	struct nameaddr n;
	struct uri u;

	return nameaddr_parse(value, &n) && (n.star || uri_parse(n.uri, &u));
}

static bool value_ok(enum header_id id, struct str value)
{
	struct via v;

	return id == HEADER_VIA ? via_parse(value, &v) : nameaddr_ok(value);
}

static bool message_ok(const struct message *m)
{
	static const enum header_id lists[] = {
	        HEADER_VIA, HEADER_CONTACT, HEADER_ROUTE, HEADER_RECORD_ROUTE, HEADER_PATH};
	struct uri u;

	if (m->is_request && !uri_parse(m->request_uri, &u))
		return false;
	if (!nameaddr_ok(message_value(m, HEADER_FROM)) ||
	        !nameaddr_ok(message_value(m, HEADER_TO)))
		return false;
	for (size_t i = 0; i < unit_rows(lists); i++) {
		struct value_iter it;

		value_iter_start(&it, m, lists[i]);
		while (value_iter_next(&it)) {
			if (!value_ok(lists[i], it.value))
				return false;
		}
		if (it.bad)
			return false;
	}
	return true;
}

struct tally {
	unsigned read, ill, surprises;
};

static void check_file(const char *path, struct str bytes, void *arg)
{
	static struct message m;
	struct tally *t = arg;

	if (message_parse(view_at_edge(0, bytes), &m, NULL) != MESSAGE_NONE)
		return;
	if (message_ok(&m) == is_ill_formed(path)) {
		print_message("%s: %s\n", path, is_ill_formed(path) ? "accepted" : "refused");
		t->surprises++;
	}
	t->read++;
}

static void corpus(void **state)
{
	static const char *const folders[] = {"rfc4475", "rfc5118", "flows", "realworld", "edge"};
	struct tally t = {0};
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < unit_rows(folders); i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", corpus_root(), folders[i]);
		n += corpus_walk(path, check_file, &t);
	}
	if (n == 0) {
		print_message("grammar corpus: skipped, no files under %s\n", corpus_root());
		skip();
	}
	assert_in_range(t.read, 700, n);
	assert_int_equal(t.surprises, 0);
}

// Anything at all: nothing is read past its end (PROTOS, CVE messages, seeds of other parsers).
static void hostile_file(const char *path, struct str bytes, void *arg)
{
	struct str text = view_at_edge(0, bytes);
	unsigned *n = arg;

	(void)path;
	for (size_t line = 0; line < text.len && *n < 200000; ++*n) {
		struct str s = str_skip(text, line);
		size_t end = str_find(s, '\n'), colon = str_find(str_head(s, end), ':');

		line += end + 1;
		if (line > text.len)
			end = s.len;
		s = str_skip(str_head(s, end), colon + 1);
		value_ok(HEADER_VIA, view_at_edge(1, s));
		value_ok(HEADER_TO, view_at_edge(1, s));
	}
}

static void hostile(void **state)
{
	static const char *const folders[] = {
	        "protos-c07-sip", "cve", "fuzzseeds", "attacks", "edge"};
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < unit_rows(folders); i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", corpus_root(), folders[i]);
		corpus_walk(path, hostile_file, &n);
	}
	if (n == 0) {
		print_message("grammar hostile: skipped, no files under %s\n", corpus_root());
		skip();
	}
}

static int setup(void **state)
{
	(void)state;
	return scan_init() != NULL ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(corpus),
	        cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
