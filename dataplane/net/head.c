// The three headers in one go.
#include "dataplane/net/head.h"

#include <assert.h>

static uint16_t big(size_t n)
{
	return __builtin_bswap16((uint16_t)n);
}

static void put(uint8_t *to, uint16_t word)
{
	memcpy(to, &word, sizeof(word));
}

// Both words of 32 bits, and of 128.
static uint32_t words(uint32_t n)
{
	return (n & UINT16_MAX) + (n >> 16);
}

static uint32_t words_of(const uint8_t ip[16])
{
	uint32_t n[4];

	memcpy(n, ip, sizeof(n));
	return words(n[0]) + words(n[1]) + words(n[2]) + words(n[3]);
}

static uint64_t device_flags(const struct head_way *way)
{
	const bool v4 = way->src->family == ADDR_IPV4;
	uint64_t flags = 0;

	if (way->device_udp)
		flags |= RTE_MBUF_F_TX_UDP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	if (v4 && way->device_ip)
		flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	return flags;
}

void head_make(struct head *h, const struct head_way *way)
{
	const struct addr nobody = {.family = way->src->family};
	const struct ip_out ip = {
	        .src = way->src, .dst = &nobody, .protocol = IP_UDP, .dscp = way->dscp};
	const bool v4 = way->src->family == ADDR_IPV4;
	uint8_t *end = h->bytes + HEAD_BYTES, *udp = end - UDP_HEADER, *at, *frame;

	memset(h, 0, sizeof(*h));
	at = ip_write(udp, &ip);
	put(at + (v4 ? 2 : 4), 0); // length
	frame = eth_write(at, way->dst_mac, way->src_mac, way->vlan, v4 ? ETH_IPV4 : ETH_IPV6);
	put(udp, big(way->src->port));
	h->family = way->src->family;
	h->len = (uint16_t)(end - frame);
	h->ip_sum = v4 ? ip_sum(at, IP_V4_HEADER, 0) : 0;
	h->udp_sum = ip_pseudo_sum(way->src, &nobody, IP_UDP, 0);
	if (!way->device_udp)
		h->udp_sum += big(way->src->port);
	h->ol_flags = device_flags(way);
	h->offload =
	        rte_mbuf_tx_offload((uint64_t)(at - frame), (uint64_t)(udp - at), 0, 0, 0, 0, 0);
}

// The destination, length, id and checksum; returns the sum of the destination's words.
static uint32_t finish_v4(
        const struct head *h, uint8_t *ip, const struct addr *dst, size_t udp_len, uint16_t id)
{
	const uint16_t total = big(udp_len + IP_V4_HEADER);
	uint32_t to;

	memcpy(&to, dst->ip, sizeof(to));
	memcpy(ip + 16, &to, sizeof(to));
	put(ip + 2, total);
	put(ip + 4, big(id));
	if ((h->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) == 0)
		put(ip + 10, (uint16_t)~ip_sum_fold(h->ip_sum + words(to) + total + big(id)));
	return words(to);
}

static uint32_t finish_v6(uint8_t *ip, const struct addr *dst, size_t udp_len)
{
	memcpy(ip + 24, dst->ip, sizeof(dst->ip));
	put(ip + 4, big(udp_len));
	return words_of(dst->ip);
}

void head_put(const struct head *h, struct rte_mbuf *m, const struct addr *dst, uint16_t id)
{
	uint8_t *payload = rte_pktmbuf_mtod(m, uint8_t *), *udp = payload - UDP_HEADER;
	const size_t udp_len = (size_t)m->data_len + UDP_HEADER;
	uint32_t sum;
	uint16_t check;

	assert(m->nb_segs == 1 && rte_pktmbuf_headroom(m) >= HEAD_BYTES);
	memcpy(payload - HEAD_BYTES, h->bytes, HEAD_BYTES);
	sum = h->udp_sum + big(udp_len);
	sum += h->family == ADDR_IPV4 ? finish_v4(h, udp - IP_V4_HEADER, dst, udp_len, id)
	                              : finish_v6(udp - IP_V6_HEADER, dst, udp_len);
	put(udp + 2, big(dst->port));
	put(udp + 4, big(udp_len));
	if ((h->ol_flags & RTE_MBUF_F_TX_UDP_CKSUM) != 0) {
		check = ip_sum_fold(sum); // the device goes on from the pseudo header's
	} else {
		sum += big(dst->port) + big(udp_len);
		check = (uint16_t)~ip_sum_fold(ip_sum(payload, m->data_len, sum));
		check = check != 0 ? check : UINT16_MAX;
	}
	put(udp + 6, check);
	m->data_off = (uint16_t)(m->data_off - h->len);
	m->data_len = (uint16_t)(m->data_len + h->len);
	m->pkt_len += h->len;
	m->tx_offload = h->offload;
	m->ol_flags = (m->ol_flags & ~RTE_MBUF_F_TX_OFFLOAD_MASK) | h->ol_flags;
}
