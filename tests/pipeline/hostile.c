// Single frames as they come from a hostile network through the real worker: every fault below
// SIP, every impossible source and destination has its verdict, and nothing leaves for it.
#include "tests/pipeline/hostile.h"

// n bytes more behind the fixed IP header; length and header length say so.
static void widen(struct frame *f, const uint8_t *bytes, size_t n)
{
	const bool v6 = f->byte[IP] >> 4 == 6;
	const size_t at = v6 ? UDP6 : UDP4;

	memmove(f->byte + at + n, f->byte + at, f->len - at);
	memcpy(f->byte + at, bytes, n);
	f->len += n;
	if (v6) {
		set16(f, IP + 4, (unsigned)(f->len - UDP6));
		return;
	}
	f->byte[IP] = (uint8_t)(0x45 + n / 4);
	set16(f, IP + 2, (unsigned)(f->len - IP));
	sum_ip(f);
}

static void tag(struct frame *f, unsigned type, unsigned vlan)
{
	memmove(f->byte + 16, f->byte + 12, f->len - 12);
	set16(f, 12, type);
	set16(f, 14, vlan);
	f->len += ETH_TAG;
}

// --- one frame, one verdict
// -----------------------------------------------------------------------

typedef void (*spoil_fn)(struct frame *f);

// clang-format off
static void nothing(struct frame *f) { (void)f; }
static void eth_cut(struct frame *f) { f->len = ETH_HEADER - 1; }
static void eth_empty(struct frame *f) { f->len = 0; }
static void eth_tag_cut(struct frame *f) { tag(f, ETH_8021Q, 0); f->len = ETH_HEADER_MAX - 1; }
static void eth_group_source(struct frame *f) { f->byte[6] |= 1; }
static void eth_broadcast(struct frame *f) { memset(f->byte, 0xff, 6); }
static void eth_length(struct frame *f) { set16(f, 12, 46); }
static void eth_other_family(struct frame *f) { set16(f, 12, ETH_IPV6); }
static void eth_priority_tag(struct frame *f) { tag(f, ETH_8021Q, 5u << 13); }
static void eth_vlan(struct frame *f) { tag(f, ETH_8021Q, 9); }
static void eth_two_tags(struct frame *f) { tag(f, ETH_8021Q, 9); tag(f, ETH_8021AD, 9); }
static void eth_padded(struct frame *f) { memset(f->byte + f->len, 0xee, 18); f->len += 18; }
static void ip_cut(struct frame *f) { f->len = UDP4 - 1; }
static void ip_version(struct frame *f) { f->byte[IP] = 0x55; }
static void ip_header_4(struct frame *f) { f->byte[IP] = 0x44; }
static void ip_header_15(struct frame *f) { f->byte[IP] = 0x4f; f->len = IP + 56; }
static void ip_total_over(struct frame *f) { set16(f, IP + 2, (unsigned)f->len - IP + 1); sum_ip(f); }
static void ip_total_19(struct frame *f) { set16(f, IP + 2, 19); sum_ip(f); }
static void ip_total_20(struct frame *f) { set16(f, IP + 2, 20); sum_ip(f); }
static void ip_sum_wrong(struct frame *f) { f->byte[IP + 10] ^= 1; }
static void ip_ttl_0(struct frame *f) { f->byte[IP + 8] = 0; sum_ip(f); }
static void ip_tcp(struct frame *f) { f->byte[IP + 9] = 6; sum_ip(f); }
static void ip_padding(struct frame *f) { widen(f, (const uint8_t[]){1, 1, 1, 0}, 4); }
static void ip_record_route(struct frame *f) { widen(f, (const uint8_t[]){7, 7, 4, 0, 0, 0, 0, 0}, 8); }
static void ip_loose_route(struct frame *f) { widen(f, (const uint8_t[]){0x83, 7, 4, 9, 9, 9, 9, 0}, 8); }
static void ip_strict_route(struct frame *f) { widen(f, (const uint8_t[]){1, 0x89, 7, 4, 9, 9, 9, 9}, 8); }
static void ip_option_0(struct frame *f) { widen(f, (const uint8_t[]){7, 0, 4, 0}, 4); }
static void ip_option_1(struct frame *f) { widen(f, (const uint8_t[]){7, 1, 4, 0}, 4); }
static void ip_option_long(struct frame *f) { widen(f, (const uint8_t[]){7, 5, 4, 0}, 4); }
static void ip_option_cut(struct frame *f) { widen(f, (const uint8_t[]){1, 1, 1, 7}, 4); }
static void udp_cut(struct frame *f) { f->len = UDP4 + 7; set16(f, IP + 2, 27); sum_ip(f); }
static void udp_7(struct frame *f) { set16(f, UDP4 + 4, 7); }
static void udp_0(struct frame *f) { set16(f, UDP4 + 4, 0); }
static void udp_over(struct frame *f) { set16(f, UDP4 + 4, HEAD + UDP_HEADER + 1); }
static void udp_wrong_sum(struct frame *f) { f->byte[UDP4 + 6] ^= 1; }
static void udp_no_sum(struct frame *f) { set16(f, UDP4 + 6, 0); }
static void udp_less(struct frame *f) { set16(f, UDP4 + 4, HEAD + UDP_HEADER - 1); udp_no_sum(f); }
static void udp_empty(struct frame *f) { set16(f, UDP4 + 4, UDP_HEADER); udp_no_sum(f); }
static void udp_to_0(struct frame *f) { set16(f, UDP4 + 2, 0); udp_no_sum(f); }
static void udp6_7(struct frame *f) { set16(f, UDP6 + 4, 7); }
static void udp6_no_sum(struct frame *f) { set16(f, UDP6 + 6, 0); }
static void udp6_wrong_sum(struct frame *f) { f->byte[UDP6 + 6] ^= 1; }
static void ip6_cut(struct frame *f) { f->len = UDP6 - 1; }
static void ip6_over(struct frame *f) { set16(f, IP + 4, (unsigned)(f->len - UDP6) + 1); }
static void ip6_jumbo(struct frame *f) { set16(f, IP + 4, 0); }
static void ip6_no_next(struct frame *f) { f->byte[IP + 6] = 59; }
// clang-format on

