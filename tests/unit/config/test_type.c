// type: words taken in their canonical form, words refused.
#include "tests/unit/unit.h"

#include "config/schema.h"

struct type_row {
	enum type type;
	const char *word;
	const char *canonical; // NULL: refused
};

#define HEX32 "0123456789abcdef0123456789abcdef"
#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct type_row rows[] = {
        {TYPE_SWITCH, "on", "on"},
        {TYPE_SWITCH, "off", "off"},
        {TYPE_SWITCH, "On", NULL},
        {TYPE_SWITCH, "o", NULL},
        {TYPE_SWITCH, "on|off", NULL},
        {TYPE_SWITCH, "", NULL},
        {TYPE_CHOICE, "poll", "poll"},
        {TYPE_CHOICE, "adaptive", "adaptive"},
        {TYPE_CHOICE, "pol", NULL},
        {TYPE_CHOICE, "", NULL},
        {TYPE_NUMBER, "10", "10"},
        {TYPE_NUMBER, "0010", "10"},
        {TYPE_NUMBER, "1000", "1000"},
        {TYPE_NUMBER, "9", NULL},
        {TYPE_NUMBER, "1001", NULL},
        {TYPE_NUMBER, "-10", NULL},
        {TYPE_NUMBER, "+10", NULL},
        {TYPE_NUMBER, "1e2", NULL},
        {TYPE_NUMBER, "0x10", NULL},
        {TYPE_NUMBER, "99999999999999999999", NULL},
        {TYPE_NUMBER, "", NULL},
        {TYPE_NAME, "access-1_b", "access-1_b"},
        {TYPE_NAME, "_", "_"},
        {TYPE_NAME, "-a", NULL},
        {TYPE_NAME, "a.b", NULL},
        {TYPE_NAME, "a b", NULL},
        {TYPE_NAME, "\xc3\xa4", NULL},
        {TYPE_NAME, "", NULL},
        {TYPE_REF, "core", "core"},
        {TYPE_REF, "co/re", NULL},
        {TYPE_DEVICE, "0000:3B:00.0", "0000:3b:00.0"},
        {TYPE_DEVICE, "3b:00.1", "0000:3b:00.1"},
        {TYPE_DEVICE, "3b:00.1,a=1", "0000:3b:00.1,a=1"},
        {TYPE_DEVICE, "net_af_packet0,iface=eth1", "net_af_packet0,iface=eth1"},
        {TYPE_DEVICE, "net_pcap0,rx_pcap=/tmp/a.pcap", "net_pcap0,rx_pcap=/tmp/a.pcap"},
        {TYPE_DEVICE, "virtio_user0,path=/dev/vhost-net", "virtio_user0,path=/dev/vhost-net"},
        {TYPE_DEVICE, "eth1", NULL},
        {TYPE_DEVICE, "net_", NULL},
        {TYPE_DEVICE, "net_x,", NULL},
        {TYPE_DEVICE, "net_x,a='b'", NULL},
        {TYPE_DEVICE, "net_x,a b", NULL},
        {TYPE_DEVICE, "3b:00.8", NULL},
        {TYPE_DEVICE, "3b:00", NULL},
        {TYPE_DEVICE, "0000:3g:00.0", NULL},
        {TYPE_DEVICE, "", NULL},
        {TYPE_PREFIX, "192.0.2.1/24", "192.0.2.1/24"},
        {TYPE_PREFIX, "192.0.2.0/31", "192.0.2.0/31"},
        {TYPE_PREFIX, "192.0.2.0/32", "192.0.2.0/32"},
        {TYPE_PREFIX, "2001:DB8:0::1/064", "2001:db8::1/64"},
        {TYPE_PREFIX, "fe80::1/128", "fe80::1/128"},
        {TYPE_PREFIX, "192.0.2.0/24", NULL},
        {TYPE_PREFIX, "192.0.2.255/24", NULL},
        {TYPE_PREFIX, "192.0.2.1", NULL},
        {TYPE_PREFIX, "192.0.2.1/", NULL},
        {TYPE_PREFIX, "192.0.2.1/0", NULL},
        {TYPE_PREFIX, "192.0.2.1/33", NULL},
        {TYPE_PREFIX, "192.0.2.1/24/1", NULL},
        {TYPE_PREFIX, "2001:db8::1/129", NULL},
        {TYPE_PREFIX, "127.0.0.1/8", NULL},
        {TYPE_PREFIX, "224.0.0.1/24", NULL},
        {TYPE_PREFIX, "[2001:db8::1]/64", NULL},
        {TYPE_PREFIX, "", NULL},
        {TYPE_IP, "192.0.2.254", "192.0.2.254"},
        {TYPE_IP, "FE80::1", "fe80::1"},
        {TYPE_IP, "192.0.2.254:1", NULL},
        {TYPE_IP, "192.0.2", NULL},
        {TYPE_IP, "192.0.2.01", NULL},
        {TYPE_IP, "0.0.0.0", NULL},
        {TYPE_IP, "::", NULL},
        {TYPE_IP, "255.255.255.255", NULL},
        {TYPE_IP, "", NULL},
        {TYPE_HOSTPORT, "192.0.2.1", "192.0.2.1:5060"},
        {TYPE_HOSTPORT, "192.0.2.1:5062", "192.0.2.1:5062"},
        {TYPE_HOSTPORT, "[2001:db8::1]", "[2001:db8::1]:5060"},
        {TYPE_HOSTPORT, "[2001:DB8::1]:5061", "[2001:db8::1]:5061"},
        {TYPE_HOSTPORT, "192.0.2.1:0", NULL},
        {TYPE_HOSTPORT, "192.0.2.1:65536", NULL},
        {TYPE_HOSTPORT, "192.0.2.1:", NULL},
        {TYPE_HOSTPORT, "sip.example.com:5060", NULL},
        {TYPE_HOSTPORT, "127.0.0.1:5060", NULL},
        {TYPE_HOSTPORT, "[192.0.2.1]:5060", NULL},
        {TYPE_HOSTPORT, "", NULL},
        {TYPE_SENTBY, "SIP.Example.com", "sip.example.com"},
        {TYPE_SENTBY, "sip.example.com:5070", "sip.example.com:5070"},
        {TYPE_SENTBY, "203.0.113.1:5060", "203.0.113.1:5060"},
        {TYPE_SENTBY, "203.0.113.1", "203.0.113.1"},
        {TYPE_SENTBY, "[2001:db8::1]", "[2001:db8::1]"},
        {TYPE_SENTBY, "sip.example.com:0", NULL},
        {TYPE_SENTBY, "sip.example.com:", NULL},
        {TYPE_SENTBY, "sip..example.com", NULL},
        {TYPE_SENTBY, "203.0.113.256", NULL},
        {TYPE_SENTBY, LABEL63 "a", NULL},
        {TYPE_SENTBY, "a b", NULL},
        {TYPE_SENTBY, "", NULL},
        {TYPE_DOMAIN, "Example.COM", "example.com"},
        {TYPE_DOMAIN, "example.com.", "example.com"},
        {TYPE_DOMAIN, "*.example.com", "*.example.com"},
        {TYPE_DOMAIN, "default", "default"},
        {TYPE_DOMAIN, "192.0.2.1", "192.0.2.1"},
        {TYPE_DOMAIN, "2001:DB8::1", "[2001:db8::1]"},
        {TYPE_DOMAIN, "[2001:db8::1]", "[2001:db8::1]"},
        {TYPE_DOMAIN, LABEL63 ".example", LABEL63 ".example"},
        {TYPE_DOMAIN, LABEL63 "a.example", NULL},
        {TYPE_DOMAIN, "*", NULL},
        {TYPE_DOMAIN, "*.", NULL},
        {TYPE_DOMAIN, "a.*.example.com", NULL},
        {TYPE_DOMAIN, "*example.com", NULL},
        {TYPE_DOMAIN, "-example.com", NULL},
        {TYPE_DOMAIN, "example-.com", NULL},
        {TYPE_DOMAIN, ".example.com", NULL},
        {TYPE_DOMAIN, "192.0.2.1:5060", NULL},
        {TYPE_DOMAIN, "192.0.2", NULL},
        {TYPE_DOMAIN, ".", NULL},
        {TYPE_DOMAIN, "", NULL},
        {TYPE_DIGITS, "+4930", "+4930"},
        {TYPE_DIGITS, "*31#", "*31#"},
        {TYPE_DIGITS, "#", "#"},
        {TYPE_DIGITS, "any", "any"},
        {TYPE_DIGITS, "49+30", NULL},
        {TYPE_DIGITS, "49a", NULL},
        {TYPE_DIGITS, "000000000000000000000000000000000", NULL},
        {TYPE_DIGITS, "", NULL},
        {TYPE_CORES, "2", "2"},
        {TYPE_CORES, "7,2-5", "2-5,7"},
        {TYPE_CORES, "1,2,3,2", "1-3"},
        {TYPE_CORES, "0-1,1023", "0-1,1023"},
        {TYPE_CORES, "5-2", NULL},
        {TYPE_CORES, "1024", NULL},
        {TYPE_CORES, "0-64", NULL},
        {TYPE_CORES, "1,", NULL},
        {TYPE_CORES, ",1", NULL},
        {TYPE_CORES, "1-", NULL},
        {TYPE_CORES, "-1", NULL},
        {TYPE_CORES, "1-2-3", NULL},
        {TYPE_CORES, "", NULL},
        {TYPE_STATUS, "404", "404"},
        {TYPE_STATUS, "300", "300"},
        {TYPE_STATUS, "699", "699"},
        {TYPE_STATUS, "200", NULL},
        {TYPE_STATUS, "700", NULL},
        {TYPE_SECRET, HEX32, HEX32},
        {TYPE_SECRET, "0123456789ABCDEF0123456789ABCDEF", HEX32},
        {TYPE_SECRET, HEX32 HEX32 HEX32 HEX32, HEX32 HEX32 HEX32 HEX32},
        {TYPE_SECRET, HEX32 "0", NULL},
        {TYPE_SECRET, HEX32 HEX32 HEX32 HEX32 "00", NULL},
        {TYPE_SECRET, "0123456789abcdef0123456789abcde", NULL},
        {TYPE_SECRET, "0123456789abcdef0123456789abcdeg", NULL},
        {TYPE_SECRET, "", NULL},
        {TYPE_USER, "alice@example.com", "alice@example.com"},
        {TYPE_USER, "Alice@Example.COM", "Alice@example.com"},
        {TYPE_USER, "alice@a.net@example.com", "alice@a.net@example.com"},
        {TYPE_USER, "+49%2030;x=y@[2001:db8::1]", "+49%2030;x=y@[2001:db8::1]"},
        {TYPE_USER, LABEL63 LABEL63 "a@example.com", LABEL63 LABEL63 "a@example.com"},
        {TYPE_USER, LABEL63 LABEL63 "aa@example.com", NULL},
        {TYPE_USER, "alice", NULL},
        {TYPE_USER, "@example.com", NULL},
        {TYPE_USER, "alice@", NULL},
        {TYPE_USER, "ali:ce@example.com", NULL},
        {TYPE_USER, "ali ce@example.com", NULL},
        {TYPE_USER, "ali\"ce@example.com", NULL},
        {TYPE_USER, "ali\xc3\xa9@example.com", NULL},
        {TYPE_USER, "alice@exam\"ple.com", NULL},
        {TYPE_USER, "", NULL},
        {TYPE_REALM, "Example.COM", "example.com"},
        {TYPE_REALM, "192.0.2.1", "192.0.2.1"},
        {TYPE_REALM, "two words", NULL},
        {TYPE_REALM, "a\"b", NULL},
        {TYPE_REALM, "", NULL},
        {TYPE_ALGORITHMS, "md5", "md5"},
        {TYPE_ALGORITHMS, "SHA-512-256,md5,sha-256", "sha-512-256,md5,sha-256"},
        {TYPE_ALGORITHMS, "md5,md5", NULL},
        {TYPE_ALGORITHMS, "md5,", NULL},
        {TYPE_ALGORITHMS, ",md5", NULL},
        {TYPE_ALGORITHMS, "md5-sess", NULL},
        {TYPE_ALGORITHMS, "", NULL},
        {TYPE_NETWORK, "192.0.2.99/24", "192.0.2.0/24"},
        {TYPE_NETWORK, "192.0.2.99", "192.0.2.99/32"},
        {TYPE_NETWORK, "0.0.0.0/0", "0.0.0.0/0"},
        {TYPE_NETWORK, "2001:DB8::1/32", "2001:db8::/32"},
        {TYPE_NETWORK, "::1", "::1/128"},
        {TYPE_NETWORK, "192.0.2.0/33", NULL},
        {TYPE_NETWORK, "192.0.2.0/", NULL},
        {TYPE_NETWORK, "example.com", NULL},
        {TYPE_NETWORK, "", NULL},
        {TYPE_REGEX, "(?i)^a b\\.c*$", "(?i)^a b\\.c*$"},
        {TYPE_REGEX, "a\nb", NULL},
        {TYPE_REGEX, "", NULL},
        {TYPE_HEADER, "user-agent", "User-Agent"},
        {TYPE_HEADER, "v", "Via"},
        {TYPE_HEADER, "X-Mine", "X-Mine"},
        {TYPE_HEADER, "a b", NULL},
        {TYPE_HEADER, "a:", NULL},
        {TYPE_HEADER, "", NULL},
        {TYPE_METHOD, "INVITE", "INVITE"},
        {TYPE_METHOD, "invite", NULL},
        {TYPE_METHOD, "", NULL},
        {TYPE_PORTS, "5060", "5060"},
        {TYPE_PORTS, "1024-65535", "1024-65535"},
        {TYPE_PORTS, "7-7", "7"},
        {TYPE_PORTS, "2-1", NULL},
        {TYPE_PORTS, "1-", NULL},
        {TYPE_PORTS, "1-65536", NULL},
        {TYPE_PORTS, "", NULL},
        {TYPE_PATH, "/etc/spry/alice.secret", "/etc/spry/alice.secret"},
        {TYPE_PATH, "alice.secret", NULL},
        {TYPE_PATH, "/a b", NULL},
        {TYPE_PATH, "/", NULL},
        {TYPE_PATH, "", NULL},
};

