// First stage: takes a burst from a port's queue or from the inject ring, and looks at everything
// below SIP: Ethernet, VLAN, IP, fragments, UDP. What is not UDP to one of our legs is the
// kernel's, as it is. Reads nothing; fills the rx part of the packet (and, of injected messages,
// what tx needs). Never looks at SIP.
#include "dataplane/proxy.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "dataplane/dataplane.h"
#include "dataplane/net/eth.h"
#include "dataplane/net/frag.h"
#include "dataplane/net/udp.h"
#include "dataplane/steer.h"

enum { RX_AHEAD = 4 }; // frames whose bytes are on their way into the cache

// UDP services that answer whatever reaches them: a reply to a forged source there would make a
// loop or a reflector of us (RELIABILITY A10).
static bool rx_port_answers(uint16_t port)
{
	switch (port) {
	case 0:    // nobody
	case 7:    // echo
	case 13:   // daytime
	case 17:   // quote of the day
	case 19:   // character generator
	case 53:   // DNS
	case 69:   // TFTP
	case 111:  // portmapper
	case 123:  // NTP
	case 137:  // NetBIOS
	case 161:  // SNMP
	case 389:  // CLDAP
	case 1900: // SSDP
	case 5353: // mDNS
	case 11211:
		return true;
	default:
		return false;
	}
}

// A fault below SIP counts here only when the datagram was (or may have been: behind extension
// headers) for a leg; else it is the kernel's to judge.
static enum verdict rx_fault(
        const struct table_view *v, const struct ip_header *ip, enum verdict fault)
{
	return (ip->protocol == IP_UDP || ip_is_extension(ip)) && leg_has_ip(v, &ip->dst)
	               ? fault
	               : VERDICT_TO_KERNEL;
}

// A datagram of `len` bytes, of its UDP header's length; p->src and p->dst are filled.
static enum verdict rx_datagram(
        struct packet *p, const struct table_view *v, const uint8_t *at, size_t len)
{
	const bool known =
	        (p->mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD;

	p->leg_in = leg_at(v, p->port, p->vlan, &p->dst, TRANSPORT_UDP);
	if (p->leg_in == NULL)
		return VERDICT_TO_KERNEL;
	if (!known && !udp_checksum_ok(&p->src, &p->dst, at, len))
		return VERDICT_BAD_UDP;
	if (!addr_is_unicast(&p->src) || leg_has_ip(v, &p->src) || rx_port_answers(p->src.port))
		return VERDICT_BAD_SOURCE;
	p->bytes = (struct str){(const char *)at + UDP_HEADER, len - UDP_HEADER};
	return VERDICT_NONE;
}

static enum verdict rx_udp(
        struct packet *p, const struct table_view *v, const struct ip_header *ip, const uint8_t *at)
{
	struct udp udp;

	if (!udp_parse(at, ip->payload_len, &udp))
		return rx_fault(v, ip, VERDICT_BAD_UDP);
	p->src = ip->src;
	p->dst = ip->dst;
	p->src.port = udp.src_port;
	p->dst.port = udp.dst_port;
	return rx_datagram(p, v, at, (size_t)udp.payload_len + UDP_HEADER);
}

// Adds a fragment; VERDICT_NONE when p->mbuf is now the whole datagram.
static enum verdict rx_fragment(
        struct worker *w, struct packet *p, uint16_t l2_len, const struct ip_header *ip)
{
	const enum frag_result r = frag_add(w->frag, &p->mbuf, l2_len, ip, w->tsc, w->pool_large);

	if (r == FRAG_WHOLE) {
		w->delta.count[STATS_REASSEMBLED]++;
		return VERDICT_NONE;
	}
	p->mbuf = NULL;
	return r == FRAG_KEPT  ? VERDICT_FRAGMENT
	       : r == FRAG_BAD ? VERDICT_BAD_FRAGMENT
	                       : VERDICT_NO_BUFFER;
}

// Any frame, step by step.
static enum verdict rx_any(struct worker *w, struct packet *p, bool reassembled)
{
	const struct table_view *v = &w->config->view;
	const uint8_t *frame = rte_pktmbuf_mtod(p->mbuf, const uint8_t *);
	const uint64_t sum = p->mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
	struct eth eth;
	struct ip_header ip;

