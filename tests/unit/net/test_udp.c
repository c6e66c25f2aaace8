// udp: lengths, and the checksum against one computed the plain way.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include <stdlib.h>

#include "dataplane/net/udp.h"

static void lengths(void **state)
{
	const struct addr a = frame_addr("192.0.2.1:5060"), b = frame_addr("192.0.2.2:5080");
	struct frame f = {0};
	struct udp u;

	(void)state;
	frame_udp(&f, &a, &b, "hello", 5);
	assert_true(udp_parse(f.byte, f.len, &u));
	assert_int_equal(u.src_port, 5060);
	assert_int_equal(u.dst_port, 5080);
	assert_int_equal(u.payload_len, 5);
	assert_true(udp_parse(f.byte, f.len + 9, &u)); // IP says more: the UDP length counts
	assert_int_equal(u.payload_len, 5);
	for (size_t n = 0; n < f.len; n++)
		assert_false(udp_parse(f.byte, n, &u));
	f.byte[5] = 7;
	assert_false(udp_parse(f.byte, f.len, &u));
	f.byte[5] = 8;
	assert_true(udp_parse(f.byte, f.len, &u));
	assert_int_equal(u.payload_len, 0);
}

static void checksums(void **state)
{
	const char *const pairs[][2] = {{"192.0.2.1:5060", "198.51.100.77:5061"},
	        {"[2001:db8::1]:5060", "[2001:db8:ffff::9]:9"}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const struct addr a = frame_addr(pairs[i][0]), b = frame_addr(pairs[i][1]);

		for (unsigned n = 0; n < 40; n++) { // odd and even lengths
			struct frame f = {0};
			struct udp u;
			uint16_t wrote, had;

			frame_udp(&f, &a, &b, "0123456789012345678901234567890123456789", n);
			assert_true(udp_parse(f.byte, f.len, &u));
			assert_true(udp_checksum_ok(&a, &b, f.byte, f.len));
			memcpy(&had, f.byte + 6, 2);
			memset(f.byte + 6, 0, 2);
			wrote = udp_checksum(&a, &b, f.byte, f.len);
			assert_int_equal(wrote, had);
			assert_int_equal(udp_checksum_ok(&a, &b, f.byte, f.len), i == 0); // "none"
			memcpy(f.byte + 6, &had, 2);
			f.byte[n % f.len] ^= 0x40;
			if (n % f.len != 4 && n % f.len != 5)
				assert_false(udp_checksum_ok(&a, &b, f.byte, f.len));
		}
	}
}

// A sum of zero is sent as 0xffff: 0 would mean "none".
static void never_writes_none(void **state)
{
	const struct addr a = frame_addr("192.0.2.1:1"), b = frame_addr("192.0.2.2:2");
	uint8_t datagram[10] = {0, 1, 0, 2, 0, 10, 0, 0, 0, 0};
	unsigned full = 0;

	(void)state;
	for (unsigned v = 0; v <= 0xffff; v++) {
		datagram[8] = (uint8_t)(v >> 8);
		datagram[9] = (uint8_t)v;
		const uint16_t sum = udp_checksum(&a, &b, datagram, sizeof(datagram));
		assert_int_not_equal(sum, 0);
		full += sum == 0xffff;
	}
	assert_int_equal(full, 1);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

// Sums of any length and place against the plain ones, each in its own allocation.
static void sums(void **state)
{
	enum { MOST = 700 };
	const struct addr a = frame_addr("[2001:db8::ff:1]:1"), b = frame_addr("[fe80::ffff]:2");
	uint32_t seed = 7;

	(void)state;
	for (size_t n = 0; n < MOST; n++) {
		uint8_t *p = malloc(n + 16), *at = p + n % 16;
		uint32_t plain = frame_sum(a.ip, 16, IP_UDP + (uint32_t)n);
		uint16_t sum;

		for (size_t i = 0; i < n; i++)
			at[i] = (uint8_t)(n % 3 == 0 ? 0xff : next_random(&seed));
		plain = frame_sum(at, n, frame_sum(b.ip, 16, plain));
		sum = ip_sum_fold(ip_upper_sum(&a, &b, IP_UDP, at, n));
		assert_int_equal(__builtin_bswap16(sum), plain);
		assert_int_equal(
		        __builtin_bswap16(ip_sum_fold(ip_sum(at, n, 0))), frame_sum(at, n, 0));
		free(p);
	}
}

static void sums_of_the_longest(void **state)
{
	const struct addr a = frame_addr("[ffff:ffff::1]:1");
	uint8_t *p = malloc(UINT16_MAX);

	(void)state;
	memset(p, 0xff, UINT16_MAX);
	assert_int_equal(ip_sum(p, UINT16_MAX, 0), UINT16_MAX * 32767u + 0xff);
	const uint32_t plain = frame_sum(a.ip, 16, frame_sum(a.ip, 16, IP_UDP + UINT16_MAX));
	assert_int_equal(
	        __builtin_bswap16(ip_sum_fold(ip_upper_sum(&a, &a, IP_UDP, p, UINT16_MAX))),
	        frame_sum(p, UINT16_MAX, plain));
	memset(p, 0, UINT16_MAX);
	assert_int_equal(ip_sum_fold(ip_sum(p, UINT16_MAX, 0)), 0); // not 0xffff: nothing at all
	free(p);
}

// What the one step takes is what the long way finds, and it takes all that is usual.
static void usual_against_the_long_way(void **state)
{
	const struct addr a = frame_addr("192.0.2.1:5060"), b = frame_addr("198.51.100.77:5061");
	uint32_t seed = 1;
	unsigned taken = 0;

	(void)state;
	for (unsigned turn = 0; turn < 200000; turn++) {
		struct frame f = {0};
		const unsigned n = next_random(&seed) % 40, damage = next_random(&seed) % 4;
		const bool known = next_random(&seed) % 4 == 0;
		struct addr src, dst;
		struct ip_header ip;
		struct udp udp;

		frame_ipv4(&f, &a, &b, n + 8, next_random(&seed) % 8 == 0 ? 0x4000 : 0);
		frame_udp(&f, &a, &b, "0123456789012345678901234567890123456789", n);
		for (unsigned i = 1; i < damage; i++)
			f.byte[next_random(&seed) % 28] ^= (uint8_t)(1u << next_random(&seed) % 8);
		const size_t len = f.len + next_random(&seed) % 4 - next_random(&seed) % 2;
		uint8_t *exact = malloc(len);
		memcpy(exact, f.byte, len);
		const size_t got = udp_parse_usual(exact, len, known, &src, &dst);
		const bool sound = ip_parse(exact, len, known, &ip) == IP_OK && !ip.fragment &&
		                   ip.protocol == IP_UDP && ip.header_len == IP_V4_HEADER &&
		                   ip.src.family == ADDR_IPV4 &&
		                   udp_parse(exact + ip.header_len, ip.payload_len, &udp);
		assert_int_equal(got != 0, sound);
		if (sound) {
			ip.src.port = udp.src_port;
			ip.dst.port = udp.dst_port;
			assert_int_equal(got, udp.payload_len + UDP_HEADER);
			assert_true(addr_eq(&src, &ip.src) && addr_eq(&dst, &ip.dst));
			taken++;
		}
		free(exact);
	}
	assert_in_range(taken, 50000, 190000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lengths),
	        cmocka_unit_test(checksums),
	        cmocka_unit_test(never_writes_none),
	        cmocka_unit_test(sums),
	        cmocka_unit_test(sums_of_the_longest),
	        cmocka_unit_test(usual_against_the_long_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
