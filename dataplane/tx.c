// Last stage: puts UDP, IP and Ethernet headers before each datagram and queues the frames of a
// port until the end of the burst. Reads leg_out, target, hop, out; settles every packet it is
// given. Never waits: what a port does not take is lost and counted.
#include "dataplane/proxy.h"

#include <rte_ethdev.h>
#include <rte_ring.h>

#include "dataplane/dataplane.h"
#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"
#include "dataplane/recall.h"

enum { TX_FRAGMENTS_MAX = 128, TX_MTU_MIN4 = 576, TX_MTU_MIN6 = 1280 };

static void tx_flush_port(struct worker *w, unsigned i)
{
	struct tx_queue *q = &w->tx[i];
	const struct port *port = &w->dataplane->port[i];
	uint32_t bytes[TX_QUEUE];
	uint16_t sent;

	if (q->n == 0)
		return;
	for (uint16_t f = 0; f < q->n; f++)
		bytes[f] = q->frame[f]->pkt_len; // the frame is the driver's afterwards
	sent = rte_eth_tx_burst(port->id, w->queue, q->frame, q->n);
	for (uint16_t f = 0; f < sent; f++)
		w->delta.count[STATS_TX_BYTES] += bytes[f];
	for (uint16_t f = sent; f < q->n; f++) {
		rte_pktmbuf_free(q->frame[f]);
		if (q->of[f] != NULL)
			packet_drop(q->of[f], VERDICT_TX_FULL);
		else
			w->delta.count[STATS_FROM_KERNEL_LOST]++;
	}
	q->n = 0;
}

void tx_flush(struct worker *w)
{
	for (unsigned i = 0; i < w->dataplane->n_ports; i++)
		tx_flush_port(w, i);
}

static void tx_queue_frame(struct worker *w, unsigned port, struct rte_mbuf *m, struct packet *of)
{
	struct tx_queue *q = &w->tx[port];

	if (q->n == TX_QUEUE)
		tx_flush_port(w, port);
	q->frame[q->n] = m;
	q->of[q->n++] = of;
}

// IP and Ethernet headers before what the buffer holds.
static void tx_headers(struct rte_mbuf *m, const struct packet *p, const struct port *port,
        const struct ip_out *ip)
{
	const bool v6 = ip->dst->family == ADDR_IPV6;
	uint8_t *at = rte_pktmbuf_mtod(m, uint8_t *);

	at = ip_write(at, ip);
	const uint16_t l3 = (uint16_t)(rte_pktmbuf_mtod(m, uint8_t *) - at);
	uint8_t *frame =
	        eth_write(at, p->hop.mac, port->mac, p->hop.vlan, v6 ? ETH_IPV6 : ETH_IPV4);
	const uint16_t l2 = (uint16_t)(at - frame);
	rte_pktmbuf_prepend(m, (uint16_t)(l2 + l3));
	m->tx_offload = rte_mbuf_tx_offload(l2, l3, 0, 0, 0, 0, 0);
}

// UDP header with its checksum; where the device writes it, the pseudo header's sum.
static void tx_udp(struct rte_mbuf *m, const struct packet *p, bool offload)
{
	const uint16_t len = (uint16_t)(m->pkt_len + UDP_HEADER);
	const struct addr *src = &p->leg_out->local;
	uint8_t *h = (uint8_t *)rte_pktmbuf_prepend(m, UDP_HEADER);
	uint16_t sum;

	h[0] = (uint8_t)(src->port >> 8);
	h[1] = (uint8_t)src->port;
	h[2] = (uint8_t)(p->target.port >> 8);
	h[3] = (uint8_t)p->target.port;
	h[4] = (uint8_t)(len >> 8);
	h[5] = (uint8_t)len;
	h[6] = h[7] = 0;
	if (offload)
		sum = ip_sum_fold(ip_pseudo_sum(src, &p->target, IP_UDP, len));
	else
		sum = udp_checksum(src, &p->target, h, len);
	memcpy(h + 6, &sum, 2);
}

static uint32_t tx_next_id(struct worker *w)
{
	return w->ip_id += w->dataplane->n_workers;
}

static void tx_whole(struct worker *w, struct packet *p, const struct port *port, struct ip_out *ip)
{
	struct rte_mbuf *m = p->out;
	const bool v4 = ip->dst->family == ADDR_IPV4;

	tx_udp(m, p, port->tx_udp_checksum);
	ip->payload_len = (uint16_t)m->pkt_len;
	ip->checksum = !port->tx_ip_checksum;
	tx_headers(m, p, port, ip);
	m->ol_flags &= ~(RTE_MBUF_F_TX_OFFLOAD_MASK);
	if (port->tx_udp_checksum)
		m->ol_flags |=
		        RTE_MBUF_F_TX_UDP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	if (v4 && port->tx_ip_checksum)
		m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	tx_queue_frame(w, p->hop.port, m, p);
	p->out = NULL;
}

// Copies the datagram into fragments of `size` bytes (multiple of 8) and queues them, all or none.
static bool tx_fragments(
        struct worker *w, struct packet *p, const struct port *port, struct ip_out *ip, size_t size)
{
	struct rte_mbuf *fragment[TX_FRAGMENTS_MAX];
	unsigned n = 0;
	size_t at = 0;

