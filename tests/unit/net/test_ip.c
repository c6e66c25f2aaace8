// ip: what is sound, what is not, what is somebody else's; what is written reads back.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include <stdlib.h>

#include "dataplane/net/ip.h"

static enum ip_result parse(const uint8_t *p, size_t n, struct ip_header *h)
{
	uint8_t *exact =
	        malloc(n + (n == 0)); // its own allocation: a sanitizer sees a byte too far
	enum ip_result r;

	memcpy(exact, p, n);
	r = ip_parse(exact, n, false, h);
	free(exact);
	return r;
}

static struct frame v4(unsigned payload, unsigned fragment)
{
	const struct addr a = frame_addr("192.0.2.1"), b = frame_addr("198.51.100.2");
	struct frame f = {0};

	frame_ipv4(&f, &a, &b, payload, fragment);
	f.len += payload;
	return f;
}

static struct frame v6(unsigned payload, unsigned next)
{
	const struct addr a = frame_addr("[2001:db8::1]"), b = frame_addr("[2001:db8::2]");
	struct frame f = {0};

	frame_ipv6(&f, &a, &b, payload, next);
	return f;
}

static void ipv4(void **state)
{
	struct frame f = v4(100, 0);
	struct ip_header h;

	(void)state;
	assert_int_equal(parse(f.byte, f.len, &h), IP_OK);
	const struct addr b = frame_addr("198.51.100.2");
	assert_true(addr_eq(&h.dst, &b));
	assert_int_equal(h.protocol, IP_UDP);
	assert_int_equal(h.header_len, 20);
	assert_int_equal(h.payload_len, 100);
	assert_false(h.fragment);
	assert_int_equal(parse(f.byte, f.len + 26, &h), IP_OK); // link padding
	assert_int_equal(h.payload_len, 100);
	for (size_t n = 0; n < f.len; n++)
		assert_int_equal(parse(f.byte, n, &h), IP_BAD);
}

static void ipv4_faults(void **state)
{
	struct ip_header h;

	(void)state;
	for (size_t i = 0; i < 20; i++) { // the checksum sees any change
		struct frame f = v4(64, 0);
		f.byte[i] ^= 0x10;
		assert_int_not_equal(parse(f.byte, f.len, &h), IP_OK);
	}
	struct frame short_header = v4(64, 0);
	short_header.byte[0] = 0x44;
	assert_int_equal(ip_parse(short_header.byte, short_header.len, true, &h), IP_BAD);
	const struct addr b = frame_addr("198.51.100.2");
	assert_true(addr_eq(&h.dst, &b)); // known all the same: whose fault it is depends on it
	struct frame long_header = v4(8, 0);
	long_header.byte[0] = 0x4f;
	assert_int_equal(ip_parse(long_header.byte, long_header.len, true, &h), IP_BAD);
	struct frame version = v4(8, 0);
	version.byte[0] = 0x55;
	assert_int_equal(ip_parse(version.byte, version.len, true, &h), IP_BAD);
}

static void ipv4_fragments(void **state)
{
	struct frame first = v4(64, 0x2000), last = v4(64, 185), whole = v4(64, 0x4000);
	struct ip_header h;

	(void)state;
	assert_int_equal(parse(first.byte, first.len, &h), IP_OK);
	assert_true(h.fragment && h.fragment_more);
	assert_int_equal(h.fragment_offset, 0);
	assert_int_equal(parse(last.byte, last.len, &h), IP_OK);
	assert_true(h.fragment && !h.fragment_more);
	assert_int_equal(h.fragment_offset, 1480);
	assert_int_equal(h.fragment_id, 0x1234);
	assert_int_equal(parse(whole.byte, whole.len, &h), IP_OK); // DF alone
	assert_false(h.fragment);
}

// A chain of n destination option headers of 8 bytes, then UDP.
static struct frame v6_chain(unsigned n, unsigned first)
{
	struct frame f = v6(n * 8 + 8, n > 0 ? first : IP_UDP);

	for (unsigned i = 0; i < n; i++) {
		const uint8_t header[8] = {i + 1 < n ? 60 : IP_UDP, 0, 1, 4};
		frame_put(&f, header, 8);
	}
	f.len += 8;
	return f;
}