static struct schema_row row_of(enum type t)
{
	struct schema_row row = {.path = "x", .type = t, .values = "poll|adaptive"};

	row.min = t == TYPE_STATUS ? 300 : 10;
	row.max = t == TYPE_STATUS ? 699 : t == TYPE_NUMBER ? 1000 : t == TYPE_SECRET ? 0 : 15;
	return row;
}

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct schema_row row = row_of(rows[i].type);
		struct error e = {0};
		char out[256] = "untouched";
		int rc = type_check(row.type, &row, str_of(rows[i].word), out, sizeof(out), &e);

		if (rows[i].canonical == NULL) {
			if (rc == 0)
				fail_msg("type %d took '%s'", row.type, rows[i].word);
			if (strncmp(e.text, "expected ", 9) != 0)
				fail_msg("type %d said '%s'", row.type, e.text);
		} else {
			if (rc != 0)
				fail_msg("'%s': %s", rows[i].word, e.text);
			assert_string_equal(out, rows[i].canonical);
		}
	}
}

// What is canonical is taken as it is: the round trip of texts rests on it.
static void canonical_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct schema_row row = row_of(rows[i].type);
		char out[256];

		if (rows[i].canonical == NULL)
			continue;
		assert_int_equal(type_check(row.type, &row, str_of(rows[i].canonical), out,
		                         sizeof(out), NULL),
		        0);
		assert_string_equal(out, rows[i].canonical);
	}
}

