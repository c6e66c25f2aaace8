// A worker: one polled lcore, run to completion, with its own queue on every port. Owns everything
// it writes; reads the tables of the generation it took at the start of the turn.
#pragma once

#include <rte_mempool.h>

#include "dataplane/live/load.h"
#include "dataplane/packet.h"
#include "dataplane/table/root.h"
#include "dataplane/table/setup.h"

struct pattern_set; // policy_pattern.c

// A generation of tables made ready for the workers by the main lcore (generation.c).
struct generation {
	uint64_t number;
	struct table_view view;
	void *image; // validated private copy
	struct token_ring *
	        *tokens; // config chain: one per worker (libcrypto contexts are not shared)
	struct pattern_set *patterns; // config chain: policy_pattern.c; NULL = none
	struct hash_key tag_key; // config chain: To-tags of our replies, derived from token key 0
};

// Frames of a port waiting for the end of the burst; `of` = whose verdict it is when the port does
// not take it (NULL for frames of the kernel).
enum { TX_QUEUE = 8 * BURST };
struct tx_queue {
	uint16_t n;
	struct rte_mbuf *frame[TX_QUEUE];
	struct packet *of[TX_QUEUE];
};

struct frag_state;   // net/frag.h
struct steer;        // steer.c
struct auth_state;   // policy_auth.c
struct policy_state; // policy_limit.c
struct recall;       // recall.h
struct engine;       // engine.h
struct generator;    // generator/generator.h
struct dataplane;

struct worker {
	_Alignas(64) unsigned index;
	unsigned lcore;
	uint16_t queue;       // RX and TX queue number on every port
	uint64_t tsc, tsc_hz; // taken at the start of the turn
	struct dataplane *dataplane;
	const struct engine *engine; // what it does
	struct generator *generator; // NULL = it is no load generator

	// this turn's tables; config is NULL until the first generation came
	const struct generation *config, *nexthop, *users;
	struct token_ring *tokens;

	struct location *location; // bindings; NULL = none can be looked up
	uint32_t now_s;            // CLOCK_BOOTTIME, about every millisecond: of bindings' expiry
	uint64_t unix_s;           // the same moment, as a date
	uint64_t count_ms;         // milliseconds since 1970 too, but it never goes back
	uint64_t count_base_ms;    // of that: since 1970 when CLOCK_MONOTONIC was 0
	bool control_lives;

	struct rte_mempool *pool;       // frames as the ports receive them
	struct rte_mempool *pool_large; // reassembled datagrams and large messages, 64 KB
	struct frag_state *frag;
	struct load load;
	struct policy_state *policy; // rates and proved sources; NULL = none are counted
	struct recall *recall;       // answers of its last lookups (recall.c); NULL = none
	struct auth_state *auth;     // what this worker remembers of those who authenticate

	struct steer *steer; // hands messages to other workers; NULL = never

	struct root_worker_area *area;      // stats and rings shared with control
	struct ring *punt, *inject, *event; // handles; NULL = no control
	struct ring ring[3];                // what they point to, with control
	struct rte_ring
	        *to_kernel; // (single producer) frames for the twins, drained by the main lcore
	struct rte_ring *from_kernel; // worker 0 only: frames of the twins for the wire
	struct tx_queue tx[SETUP_PORTS_MAX];

	struct stats delta; // this turn's counts, added to area->stats at its end
	struct burst burst;
	uint32_t ip_id;             // of the next datagram (IPv4 identification, IPv6 fragments)
	size_t room;                // bytes a buffer of `pool` holds
	_Atomic uint64_t epoch;     // quiescent points passed (root has a copy for control to see)
	struct root_worker *shared; // of the root page; NULL = no control
	uint64_t bursts;            // handled
	bool dirty;                 // delta holds something
	bool adaptive;
	uint32_t idle_turns;
	char scratch[LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX]; // for location_lookup
	uint64_t beat_tsc, expire_tsc; // when the next heartbeat and fragment expiry are due
};

_Static_assert(sizeof(struct worker) % 64 == 0, "no cache line of two workers");

// The loop of a worker lcore: arg = struct worker. Ends when dataplane->stop is set.
int worker_run(void *arg);
// One turn of it: quiescent point, tables, engine, counts. Returns the number of packets handled.
// The pipeline tests call it directly.
unsigned worker_turn(struct worker *w);

// Bytes of packet memory a worker takes when its ports receive frames of up to `room` bytes.
size_t worker_memory_need(const struct setup *s, size_t room);
// Makes a worker with its pools, rings and fragment table, on the socket of its lcore. NULL with
// error.
struct worker *worker_create(struct dataplane *dp, unsigned index, size_t room, struct error *e);
// Takes up the rings and counters it shares with control.
int worker_attach(struct worker *w, struct error *e);
void worker_destroy(struct worker *w);

// A buffer with room for `len` bytes of payload after the headroom, or NULL (no-buffer).
struct rte_mbuf *worker_buffer(struct worker *w, size_t len);
// The same for n messages of up to w->room bytes: all of them, or none and false.
bool worker_buffer_bulk(struct worker *w, struct rte_mbuf **out, unsigned n);
