// Steering (DESIGN §3, Ordering): a worker whose queues bring more than it can do, because one
// trunk is one 5-tuple and RSS gives it one queue, hands messages to other workers by their
// Call-ID. Messages of a Call-ID that came by one queue leave in the order they came, also while
// steering begins, ends or shifts its weight (live/spread.h).
#pragma once

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/base/error.h"
#include "dataplane/base/hash.h"
#include "dataplane/live/spread.h"
#include "dataplane/table/root.h"
#include "dataplane/table/setup.h"

struct burst;
struct dataplane;
struct worker;

enum {
	STEER_FAN = SPREAD_WAYS - 1, // a worker hands to so many: the next ones by number, at most
	STEER_RING = 512,
	STEER_SPAN_MS = 20, // between looks at the load
};

struct steer {
	// Read by the others: written by the worker once a span; `from` by those who hand over,
	// when they begin and when they have ended.
	_Alignas(64) _Atomic uint32_t busy; // share of the last span with work, per mille
	_Atomic uint32_t from;              // bit k: the worker k + 1 before this one hands over
	// Of each of those: messages that have left. Written each burst, read while cells move.
	_Alignas(64) _Atomic uint32_t done[STEER_FAN];

	_Alignas(64) _Atomic uint8_t wish; // enum setup_steer
	enum steer_state state;
	unsigned fan;
	struct rte_ring *in[STEER_FAN];
	struct rte_ring *out[SPREAD_WAYS];
	struct steer *to[SPREAD_WAYS];
	struct hash_key key;

	// legs whose messages stay (policy counts them in one worker), of the configuration with
	// that number
	uint64_t generation, here, legs;
	bool legs_changed;

	// this span
	uint64_t span_tsc, last_tsc, busy_tsc;
	uint64_t came, gone, taken, lost[SPREAD_WAYS];
	unsigned behind, calm; // spans in a row
	bool was_busy, is_behind;
	uint32_t moved; // counted so far
	struct spread spread;
};

_Static_assert(offsetof(struct steer, done) % 64 == 0 && offsetof(struct steer, wish) % 64 == 0 &&
                       sizeof(struct steer) % 64 == 0,
        "what others read shares no cache line with what its worker writes");

// Connects the workers, which are all there; nothing when there is one only, or it is off.
int steer_create(struct dataplane *dp, struct error *e);
// When no worker runs any more; frees what is still on its way.
void steer_destroy(struct dataplane *dp);
// Packet buffers a worker's pool needs for what others hold of it.
unsigned steer_buffers(const struct setup *s);

// After policy_source(): takes those out of the burst that others handle.
void steer(struct worker *w, struct burst *b);
// Who hands over to this worker: bits, by number of `in`.
uint32_t steer_from(const struct worker *w);
// Up to BURST frames that one of them handed over, checked below SIP; steer_done() when all that
// came of them has left.
unsigned steer_take(struct worker *w, unsigned from, struct rte_mbuf **frame);
void steer_done(struct worker *w, unsigned from, unsigned n);
// The end of a turn: looks at the load once a span, begins, balances and ends.
void steer_turn(struct worker *w, unsigned handled, bool behind);

// What a steered frame carries besides its bytes (in fields of the mbuf that are free after rx).
static inline uint8_t steer_port(const struct rte_mbuf *m)
{
	return (uint8_t)m->port;
}
static inline bool steer_exempt(const struct rte_mbuf *m)
{
	return m->port > UINT8_MAX;
}
static inline uint64_t steer_rx_tsc(const struct rte_mbuf *m)
{
	return (uint64_t)m->hash.fdir.hi << 32 | m->hash.fdir.lo;
}
