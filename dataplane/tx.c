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
	uint16_t sent;

	if (q->n == 0)
		return;
	sent = rte_eth_tx_burst(port->id, w->queue, q->frame, q->n);
	for (uint16_t f = sent; f < q->n; f++) {
		w->delta.count[STATS_TX_BYTES] -= q->frame[f]->pkt_len;
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
	w->delta.count[STATS_TX_BYTES] += m->pkt_len; // the frame is the driver's afterwards
	q->frame[q->n] = m;
	q->of[q->n++] = of;
}

// IP and Ethernet headers before a fragment.
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

// UDP header with its checksum, of a datagram that goes in fragments.
static void tx_udp(struct rte_mbuf *m, const struct packet *p)
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
	sum = udp_checksum(src, &p->target, h, len);
	memcpy(h + 6, &sum, 2);
}

static uint32_t tx_next_id(struct worker *w)
{
	return w->ip_id += w->dataplane->n_workers;
}

static size_t tx_mtu(const struct packet *p, const struct port *port)
{
	const size_t mtu = p->hop.mtu != 0 && p->hop.mtu < port->mtu ? p->hop.mtu : port->mtu;
	const bool v4 = p->target.family == ADDR_IPV4;

	return RTE_MAX(mtu, (size_t)(v4 ? TX_MTU_MIN4 : TX_MTU_MIN6));
}

// Copies the datagram into fragments of `size` bytes (multiple of 8) and queues them, all or none.
static bool tx_pieces(
        struct worker *w, struct packet *p, const struct port *port, struct ip_out *ip, size_t size)
{
	struct rte_mbuf *fragment[TX_FRAGMENTS_MAX];
	unsigned n = 0;
	size_t at = 0;

	tx_udp(p->out, p);
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

static enum verdict tx_fragments(
        struct worker *w, struct packet *p, const struct port *port, uint32_t id)
{
	const uint8_t family = p->target.family;
	const size_t len = (size_t)p->out->pkt_len + UDP_HEADER;
	const size_t size = (tx_mtu(p, port) - ip_header_len(family, true)) & ~(size_t)7;
	struct ip_out ip = {.src = &p->leg_out->local,
	        .dst = &p->target,
	        .protocol = IP_UDP,
	        .dscp = p->leg_out->dscp,
	        .id = id};

	if (len + ip_header_len(family, false) > UINT16_MAX)
		return VERDICT_TOO_LARGE;
	return tx_pieces(w, p, port, &ip, size) ? VERDICT_NONE : VERDICT_NO_BUFFER;
}

// Remembers how the leg's datagrams leave by p->hop. NULL with the verdict when none can.
static const struct recall_way *tx_way(
        struct worker *w, const struct packet *p, const struct port *port, enum verdict *why)
{
	const struct head_way to = {.src = &p->leg_out->local,
	        .src_mac = port->mac,
	        .dst_mac = p->hop.mac,
	        .vlan = p->hop.vlan,
	        .dscp = p->leg_out->dscp,
	        .device_ip = port->tx_ip_checksum,
	        .device_udp = port->tx_udp_checksum};
	struct recall_way *way;

	if (!p->hop.up) {
		*why = VERDICT_PORT_DOWN;
		return NULL;
	}
	if (!tx_resolved(&p->hop)) {
		*why = p->injected ? VERDICT_NEIGHBOUR_UNKNOWN : VERDICT_RESOLVING;
		return NULL;
	}
	way = recall_way_add(w, p->leg_out, &p->hop);
	head_make(&way->head, &to);
	way->most = (uint32_t)(tx_mtu(p, port) - ip_header_len(to.src->family, false) - UDP_HEADER);
	return way;
}

// Sends by p->hop; the verdict when it can't.
static enum verdict tx_send(struct worker *w, struct packet *p)
{
	const struct recall_way *way;
	enum verdict why;

	if (!addr_is_unicast(&p->target) || p->target.port == 0 ||
	        p->target.family != p->leg_out->local.family)
		return VERDICT_BAD_TARGET;
	if (p->hop.port >= w->dataplane->n_ports)
		return VERDICT_NO_NEXTHOP;
	const struct port *port = &w->dataplane->port[p->hop.port];

	if (!atomic_load_explicit(&port->link_up, memory_order_relaxed))
		return VERDICT_PORT_DOWN;
	way = recall_way(w, p->leg_out, &p->hop);
	if (way == NULL && (way = tx_way(w, p, port, &why)) == NULL)
		return why;
	const uint32_t id = tx_next_id(w);

	if (p->out->pkt_len > way->most)
		return tx_fragments(w, p, port, id);
	head_put(&way->head, p->out, &p->target, (uint16_t)id);
	tx_queue_frame(w, p->hop.port, p->out, p);
	p->out = NULL;
	return VERDICT_NONE;
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