	if (p->mbuf->nb_segs != 1 || !eth_parse(frame, p->mbuf->data_len, &eth))
		return VERDICT_BAD_ETHERNET;
	if ((eth.src[0] & 1) != 0)
		return VERDICT_BAD_ETHERNET; // no station has a group's address
	if ((eth.dst[0] & 1) != 0)
		return VERDICT_TO_KERNEL;
	if (memcmp(eth.dst, w->dataplane->port[p->port].mac, 6) != 0)
		return VERDICT_BAD_ETHERNET;
	if (eth.type != ETH_IPV4 && eth.type != ETH_IPV6)
		return VERDICT_TO_KERNEL;
	p->vlan = eth.vlan;
	const uint8_t *at = frame + eth.header_len;
	const enum ip_result r = ip_parse(at, (size_t)(p->mbuf->data_len - eth.header_len),
	        sum == RTE_MBUF_F_RX_IP_CKSUM_GOOD, &ip);
	if ((eth.type == ETH_IPV4) != (ip.dst.family == ADDR_IPV4))
		return VERDICT_TO_KERNEL;
	if (r == IP_BAD)
		return rx_fault(v, &ip, VERDICT_BAD_IP);
	if (r == IP_OTHER || ip.protocol != IP_UDP)
		return VERDICT_TO_KERNEL;
	if (!ip.fragment)
		return rx_udp(p, v, &ip, at + ip.header_len);
	if (reassembled || !leg_has_ip(v, &ip.dst))
		return VERDICT_TO_KERNEL;
	const enum verdict kept = rx_fragment(w, p, eth.header_len, &ip);
	return kept != VERDICT_NONE ? kept : rx_any(w, p, true);
}

// The usual frame, in one step: untagged, for us, IPv4, UDP. *at is its datagram; its length, or 0
// when it is another.
static size_t rx_usual(const struct worker *w, struct packet *p, const uint8_t **at)
{
	const struct rte_mbuf *m = p->mbuf;
	const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);
	const uint8_t *mac = w->dataplane->port[p->port].mac;
	const bool known =
	        (m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD;

	if (m->nb_segs != 1 || m->data_len < ETH_HEADER || memcmp(frame, mac, 6) != 0 ||
	        ((frame[0] | frame[6]) & 1) != 0 || !eth_is_ipv4(frame))
		return 0;
	*at = frame + ETH_HEADER + IP_V4_HEADER;
	return udp_parse_usual(
	        frame + ETH_HEADER, (size_t)m->data_len - ETH_HEADER, known, &p->src, &p->dst);
}

static enum verdict rx_frame(struct worker *w, struct packet *p, bool reassembled)
{
	const uint8_t *at;
	const size_t len = rx_usual(w, p, &at);

	return len > 0 ? rx_datagram(p, &w->config->view, at, len) : rx_any(w, p, reassembled);
}

// Fields that stages after rx rely on; the rest is filled by the stage that owns it.
static struct packet *rx_start(struct burst *b, uint8_t port, uint64_t tsc)
{
	struct packet *p = &b->slot[b->n];

	b->live[b->n++] = p;
	p->verdict = VERDICT_NONE;
	p->way = WAY_DROPPED;
	p->mbuf = p->out = NULL;
	p->bytes = STR_NONE;
	p->leg_in = p->leg_out = NULL;
	p->port = port;
	p->vlan = 0;
	p->frame_len = 0;
	p->rx_tsc = tsc;
	p->injected = false;
	p->exempt = false;
	p->understood = false;
	return p;
}

static enum verdict rx_injected_one(
        struct worker *w, struct packet *p, const void *record, uint32_t record_len)
{
	const char *text = (const char *)record + sizeof(struct ring_message);
	struct ring_message head; // a copy: control may be writing

