// Frames of the rig: as the peer would send them, and what left taken apart again.
#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"
#include "tools/replay/rig_inner.h"

static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 9};

static void put16(uint8_t *at, uint16_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static void write_udp(uint8_t *at, const struct addr *from, const struct addr *to, struct str bytes)
{
	const uint16_t len = (uint16_t)(UDP_HEADER + bytes.len);
	uint16_t sum;

	put16(at, from->port);
	put16(at + 2, to->port);
	put16(at + 4, len);
	put16(at + 6, 0);
	if (bytes.len > 0)
		memcpy(at + UDP_HEADER, bytes.p, bytes.len);
	sum = udp_checksum(from, to, at, len);
	memcpy(at + 6, &sum, 2);
}

struct rte_mbuf *rig_frame_make(struct rte_mempool *pool, const struct rig *r, const struct leg *l,
        const struct addr *from, struct str bytes)
{
	const size_t head = ETH_HEADER + (l->vlan != 0 ? (size_t)ETH_TAG : 0) +
	                    ip_header_len(from->family, false);
	struct ip_out ip = {.src = from, .dst = &l->local, .protocol = IP_UDP, .checksum = true};
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	uint8_t *at, *start, *end;

	if (m == NULL || head + UDP_HEADER + bytes.len > m->buf_len) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	start = m->buf_addr; // no headroom: the longest datagrams need all of the buffer
	at = start + head;
	end = at + UDP_HEADER + bytes.len;
	write_udp(at, from, &l->local, bytes);
	ip.payload_len = (uint16_t)(UDP_HEADER + bytes.len);
	at = ip_write(at, &ip);
	at = eth_write(at, r->dp.port[l->port].mac, peer_mac, l->vlan,
	        from->family == ADDR_IPV6 ? ETH_IPV6 : ETH_IPV4);
	m->data_off = (uint16_t)(at - start);
	m->data_len = (uint16_t)(end - at);
	m->pkt_len = m->data_len;
	return m;
}

struct rte_mbuf *rig_frame_copy(
        struct rte_mempool *pool, const struct rig *r, const struct leg *l, struct str frame)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	uint8_t *at;

	if (m == NULL || frame.len > m->buf_len) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	m->data_off = 0;
	m->data_len = (uint16_t)frame.len;
	m->pkt_len = m->data_len;
	at = rte_pktmbuf_mtod(m, uint8_t *);
	memcpy(at, frame.p, frame.len);
	if (frame.len >= 6 && (at[0] & 1) == 0)
		memcpy(at, r->dp.port[l->port].mac, 6);
	return m;
}

const char *rig_frame_read(
        const struct rig *r, uint8_t port, const struct rte_mbuf *m, struct rig_result *out)
{
	const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *), *at;
	const struct leg *l;
	struct ip_header ip;
	struct eth eth;
	struct udp udp;

	if (!eth_parse(frame, m->data_len, &eth) || memcmp(eth.dst, peer_mac, 6) != 0 ||
	        memcmp(eth.src, r->dp.port[port].mac, 6) != 0)
		return "a frame left with wrong link addresses";
	at = frame + eth.header_len;
	if (ip_parse(at, (size_t)(m->data_len - eth.header_len), false, &ip) != IP_OK ||
	        ip.fragment)
		return "a frame left with a wrong IP header";
	at += ip.header_len;
	if (!udp_parse(at, ip.payload_len, &udp) ||
	        !udp_checksum_ok(&ip.src, &ip.dst, at, (size_t)udp.payload_len + UDP_HEADER))
		return "a frame left with a wrong UDP header";
	ip.src.port = udp.src_port;
	l = leg_at(rig_config(r), port, eth.vlan, &ip.src, TRANSPORT_UDP);
	if (l == NULL)
		return "a frame left from an address that is no leg's";
	memcpy(out->leg, l->name, sizeof(out->leg));
	out->to = ip.dst;
	out->to.port = udp.dst_port;
	out->len = udp.payload_len;
	memcpy(out->bytes, at + UDP_HEADER, out->len);
	return NULL;
}