// A value is kept as a C string: no word may hide something behind a NUL, or be one.
static void no_nul(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct schema_row row = row_of(rows[i].type);
		char word[256] = {0}, out[256];
		size_t len = strlen(rows[i].word);

		memcpy(word, rows[i].word, len);
		for (size_t more = 1; more <= 3; more++)
			if (type_check(row.type, &row, (struct str){word, len + more}, out,
			            sizeof(out), NULL) == 0)
				fail_msg("type %d took '%s' and %zu NULs", row.type, rows[i].word,
				        more);
	}
}

static void no_room(void **state)
{
	struct schema_row row = row_of(TYPE_HOSTPORT);
	char out[8];

	(void)state;
	for (int t = TYPE_SWITCH; t <= TYPE_PATH; t++) {
		row = row_of((enum type)t);
		assert_int_not_equal(
		        type_check(row.type, &row, STR("192.0.2.1:5060"), out, 0, NULL), 0);
	}
	assert_int_equal(
	        type_check(TYPE_HOSTPORT, &row, STR("192.0.2.1"), out, sizeof(out), NULL), -1);
}

static void says_the_range(void **state)
{
	struct schema_row row = row_of(TYPE_NUMBER);
	struct error e = {0};
	char out[32];

	(void)state;
	type_check(TYPE_NUMBER, &row, STR("x"), out, sizeof(out), &e);
	assert_string_equal(e.text, "expected a number from 10 to 1000");
	row = row_of(TYPE_CHOICE);
	type_check(TYPE_CHOICE, &row, STR("x"), out, sizeof(out), &e);
	assert_string_equal(e.text, "expected poll|adaptive");
	row = (struct schema_row){.path = "x", .type = TYPE_SECRET, .max = 32};
	assert_int_not_equal(
	        type_check(TYPE_SECRET, &row, STR(HEX32 HEX32), out, sizeof(out), &e), 0);
	assert_string_equal(e.text, "expected 32 hex digits");
}

