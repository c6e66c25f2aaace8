// Frames of one side of the generator: UDP datagrams out and in, and ARP, so that neither end needs
// a kernel.
#pragma once

#include <rte_mbuf.h>

#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"
#include "dataplane/table/bench.h"

enum { WIRE_HEAD_MAX = ETH_HEADER_MAX + IP_V6_HEADER + UDP_HEADER };

struct wire {
	struct bench_side side;
	uint8_t mac[6];     // of our port
	bool resolved;      // side.mac is the proxy's
	bool given;         // by the order, not by ARP
	uint64_t asked_tsc; // ARP, last
	uint16_t id;        // IPv4 identification
	uint8_t head_len, ip_at;
	uint8_t head[WIRE_HEAD_MAX]; // Ethernet, IP, UDP with lengths, ids, checksums and ports
	                             // zero
	uint64_t ip_sum, udp_sum;    // of what is in them, addresses aside when there are several
};

void wire_start(struct wire *w, const struct bench_side *side, const uint8_t mac[6]);

// The n-th source in turn: addresses and ports of the side.
struct addr wire_source(const struct wire *w, uint32_t n);

// A frame around the payload that stands at the mbuf's data (headroom before it): from the n-th
// source. `sum` is the payload's one's complement sum (template_write).
void wire_finish(struct wire *w, struct rte_mbuf *m, size_t len, uint32_t n, uint64_t sum);
// The same from one address, for what must not be seen as one of the sources.
void wire_finish_from(struct wire *w, struct rte_mbuf *m, size_t len, const struct addr *from);

// What is in a frame.
struct wire_datagram {
	struct str bytes;     // UDP payload
	struct addr src, dst; // filled by wire_parse, not by wire_glance
};
enum wire_kind { WIRE_DATAGRAM, WIRE_ARP, WIRE_OTHER };

// As quickly as can be: a plain IPv4 UDP datagram. False: look with wire_parse.
static inline bool wire_glance(const struct rte_mbuf *m, struct str *bytes)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	const unsigned len = m->data_len;

	if (len < 42 || m->nb_segs != 1 || p[12] != 8 || p[13] != 0 || p[14] != 0x45 ||
	        p[23] != IP_UDP || ((p[20] & 0x3f) | p[21]) != 0)
		return false;
	const unsigned total = (unsigned)p[16] << 8 | p[17], udp = (unsigned)p[38] << 8 | p[39];

	if (total > len - 14 || total < 28 || udp != total - 20)
		return false;
	*bytes = (struct str){(const char *)p + 42, udp - 8};
	return true;
}

// Everything looked at. *fault is BENCH_BAD_FRAME or BENCH_BAD_CHECKSUM when the headers are wrong,
// BENCH_FAULTS when they are right (a datagram whose checksum is wrong is still taken apart).
enum wire_kind wire_parse(
        const struct rte_mbuf *m, struct wire_datagram *out, enum bench_fault *fault);

// An ARP packet: an answer of the proxy is learned; a question for one of our addresses turned into
// the answer in place: true = send the frame.
bool wire_arp(struct wire *w, struct rte_mbuf *m);
// Asks for the proxy's link address: makes the frame.
void wire_ask(struct wire *w, struct rte_mbuf *m);