	p->injected = true;
	if (record_len < sizeof(head))
		return VERDICT_BAD_MESSAGE;
	memcpy(&head, record, sizeof(head));
	if (head.ask != RING_SEND || head.len > record_len - sizeof(head) ||
	        head.len > MESSAGE_BYTES_MAX)
		return VERDICT_BAD_MESSAGE;
	if (w->config == NULL)
		return VERDICT_NO_TABLES;
	p->target = head.dst;
	p->transport = TRANSPORT_UDP;
	p->leg_out = leg_by_id(&w->config->view, head.leg);
	if (p->leg_out == NULL || p->leg_out->transport != TRANSPORT_UDP ||
	        p->leg_out->local.family != head.dst.family)
		return VERDICT_NO_TRANSPORT;
	p->out = worker_buffer(w, head.len);
	if (p->out == NULL)
		return VERDICT_NO_BUFFER;
	memcpy(rte_pktmbuf_append(p->out, (uint16_t)head.len), text, head.len);
	return VERDICT_NONE;
}

static void rx_injected(struct worker *w, struct burst *b)
{
	const uint64_t tsc = rte_rdtsc();
	const void *record;
	uint32_t len;

	while (b->n < BURST && (record = ring_peek(w->inject, &len, NULL)) != NULL) {
		struct packet *p = rx_start(b, RX_INJECT, tsc);
		const enum verdict v = rx_injected_one(w, p, record, len);

		if (v != VERDICT_NONE)
			packet_drop(p, v);
		ring_pop(w->inject);
		w->delta.count[STATS_INJECTED]++;
	}
}

// The first lines of a frame: the rest the CPU sees coming.
static void rx_prefetch(const struct rte_mbuf *m)
{
	const char *frame = rte_pktmbuf_mtod(m, const char *);

	rte_prefetch0(frame);
	rte_prefetch0(frame + RTE_CACHE_LINE_SIZE);
}

static void rx_port(struct worker *w, struct burst *b, uint8_t port)
{
	struct rte_mbuf *frame[BURST];
	const uint16_t n = rte_eth_rx_burst(w->dataplane->port[port].id, w->queue, frame, BURST);
	const uint64_t tsc = rte_rdtsc();

	w->load.rx_full |= n == BURST;
	for (uint16_t i = 0; i < n && i < RX_AHEAD; i++)
		rx_prefetch(frame[i]);
	for (uint16_t i = 0; i < n; i++) {
		struct packet *p = rx_start(b, port, tsc);

		if (i + RX_AHEAD < n)
			rx_prefetch(frame[i + RX_AHEAD]);
		p->mbuf = frame[i];
		p->frame_len = (uint16_t)RTE_MIN(frame[i]->pkt_len, (uint32_t)UINT16_MAX);
		w->delta.count[STATS_RX_BYTES] += p->frame_len;
		const enum verdict v =
		        w->config != NULL ? rx_frame(w, p, false) : VERDICT_NO_TABLES;
		if (v != VERDICT_NONE)
			packet_settle(p, v);
	}
}

// Looked at before by the worker it came to, down to the checksums; but whose leg it is for now is
// said by this worker's tables.
static void rx_steered(struct worker *w, struct burst *b, unsigned from)
{
	struct rte_mbuf *frame[BURST];
	const unsigned n = steer_take(w, from, frame);

	w->load.rx_full |= n == BURST;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = rx_start(b, steer_port(frame[i]), steer_rx_tsc(frame[i]));

		p->mbuf = frame[i];
		p->frame_len = (uint16_t)RTE_MIN(frame[i]->pkt_len, (uint32_t)UINT16_MAX);
		p->exempt = steer_exempt(frame[i]);
		const enum verdict v = w->config != NULL ? rx_frame(w, p, true) : VERDICT_NO_TABLES;
		if (v != VERDICT_NONE)
			packet_settle(p, v);
	}
}

void rx(struct worker *w, struct burst *b, uint8_t port)
{
	b->n = b->n_settled = 0;
	if (port < RX_STEERED)
		rx_port(w, b, port);
	else if (port != RX_INJECT)
		rx_steered(w, b, port - RX_STEERED);
	else if (w->inject != NULL)
		rx_injected(w, b);
	if (b->n == 0)
		return;
	w->delta.received += b->n;
	w->dirty = true;
	burst_settle(b);
}