static void placeholders(void **state)
{
	struct schema_row row = row_of(TYPE_NUMBER);
	char out[64];

	(void)state;
	assert_int_equal(type_placeholder(TYPE_NUMBER, &row, out, sizeof(out)), 9);
	assert_string_equal(out, "<10-1000>");
	type_placeholder(TYPE_PREFIX, &row, out, sizeof(out));
	assert_string_equal(out, "<address/len>");
	type_placeholder(TYPE_SWITCH, &row, out, sizeof(out));
	assert_string_equal(out, "on|off");
	assert_int_equal(type_placeholder(TYPE_PREFIX, &row, out, 5), 4);
	assert_string_equal(out, "<add");
}

static void cores(void **state)
{
	uint16_t core[4];

	(void)state;
	assert_int_equal(type_cores(STR("7,2-3"), core, 4), 3);
	assert_int_equal(core[0], 2);
	assert_int_equal(core[1], 3);
	assert_int_equal(core[2], 7);
	assert_int_equal(type_cores(STR("0-3"), core, 4), 4);
	assert_int_equal(type_cores(STR("0-4"), core, 4), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(words),
	        cmocka_unit_test(canonical_again),
	        cmocka_unit_test(no_nul),
	        cmocka_unit_test(no_room),
	        cmocka_unit_test(says_the_range),
	        cmocka_unit_test(placeholders),
	        cmocka_unit_test(cores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