	tx_udp(p->out, p, false);
	const char *datagram = rte_pktmbuf_mtod(p->out, const char *);
	const size_t len = p->out->pkt_len;
	ip->fragment = ip->checksum = true;
	for (; at < len && n < TX_FRAGMENTS_MAX; at += ip->payload_len, n++) {
		ip->more = len - at > size;
		ip->payload_len = (uint16_t)(ip->more ? size : len - at);
		ip->offset = (uint16_t)at;
		fragment[n] = worker_buffer(w, ip->payload_len);
		if (fragment[n] == NULL)
			break;
		memcpy(rte_pktmbuf_append(fragment[n], ip->payload_len), datagram + at,
		        ip->payload_len);
		tx_headers(fragment[n], p, port, ip);
	}
	if (at < len) {
		rte_pktmbuf_free_bulk(fragment, n);
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		tx_queue_frame(w, p->hop.port, fragment[i], p);
	w->delta.count[STATS_FRAGMENTED]++;
	w->delta.count[STATS_FRAGMENTS_SENT] += n;
	rte_pktmbuf_free(p->out);
	p->out = NULL;
	return true;
}

static bool tx_resolved(const struct nexthop *hop)
{
	static const uint8_t none[6];

	return memcmp(hop->mac, none, sizeof(none)) != 0;
}

// Sends by p->hop; the verdict when it can't.
static enum verdict tx_send(struct worker *w, struct packet *p)
{
	const bool v4 = p->target.family == ADDR_IPV4;

	if (!addr_is_unicast(&p->target) || p->target.port == 0 ||
	        p->target.family != p->leg_out->local.family)
		return VERDICT_BAD_TARGET;
	if (p->hop.port >= w->dataplane->n_ports)
		return VERDICT_NO_NEXTHOP;
	const struct port *port = &w->dataplane->port[p->hop.port];

	if (!p->hop.up || !atomic_load_explicit(&port->link_up, memory_order_relaxed))
		return VERDICT_PORT_DOWN;
	if (!tx_resolved(&p->hop))
		return p->injected ? VERDICT_NEIGHBOUR_UNKNOWN : VERDICT_RESOLVING;
	size_t mtu = p->hop.mtu != 0 && p->hop.mtu < port->mtu ? p->hop.mtu : port->mtu;

	mtu = RTE_MAX(mtu, (size_t)(v4 ? TX_MTU_MIN4 : TX_MTU_MIN6));
	struct ip_out ip = {.src = &p->leg_out->local,
	        .dst = &p->target,
	        .protocol = IP_UDP,
	        .dscp = p->leg_out->dscp,
	        .id = tx_next_id(w)};
	const size_t len = (size_t)p->out->pkt_len + UDP_HEADER;

	if (len + ip_header_len(p->target.family, false) <= mtu) {
		tx_whole(w, p, port, &ip);
		return VERDICT_NONE;
	}
	const size_t size = (mtu - ip_header_len(p->target.family, true)) & ~(size_t)7;
	if (len + ip_header_len(p->target.family, false) > UINT16_MAX)
		return VERDICT_TOO_LARGE;
	return tx_fragments(w, p, port, &ip, size) ? VERDICT_NONE : VERDICT_NO_BUFFER;
}

static enum verdict tx_lookup(struct worker *w, struct packet *p)
{
	if (w->nexthop == NULL)
		return VERDICT_NO_TABLES;
	memset(&p->hop, 0, sizeof(p->hop));
	switch (recall_nexthop(w, &p->target, &p->hop)) {
	case NEXTHOP_OK:
		return VERDICT_NONE;
	case NEXTHOP_UNRESOLVED:
		memset(p->hop.mac, 0, sizeof(p->hop.mac));
		return VERDICT_NONE;
	case NEXTHOP_LOCAL:
		return VERDICT_BAD_TARGET;
	case NEXTHOP_NO_ROUTE:
		break;
	}
	return VERDICT_NO_NEXTHOP;
}

static void tx_settle(struct packet *p, enum verdict failed, enum verdict sent)
{
	if (failed == VERDICT_NONE)
		packet_settle(p, sent);
	else if (failed == VERDICT_RESOLVING)
		packet_settle(p, failed);
	else
		packet_drop(p, failed); // too late for a reply
}

void tx_datagram(struct worker *w, struct packet *p, enum verdict v)
{
	enum verdict failed = tx_lookup(w, p);

	if (failed == VERDICT_NONE)
		failed = tx_send(w, p);
	tx_settle(p, failed, v);
}

void tx(struct worker *w, struct burst *b)
{
	for (uint16_t i = 0; i < b->n; i++) {
		struct packet *p = b->live[i];
		enum verdict failed = p->injected ? tx_lookup(w, p) : VERDICT_NONE;

		if (failed == VERDICT_NONE)
			failed = tx_send(w, p);
		tx_settle(p, failed, VERDICT_FORWARDED);
	}
	burst_settle(b);
}

unsigned tx_from_kernel(struct worker *w)
{
	struct rte_mbuf *frame[BURST];
	unsigned n;

	if (w->from_kernel == NULL)
		return 0;
	n = rte_ring_sc_dequeue_burst(w->from_kernel, (void **)frame, BURST, NULL);
	for (unsigned i = 0; i < n; i++)
		tx_queue_frame(w, frame[i]->port, frame[i], NULL);
	w->delta.count[STATS_FROM_KERNEL] += n;
	w->dirty |= n > 0;
	return n;
}
