// addr: strict reading, RFC 5952 writing, and where nothing may be sent to.
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "dataplane/base/addr.h"

static void ip_round_trips(void **state)
{
	// What is read, and how it is written.
	static const char *rows[][2] = {
	        {"192.0.2.1", "192.0.2.1"},
	        {"0.0.0.0", "0.0.0.0"},
	        {"255.255.255.255", "255.255.255.255"},
	        {"::", "::"},
	        {"::1", "::1"},
	        {"1::", "1::"},
	        {"2001:DB8::10", "2001:db8::10"},
	        {"2001:0db8:0:0:0:0:0:1", "2001:db8::1"},
	        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, // one zero group stays
	        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},       // the longest run
	        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"}, // the first of equals
	        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
	        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
	        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
	        {"1:0:0:0:0:0:0:0", "1::"},
	        {"0:0:0:0:0:0:0:8", "::8"},
	        {"fe80::A:0:0", "fe80::a:0:0"},
	        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
	        {"0:0:0:0:0:ffff:c000:201", "::ffff:192.0.2.1"},
	        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
	        {"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"},
	        {"2001:db8:::192.0.2.1", "2001:db8::c000:201"}, // RFC 5118 §4.10
	        {":::192.0.2.1", "::c000:201"},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct addr a, b;
		char text[ADDR_TEXT_MAX];

		if (!addr_parse_ip(str_of(rows[i][0]), &a))
			fail_msg("%s not read", rows[i][0]);
		assert_int_equal(addr_format_ip(&a, text), strlen(rows[i][1]));
		assert_string_equal(text, rows[i][1]);
		assert_true(addr_parse_ip(str_of(text), &b));
		assert_true(addr_eq(&a, &b));
	}
}

static void ip_refused(void **state)
{
	static const char *rows[] = {"", ".", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4",
	        "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.", ".1.2.3",
	        "1..2.3", "16909060", "1.2.3.4\n", "1.2.3.1000", ":", ":::", "1:", ":1", "1:2",
	        "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
	        "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "::1%eth0", "[::1]",
	        "1:::2", "2001:db8:::1", "::::1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
	        "::1.2.3.4:5", "1.2.3.4::", "::1.2.3.04", "::/0"};
	struct addr before, a;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < unit_rows(rows); i++) {
		a = before;
		if (addr_parse_ip(str_of(rows[i]), &a))
			fail_msg("'%s' read", rows[i]);
		assert_true(addr_eq(&a, &before));
	}
	assert_false(addr_parse_ip(STR("1.2.3.4\0"), &a));
}

static void with_port(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"192.0.2.1", "192.0.2.1"},
	        {"192.0.2.1:5060", "192.0.2.1:5060"},
	        {"192.0.2.1:65535", "192.0.2.1:65535"},
	        {"[2001:db8::1]", "[2001:db8::1]"},
	        {"[2001:DB8::1]:1", "[2001:db8::1]:1"},
	        {"2001:db8::1", "[2001:db8::1]"},
	        {"[::ffff:192.0.2.1]:5060", "[::ffff:192.0.2.1]:5060"},
	        {"192.0.2.1:", NULL},
	        {"192.0.2.1:0", NULL},
	        {"192.0.2.1:65536", NULL},
	        {"192.0.2.1:5060x", NULL},
	        {"192.0.2.1:5060:1", NULL},
	        {"[192.0.2.1]:5060", NULL},
	        {"[2001:db8::1", NULL},
	        {"[2001:db8::1]5060", NULL},
	        {"[2001:db8::1]:", NULL},
	        {"[]", NULL},
	        {"[", NULL},
	        {"example.com", NULL},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		char text[ADDR_TEXT_MAX];
		struct addr a;

		if (addr_parse(str_of(rows[i].text), &a) != (rows[i].want != NULL))
			fail_msg("%s", rows[i].text);
		if (rows[i].want == NULL)
			continue;
		assert_int_equal(addr_format(&a, text), strlen(rows[i].want));
		assert_string_equal(text, rows[i].want);
	}
}

static void longest_text_fits(void **state)
{
	struct addr a = {.family = ADDR_IPV6, .port = 65535};
	char text[ADDR_TEXT_MAX];

	(void)state;
	memset(a.ip, 0xff, sizeof(a.ip));
	assert_int_equal(addr_format(&a, text), 47);
	assert_string_equal(text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
	a.family = ADDR_NONE;
	a.port = 0;
	assert_int_equal(addr_format(&a, text), 0);
	assert_string_equal(text, "");
}

// Against libc's own writer: RFC 5952 too, but for the addresses it takes for IPv4 in disguise.
static void like_libc(void **state)
{
	uint32_t seed = 20261121;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		struct addr a = {.family = ADDR_IPV6}, back;
		char text[ADDR_TEXT_MAX], want[INET6_ADDRSTRLEN];

		for (unsigned k = 0; k < 16; k += 2) {
			seed = seed * 1664525 + 1013904223;
			// Many zero groups, and groups of each length.
			if (seed >> 30 != 0)
				continue;
			a.ip[k] = (uint8_t)(seed >> 16 & (seed >> 8 & 1 ? 0xff : 0));
			a.ip[k + 1] = (uint8_t)(seed >> 22);
		}
		addr_format_ip(&a, text);
		assert_true(addr_parse_ip(str_of(text), &back));
		assert_true(addr_eq(&a, &back));
		inet_ntop(AF_INET6, a.ip, want, sizeof(want));
		if (strchr(want, '.') == NULL)
			assert_string_equal(text, want);
		a = (struct addr){.family = ADDR_IPV4};
		memcpy(a.ip, &seed, 4);
		addr_format_ip(&a, text);
		assert_string_equal(text, inet_ntop(AF_INET, a.ip, want, sizeof(want)));
	}
}

