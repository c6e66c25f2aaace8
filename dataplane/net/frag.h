// Reassembly of UDP datagrams sent to our legs, one table a worker (rte_ip_frag), bounded:
// datagrams under way, fragments held, time, fragments per datagram (RTE_LIBRTE_IP_FRAG_MAX_FRAG, 8
// in Debian). Overlaps, duplicates and everything that does not fit drop the whole datagram
// (RELIABILITY A32).
#pragma once

#include <rte_mbuf.h>

#include "dataplane/net/ip.h"

enum {
	FRAG_DATAGRAMS = 1024,
	FRAG_HELD_MAX = 1024, // fragments held, so that a flood can't eat the receive buffers
	FRAG_TIMEOUT_MS = 2000,
};

struct frag_state;
struct frag_state *frag_create(uint64_t tsc_hz, int socket);
void frag_destroy(struct frag_state *s);

enum frag_result {
	FRAG_KEPT,  // *m belongs to the table now
	FRAG_WHOLE, // *m is the datagram in one buffer (IP header without fragmentation, Ethernet
	            // kept)
	FRAG_BAD,   // *m is gone, and the datagram's other fragments too
	FRAG_NO_BUFFER, // complete, but `large` has no buffer for it: gone
};

// Takes a fragment: a frame of one segment, whose IP header starts at l2_len. `large` gives the
// buffer for the whole datagram.
enum frag_result frag_add(struct frag_state *s, struct rte_mbuf **m, uint16_t l2_len,
        const struct ip_header *ip, uint64_t tsc, struct rte_mempool *large);
// Lets go of what timed out (a bounded number each call). Returns the fragments that were thrown
// away by timeout since the last call.
unsigned frag_expire(struct frag_state *s, uint64_t tsc);
// Fragments held now.
unsigned frag_held(const struct frag_state *s);