static void ipv6(void **state)
{
	struct ip_header h;

	(void)state;
	for (unsigned n = 0; n <= 8; n++) {
		struct frame f = v6_chain(n, 60);
		assert_int_equal(parse(f.byte, f.len, &h), IP_OK);
		assert_int_equal(h.protocol, IP_UDP);
		assert_int_equal(h.header_len, 40 + 8 * n);
		assert_int_equal(h.payload_len, 8);
		for (size_t cut = 0; cut < f.len; cut++)
			assert_int_equal(parse(f.byte, cut, &h), IP_BAD);
	}
	struct frame nine = v6_chain(9, 60), hop = v6_chain(2, 0), late = v6_chain(2, 60);
	assert_int_equal(parse(nine.byte, nine.len, &h), IP_BAD); // bounded
	assert_int_equal(parse(hop.byte, hop.len, &h), IP_OK);
	late.byte[40] = 0; // hop-by-hop not first (RFC 8200 §4.1)
	assert_int_equal(parse(late.byte, late.len, &h), IP_BAD);
	struct frame runs_over = v6_chain(1, 60);
	runs_over.byte[41] = 200;
	assert_int_equal(parse(runs_over.byte, runs_over.len, &h), IP_BAD);
}

static void ipv6_routing(void **state)
{
	struct frame f = v6_chain(1, 43);
	struct ip_header h;

	(void)state;
	f.byte[42] = 0; // type 0: RFC 5095
	f.byte[43] = 0;
	assert_int_equal(parse(f.byte, f.len, &h), IP_BAD);
	f.byte[42] = 4;
	assert_int_equal(parse(f.byte, f.len, &h), IP_OK);
	f.byte[43] = 1; // still to visit others
	assert_int_equal(parse(f.byte, f.len, &h), IP_OTHER);
}

static void ipv6_fragment(void **state)
{
	const uint8_t more[8] = {IP_UDP, 0, 0x05, 0xa9, 1, 2, 3, 4}; // offset 1448
	const uint8_t atomic[8] = {IP_UDP, 0, 0, 0, 1, 2, 3, 4};
	struct frame f = v6(16, 44), whole = v6(16, 44);
	struct ip_header h;

	(void)state;
	frame_put(&f, more, 8);
	f.len += 8;
	assert_int_equal(parse(f.byte, f.len, &h), IP_OK);
	assert_true(h.fragment && h.fragment_more);
	assert_int_equal(h.fragment_offset, 1448);
	assert_int_equal(h.fragment_id, 0x01020304);
	assert_int_equal(h.protocol, IP_UDP);
	frame_put(&whole, atomic, 8);
	whole.len += 8;
	assert_int_equal(parse(whole.byte, whole.len, &h), IP_OK);
	assert_false(h.fragment);
	assert_int_equal(h.payload_len, 8);
}

static void written_reads_back(void **state)
{
	const struct addr pairs[][2] = {
	        {frame_addr("192.0.2.1"), frame_addr("198.51.100.2")},
	        {frame_addr("[2001:db8::1]"), frame_addr("[2001:db8::2]")},
	};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		const struct addr *pair = pairs[i & 1];
		uint8_t room[256] = {0};
		uint8_t *end = room + 100;
		const struct ip_out o = {.src = &pair[0],
		        .dst = &pair[1],
		        .protocol = IP_UDP,
		        .dscp = 46,
		        .fragment = (i & 2) != 0,
		        .more = (i & 6) == 6,
		        .offset = (i & 2) != 0 ? 1480 : 0,
		        .id = 0xfedc,
		        .payload_len = 80,
		        .checksum = true};
		struct ip_header h;
		uint8_t *p = ip_write(end, &o);

		assert_int_equal(end - p, ip_header_len(pair[0].family, o.fragment));
		assert_int_equal(parse(p, (size_t)(end - p) + 80, &h), IP_OK);
		assert_true(addr_eq(&h.src, &pair[0]) && addr_eq(&h.dst, &pair[1]));
		assert_int_equal(h.payload_len, 80);
		assert_int_equal(h.header_len, end - p);
		assert_int_equal(h.fragment, o.fragment);
		assert_int_equal(h.fragment_more, o.more);
		assert_int_equal(h.fragment_offset, o.offset);
		if (o.fragment)
			assert_int_equal(h.fragment_id, o.id);
		const unsigned dscp =
		        i & 1 ? (unsigned)((p[0] & 0xf) << 4 | p[1] >> 4) >> 2 : p[1] >> 2;
		assert_int_equal(dscp, 46);
		assert_int_equal(p[i & 1 ? 7 : 8], 64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ipv4),
	        cmocka_unit_test(ipv4_faults),
	        cmocka_unit_test(ipv4_fragments),
	        cmocka_unit_test(ipv6),
	        cmocka_unit_test(ipv6_routing),
	        cmocka_unit_test(ipv6_fragment),
	        cmocka_unit_test(written_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