// A chain of n extension headers of 8 bytes: the first one `first`, the others destination options.
static void chain(struct frame *f, unsigned n, uint8_t first)
{
	uint8_t bytes[8 * 61] = {0};

	for (unsigned i = 0; i < n; i++) {
		bytes[8 * i] = i + 1 < n ? 60 : IP_UDP;
		bytes[8 * i + 2] = 1; // PadN
		bytes[8 * i + 3] = 4;
	}
	f->byte[IP + 6] = first;
	widen(f, bytes, (size_t)8 * n);
}

// clang-format off
static void ip6_options_8(struct frame *f) { chain(f, 8, 60); }
static void ip6_options_9(struct frame *f) { chain(f, 9, 60); }
static void ip6_options_60(struct frame *f) { chain(f, 60, 60); }
static void ip6_hop_by_hop(struct frame *f) { chain(f, 1, 0); }
static void ip6_hop_by_hop_late(struct frame *f) { chain(f, 2, 60); f->byte[UDP6] = 0; }
static void ip6_option_over(struct frame *f) { chain(f, 1, 60); f->byte[UDP6 + 1] = 255; }
static void ip6_routing_0(struct frame *f) { chain(f, 1, 43); f->byte[UDP6 + 2] = 0; }
static void ip6_routing_on(struct frame *f) { chain(f, 1, 43); f->byte[UDP6 + 2] = 4; f->byte[UDP6 + 3] = 1; }
static void ip6_routing_done(struct frame *f) { chain(f, 1, 43); f->byte[UDP6 + 2] = 4; f->byte[UDP6 + 3] = 0; }
static void ip6_atomic(struct frame *f) { chain(f, 1, 44); memset(f->byte + UDP6 + 1, 0, 7); }
// clang-format on

static const struct {
	spoil_fn spoil;
	bool v6;
	const char *name, *verdict;
} frames[] = {
#define ROW4(spoil, verdict)                  \
	{                                     \
		spoil, false, #spoil, verdict \
	}
#define ROW6(spoil, verdict)                 \
	{                                    \
		spoil, true, #spoil, verdict \
	}
        ROW4(nothing, "forwarded"), ROW6(nothing, "forwarded"), ROW4(eth_empty, "bad-ethernet"),
        ROW4(eth_cut, "bad-ethernet"), ROW4(eth_tag_cut, "bad-ethernet"),
        ROW4(eth_group_source, "bad-ethernet"), ROW4(eth_broadcast, "to-kernel"),
        ROW4(eth_length, "to-kernel"), ROW4(eth_other_family, "to-kernel"),
        ROW4(eth_priority_tag, "forwarded"), ROW4(eth_vlan, "to-kernel"),
        ROW4(eth_two_tags, "to-kernel"), ROW4(eth_padded, "forwarded"),
        ROW6(eth_padded, "forwarded"), ROW4(ip_cut, "to-kernel"), // whose it is nobody can say
        ROW4(ip_version, "to-kernel"), ROW4(ip_header_4, "bad-ip"), ROW4(ip_header_15, "bad-ip"),
        ROW4(ip_total_over, "bad-ip"), ROW4(ip_total_19, "bad-ip"), ROW4(ip_total_20, "bad-udp"),
        ROW4(ip_sum_wrong, "bad-ip"), ROW4(ip_ttl_0, "forwarded"), // it has arrived
        ROW4(ip_tcp, "to-kernel"), ROW4(ip_padding, "forwarded"),
        ROW4(ip_record_route, "forwarded"), ROW4(ip_loose_route, "bad-ip"),
        ROW4(ip_strict_route, "bad-ip"), ROW4(ip_option_0, "bad-ip"), ROW4(ip_option_1, "bad-ip"),
        ROW4(ip_option_long, "bad-ip"), ROW4(ip_option_cut, "bad-ip"), ROW4(udp_cut, "bad-udp"),
        ROW4(udp_7, "bad-udp"), ROW4(udp_0, "bad-udp"), ROW4(udp_over, "bad-udp"),
        ROW4(udp_wrong_sum, "bad-udp"), ROW4(udp_no_sum, "forwarded"), // RFC 768
        ROW4(udp_less, "bad-length"), // the message ends where UDP says
        ROW4(udp_empty, "keepalive"), ROW4(udp_to_0, "to-kernel"), ROW6(udp6_7, "bad-udp"),
        ROW6(udp6_no_sum, "bad-udp"), // RFC 8200 §8.1
        ROW6(udp6_wrong_sum, "bad-udp"), ROW6(ip6_cut, "to-kernel"), ROW6(ip6_over, "bad-ip"),
        ROW6(ip6_jumbo, "bad-udp"), ROW6(ip6_no_next, "to-kernel"),
        ROW6(ip6_options_8, "forwarded"), ROW6(ip6_options_9, "bad-ip"),
        ROW6(ip6_options_60, "bad-ip"), ROW6(ip6_hop_by_hop, "forwarded"),
        ROW6(ip6_hop_by_hop_late, "bad-ip"), ROW6(ip6_option_over, "bad-ip"),
        ROW6(ip6_routing_0, "bad-ip"), // RFC 5095
        ROW6(ip6_routing_on, "to-kernel"), ROW6(ip6_routing_done, "forwarded"),
        ROW6(ip6_atomic, "forwarded"), // RFC 6946
};

