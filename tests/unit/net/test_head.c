// head: what it puts before a datagram against headers written field by field.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include "dataplane/net/head.h"

enum { PAYLOAD_MAX = 1600 };

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

struct buffer {
	struct rte_mbuf m;
	uint8_t room[RTE_PKTMBUF_HEADROOM + PAYLOAD_MAX];
};

static void buffer_fill(struct buffer *b, const uint8_t *payload, size_t n)
{
	memset(b, 0, sizeof(*b));
	b->m.buf_addr = b->room;
	b->m.buf_len = sizeof(b->room);
	b->m.data_off = RTE_PKTMBUF_HEADROOM;
	b->m.nb_segs = 1;
	b->m.data_len = (uint16_t)n;
	b->m.pkt_len = (uint32_t)n;
	b->m.ol_flags = RTE_MBUF_F_TX_TCP_SEG; // somebody's before
	memcpy(b->room + RTE_PKTMBUF_HEADROOM, payload, n);
}

static struct addr random_addr(uint32_t *seed, uint8_t family)
{
	struct addr a = {.family = family, .port = (uint16_t)next_random(seed)};

	for (unsigned i = 0; i < addr_ip_len(&a); i++)
		a.ip[i] = (uint8_t)(next_random(seed) % 5 == 0 ? 0xff : next_random(seed));
	return a;
}

// The frame as it has to be.
static size_t plain(uint8_t *room, const struct head_way *way, const struct addr *dst,
        const uint8_t *payload, size_t n, uint16_t id)
{
	const bool v4 = dst->family == ADDR_IPV4;
	const uint16_t len = (uint16_t)(n + UDP_HEADER);
	const uint16_t head[3] = {__builtin_bswap16(way->src->port), __builtin_bswap16(dst->port),
	        __builtin_bswap16(len)};
	const struct ip_out ip = {.src = way->src,
	        .dst = dst,
	        .protocol = IP_UDP,
	        .dscp = way->dscp,
	        .id = id,
	        .payload_len = len,
	        .checksum = !way->device_ip};
	uint8_t *udp = room + 100, *at;
	uint16_t sum;

	memcpy(udp, head, sizeof(head));
	memset(udp + 6, 0, 2);
	memcpy(udp + UDP_HEADER, payload, n);
	if (way->device_udp)
		sum = ip_sum_fold(ip_pseudo_sum(way->src, dst, IP_UDP, len));
	else
		sum = udp_checksum(way->src, dst, udp, len);
	memcpy(udp + 6, &sum, 2);
	at = ip_write(udp, &ip);
	at = eth_write(at, way->dst_mac, way->src_mac, way->vlan, v4 ? ETH_IPV4 : ETH_IPV6);
	memmove(room, at, (size_t)(udp + len - at));
	return (size_t)(udp + len - at);
}

static uint64_t flags_of(const struct head_way *way)
{
	const bool v4 = way->src->family == ADDR_IPV4;
	uint64_t flags = 0;

	if (way->device_udp)
		flags = RTE_MBUF_F_TX_UDP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	if (v4 && way->device_ip)
		flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	return flags;
}

static void same_as_field_by_field(void **state)
{
	static struct buffer b;
	static uint8_t payload[PAYLOAD_MAX], want[PAYLOAD_MAX + 200];
	const uint8_t mac[12] = {2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 3, 4};
	uint32_t seed = 3;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		const uint8_t family = turn % 2 == 0 ? ADDR_IPV4 : ADDR_IPV6;
		const struct addr src = random_addr(&seed, family);
		const struct head_way way = {.src = &src,
		        .src_mac = mac,
		        .dst_mac = mac + 6,
		        .vlan = (uint16_t)(next_random(&seed) % 2 * next_random(&seed) % 4096),
		        .dscp = next_random(&seed) % 64,
		        .device_ip = next_random(&seed) % 4 == 0,
		        .device_udp = next_random(&seed) % 4 == 0};
		struct head h;

		head_make(&h, &way);
		for (unsigned i = 0; i < 3; i++) {
			const struct addr dst = random_addr(&seed, family);
			const uint16_t id = (uint16_t)next_random(&seed);
			const size_t n = next_random(&seed) % PAYLOAD_MAX;

			for (size_t k = 0; k < n; k++)
				payload[k] = (uint8_t)next_random(&seed);
			const size_t len = plain(want, &way, &dst, payload, n, id);
			buffer_fill(&b, payload, n);
			head_put(&h, &b.m, &dst, id);
			assert_int_equal(b.m.data_len, len);
			assert_int_equal(b.m.pkt_len, len);
			assert_memory_equal(rte_pktmbuf_mtod(&b.m, void *), want, len);
			assert_int_equal(b.m.ol_flags, flags_of(&way));
			assert_int_equal(b.m.l2_len, way.vlan != 0 ? 18 : 14);
			assert_int_equal(b.m.l3_len, family == ADDR_IPV4 ? 20 : 40);
		}
	}
}

// A checksum of zero is sent as 0xffff.
static void never_writes_none(void **state)
{
	static struct buffer b;
	const struct addr src = frame_addr("192.0.2.1:1"), dst = frame_addr("192.0.2.2:2");
	const uint8_t mac[6] = {2};
	const struct head_way way = {.src = &src, .src_mac = mac, .dst_mac = mac};
	unsigned full = 0;
	struct head h;

	(void)state;
	head_make(&h, &way);
	for (unsigned v = 0; v <= 0xffff; v++) {
		const uint8_t payload[2] = {(uint8_t)(v >> 8), (uint8_t)v};
		uint16_t sum;

		buffer_fill(&b, payload, 2);
		head_put(&h, &b.m, &dst, 1);
		memcpy(&sum, rte_pktmbuf_mtod(&b.m, uint8_t *) + 40, 2);
		assert_int_not_equal(sum, 0);
		full += sum == 0xffff;
	}
	assert_int_equal(full, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(same_as_field_by_field),
	        cmocka_unit_test(never_writes_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
