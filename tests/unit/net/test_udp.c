// udp: lengths, and the checksum against one computed the plain way.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

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
		const struct ip_header h = {.src = a, .dst = b};

		for (unsigned n = 0; n < 40; n++) { // odd and even lengths
			struct frame f = {0};
			struct udp u;
			uint16_t wrote, had;

			frame_udp(&f, &a, &b, "0123456789012345678901234567890123456789", n);
			assert_true(udp_parse(f.byte, f.len, &u));
			assert_true(udp_checksum_ok(&h, f.byte, &u));
			memcpy(&had, f.byte + 6, 2);
			memset(f.byte + 6, 0, 2);
			wrote = udp_checksum(&a, &b, f.byte, f.len);
			assert_int_equal(wrote, had);
			assert_int_equal(udp_checksum_ok(&h, f.byte, &u), i == 0); // "none"
			memcpy(f.byte + 6, &had, 2);
			f.byte[n % f.len] ^= 0x40;
			if (n % f.len != 4 && n % f.len != 5)
				assert_false(udp_checksum_ok(&h, f.byte, &u));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lengths),
	        cmocka_unit_test(checksums),
	        cmocka_unit_test(never_writes_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