static void each_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(frames); i++) {
		struct frame f = frame_of(frames[i].v6, phone[frames[i].v6], own[frames[i].v6]);

		frames[i].spoil(&f);
		const char *verdict = take("access", &f);
		if (strcmp(verdict, frames[i].verdict) != 0)
			fail_msg(
			        "%s: %s instead of %s", frames[i].name, verdict, frames[i].verdict);
	}
}

// --- who sends, and to whom
// -----------------------------------------------------------------------

static void each_source(void **state)
{
	static const struct {
		const char *from, *verdict;
	} rows[] = {
	        {"192.0.2.10:5060", "forwarded"},
	        {"0.0.0.0:5060", "bad-source"},
	        {"0.1.2.3:5060", "bad-source"},
	        {"127.0.0.1:5060", "bad-source"},
	        {"224.0.0.1:5060", "bad-source"},
	        {"240.0.0.1:5060", "bad-source"},
	        {"255.255.255.255:5060", "bad-source"},
	        {"192.0.2.1:5060", "bad-source"},    // the leg itself
	        {"192.0.2.1:40000", "bad-source"},   // by another port
	        {"198.51.100.1:5060", "bad-source"}, // another leg of ours
	        {"192.0.2.10", "bad-source"},        // port 0
	        {"192.0.2.10:7", "bad-source"},
	        {"192.0.2.10:19", "bad-source"},
	        {"192.0.2.10:53", "bad-source"},
	        {"192.0.2.10:123", "bad-source"},
	        {"192.0.2.10:1900", "bad-source"},
	        {"192.0.2.10:11211", "bad-source"},
	        {"192.0.2.10:1", "forwarded"},
	        {"192.0.2.10:65535", "forwarded"},
	        {"[2001:db8:a::10]:5060", "forwarded"},
	        {"[fe80::1]:5060", "forwarded"},
	        {"[::]:5060", "bad-source"},
	        {"[::1]:5060", "bad-source"},
	        {"[ff02::1]:5060", "bad-source"},
	        {"[::ffff:192.0.2.10]:5060", "bad-source"},
	        {"[2001:db8:a::1]:5062", "bad-source"},
	        {"[2001:db8:c::1]:5060", "bad-source"},
	        {"[2001:db8:a::10]", "bad-source"},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		const bool v6 = rows[i].from[0] == '[';
		const struct frame f = frame_of(v6, rows[i].from, own[v6]);
		const char *verdict = take("access", &f);

		if (strcmp(verdict, rows[i].verdict) != 0)
			fail_msg("%s: %s instead of %s", rows[i].from, verdict, rows[i].verdict);
	}
}

static void each_destination(void **state)
{
	static const char *const to[] = {"192.0.2.255:5060", "255.255.255.255:5060",
	        "224.0.1.75:5060", "127.0.0.1:5060", "0.0.0.0:5060", "192.0.2.2:5060",
	        "192.0.2.1:5061", "198.51.100.1:5060", "[ff02::1]:5060", "[::1]:5060",
	        "[2001:db8:c::1]:5060"};

	(void)state;
	for (size_t i = 0; i < unit_rows(to); i++) {
		const bool v6 = to[i][0] == '[';
		const struct frame f = frame_of(v6, phone[v6], to[i]);

		if (strcmp(take("access", &f), "to-kernel") != 0)
			fail_msg("%s: %s", to[i], result.verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_frame),
	        cmocka_unit_test(each_source),
	        cmocka_unit_test(each_destination),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
