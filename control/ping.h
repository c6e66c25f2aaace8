// Keeps NATs open for the phones behind them: something is sent to each binding that was made
// through one, an interval after the last message seen from its address (`set location ping`).
// Paced by a timer wheel of 20 ms slots.
#pragma once

#include "control/upcall.h"
#include "dataplane/sip/token.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/location.h"

#define ping_counter_rows(X)                                   \
	X(sent, "pings to bindings behind a NAT")              \
	X(spared, "not pinged: something was seen from there") \
	X(delayed, "pings put off: no room on the ring of a worker")

struct ping_counters {
#define X(name, text) uint64_t name;
	ping_counter_rows(X)
#undef X
};

// What a turn is made with.
struct ping_turn {
	const struct table_view *view; // running configuration
	struct token_ring *tokens;
	char *scratch; // of location_lookup()
	bool loading;  // the table is still being filled
};

struct ping;

// NULL when out of memory. The table stays the caller's.
struct ping *ping_create(struct location *table, struct upcall *upcall);
void ping_destroy(struct ping *p);
// A binding was made or changed its id; others than those behind a NAT are passed over.
void ping_add(struct ping *p, const struct location_key *key, const struct location_contact *c);
// Call it every 20 ms or so.
void ping_tick(struct ping *p, const struct ping_turn *turn);
const struct ping_counters *ping_counters(const struct ping *p);

// The OPTIONS for a binding, sealed so that its answer is known; its length, 0 = it does not fit.
enum { PING_BYTES_MAX = 8192 };
size_t ping_write(const struct location_contact *c, const struct leg *leg,
        struct token_ring *tokens, uint32_t now_s, char out[PING_BYTES_MAX]);
