// Reassembly: the library keeps the fragments, this file bounds what it may keep, tells what became
// of each fragment, and puts the finished datagram into one buffer.
#include "dataplane/net/frag.h"

#include <rte_ip.h>
#include <rte_ip_frag.h>
#include <rte_malloc.h>

struct frag_state {
	struct rte_ip_frag_tbl *table;
	struct rte_ip_frag_death_row death;
	unsigned held;
	unsigned timed_out; // since the last frag_expire
};

struct frag_state *frag_create(uint64_t tsc_hz, int socket)
{
	struct frag_state *s = rte_zmalloc_socket("frag", sizeof(*s), 64, socket);

	if (s == NULL)
		return NULL;
	// Half as many again: a bucket that is full refuses a datagram although the table is not.
	s->table = rte_ip_frag_table_create(
	        FRAG_DATAGRAMS / 4, 8, FRAG_DATAGRAMS, tsc_hz * FRAG_TIMEOUT_MS / 1000, socket);
	if (s->table == NULL) {
		rte_free(s);
		return NULL;
	}
	return s;
}

void frag_destroy(struct frag_state *s)
{
	if (s == NULL)
		return;
	rte_ip_frag_free_death_row(&s->death, 0);
	rte_ip_frag_table_destroy(s->table);
	rte_free(s);
}

unsigned frag_held(const struct frag_state *s)
{
	return s->held;
}

// Frees what the library threw away; true when `m` was among it. The others are this datagram's
// then, else they had timed out.
static bool frag_bury(struct frag_state *s, const struct rte_mbuf *m)
{
	const unsigned n = s->death.cnt;
	bool ours = false;

	for (unsigned i = 0; i < n && !ours; i++)
		ours = s->death.row[i] == m;
	rte_ip_frag_free_death_row(&s->death, 0);
	const unsigned others = n - ours;
	s->held -= others < s->held ? others : s->held;
	if (!ours)
		s->timed_out += n;
	return ours;
}

// What no honest stack sends.
static bool frag_acceptable(const struct ip_header *ip)
{
	if (ip->payload_len == 0 || (ip->fragment_more && ip->payload_len % 8 != 0))
		return false;
	if (ip->fragment_offset == 0 && ip->payload_len < 8)
		return false; // tiny: the UDP header would be in two pieces
	return (unsigned)ip->fragment_offset + ip->payload_len + ip->header_len <= 65535;
}

// One buffer of the chain, IPv4 checksum written (the library leaves it 0).
static struct rte_mbuf *frag_linear(struct rte_mbuf *chain, struct rte_mempool *large)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(large);
	uint8_t *p = m != NULL ? (uint8_t *)rte_pktmbuf_append(m, (uint16_t)chain->pkt_len) : NULL;

	if (p != NULL) {
		const uint8_t *from = rte_pktmbuf_read(chain, 0, chain->pkt_len, p);
		if (from != p)
			memcpy(p, from, chain->pkt_len); // a chain of one
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(p + chain->l2_len);
		if (ip->version_ihl >> 4 == 4)
			ip->hdr_checksum =
			        (uint16_t)~rte_raw_cksum(ip, (ip->version_ihl & 15u) * 4u);
		m->port = chain->port;
	} else {
		rte_pktmbuf_free(m);
		m = NULL;
	}
	rte_pktmbuf_free(chain);
	return m;
}

enum frag_result frag_add(struct frag_state *s, struct rte_mbuf **m, uint16_t l2_len,
        const struct ip_header *ip, uint64_t tsc, struct rte_mempool *large)
{
	struct rte_mbuf *in = *m;
	const uint32_t whole = (uint32_t)l2_len + ip->header_len + ip->payload_len;
	const bool v6 = ip->src.family == ADDR_IPV6;
	struct rte_mbuf *out;

	// The library looks for the IPv6 fragment header right behind the fixed one.
	if (!frag_acceptable(ip) || s->held >= FRAG_HELD_MAX || in->pkt_len < whole ||
	        (v6 && ip->header_len != IP_V6_HEADER + IP_V6_FRAGMENT)) {
		rte_pktmbuf_free(in);
		return FRAG_BAD;
	}
	rte_pktmbuf_trim(in, (uint16_t)(in->pkt_len - whole)); // Ethernet padding
	in->tx_offload = rte_mbuf_tx_offload(l2_len, ip->header_len, 0, 0, 0, 0, 0);
	char *header = rte_pktmbuf_mtod_offset(in, char *, l2_len);
	if (v6)
		out = rte_ipv6_frag_reassemble_packet(s->table, &s->death, in, tsc,
		        (struct rte_ipv6_hdr *)header,
		        (struct rte_ipv6_fragment_ext *)(header + IP_V6_HEADER));
	else
		out = rte_ipv4_frag_reassemble_packet(
		        s->table, &s->death, in, tsc, (struct rte_ipv4_hdr *)header);
	const bool bad = frag_bury(s, in);
	if (out == NULL) {
		s->held += !bad;
		return bad ? FRAG_BAD : FRAG_KEPT;
	}
	const unsigned others = out->nb_segs - 1u;
	s->held -= others < s->held ? others : s->held;
	*m = frag_linear(out, large);
	return *m != NULL ? FRAG_WHOLE : FRAG_NO_BUFFER;
}

unsigned frag_expire(struct frag_state *s, uint64_t tsc)
{
	rte_ip_frag_table_del_expired_entries(s->table, &s->death, tsc);
	frag_bury(s, NULL);
	const unsigned n = s->timed_out;

	s->timed_out = 0;
	return n;
}