static void equality(void **state)
{
	struct addr a, b;

	(void)state;
	assert_true(addr_parse(STR("192.0.2.1:5060"), &a));
	assert_true(addr_parse(STR("192.0.2.1:5061"), &b));
	assert_true(addr_eq_ip(&a, &b));
	assert_false(addr_eq(&a, &b));
	assert_int_equal(a.port, 5060);
	assert_int_equal(addr_ip_len(&a), 4);
	assert_true(addr_parse(STR("[c000:201::]"), &b)); // the same first four bytes
	assert_false(addr_eq_ip(&a, &b));
	assert_int_equal(addr_ip_len(&b), 16);
}

static void unicast(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
	        {"192.0.2.1", true},
	        {"1.0.0.0", true},
	        {"223.255.255.255", true},
	        {"0.0.0.0", false},
	        {"0.1.2.3", false},
	        {"127.0.0.1", false},
	        {"127.255.255.255", false},
	        {"224.0.1.75", false},
	        {"240.0.0.1", false},
	        {"255.255.255.255", false},
	        {"2001:db8::1", true},
	        {"fe80::1", true},
	        {"::2", true},
	        {"::", false},
	        {"::1", false},
	        {"ff02::1", false},
	        {"::ffff:127.0.0.1", false},
	        {"::ffff:192.0.2.1", false},
	};
	struct addr none = {0};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct addr a;

		assert_true(addr_parse_ip(str_of(rows[i].text), &a));
		if (addr_is_unicast(&a) != rows[i].want)
			fail_msg("%s", rows[i].text);
	}
	assert_false(addr_is_unicast(&none));
}

static void private(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {{"10.0.0.1", true}, {"11.0.0.1", false}, {"172.15.255.255", false},
	        {"172.16.0.0", true}, {"172.31.255.255", true}, {"172.32.0.0", false},
	        {"192.168.1.1", true}, {"192.169.1.1", false}, {"100.63.0.1", false},
	        {"100.64.0.1", true}, {"100.127.0.1", true}, {"100.128.0.1", false},
	        {"169.254.1.1", true}, {"192.0.2.1", false}, {"fc00::1", true}, {"fdff::1", true},
	        {"fe80::1", true}, {"fec0::1", false}, {"2001:db8::1", false}};
	struct addr none = {.port = 5060};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct addr a;

		assert_true(addr_parse_ip(str_of(rows[i].text), &a));
		if (addr_is_private(&a) != rows[i].want)
			fail_msg("%s", rows[i].text);
	}
	assert_false(addr_is_private(&none));
}

// What is an IPv4 address, inet_pton says.
static void ipv4_as_inet_pton(void **state)
{
	uint32_t seed = 20261130;

	(void)state;
	for (unsigned round = 0; round < 300000; round++) {
		char text[24];
		struct addr a;
		struct in_addr want;
		bool ok;
		int n = 0;

		for (unsigned i = 0; i < 4; i++) {
			const uint32_t r = unit_random(&seed);

			n += sprintf(
			        text + n, i < 3 ? "%u." : "%u", r % 7 == 0 ? r % 300 : r % 256);
		}
		for (uint32_t r = unit_random(&seed) % 4; r > 0; r--) // spoilt in places
			text[unit_random(&seed) % (unsigned)n] =
			        "0123456789..:/ "[unit_random(&seed) % 15];
		ok = inet_pton(AF_INET, text, &want) == 1;
		if (addr_parse_ipv4((struct str){text, (size_t)n}, &a) != ok)
			fail_msg("%s", text);
		if (ok)
			assert_true(a.family == ADDR_IPV4 && memcmp(a.ip, &want, 4) == 0);
	}
}

static void every_octet(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const struct addr a = {.family = ADDR_IPV4, .ip = {(uint8_t)i, 7, (uint8_t)i, 255}};
		char text[ADDR_TEXT_MAX], want[ADDR_TEXT_MAX];
		const int n = snprintf(want, sizeof(want), "%u.7.%u.255", i, i);

		assert_int_equal(addr_format_ip(&a, text), n);
		assert_string_equal(text, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ipv4_as_inet_pton),
	        cmocka_unit_test(ip_round_trips),
	        cmocka_unit_test(ip_refused),
	        cmocka_unit_test(with_port),
	        cmocka_unit_test(longest_text_fits),
	        cmocka_unit_test(every_octet),
	        cmocka_unit_test(like_libc),
	        cmocka_unit_test(equality),
	        cmocka_unit_test(unicast),
	        cmocka_unit_test(private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
