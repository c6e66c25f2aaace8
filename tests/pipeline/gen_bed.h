// A load generator on ring ports, for tests: its frames go by hand to its other side (a cable), or
// through the proxy of a rig beside it. Its worker is a real one.
#pragma once

#include "tests/unit/unit.h"

#include <rte_ethdev.h>
#include <rte_ring.h>

#include "dataplane/generator/generator.h"
#include "tools/replay/rig_inner.h"

struct gen_bed {
	struct rig *rig; // the proxy
	struct dataplane dp;
	struct worker *worker;
	struct bench *bench;
	struct rte_ring *in[BENCH_SIDES], *out[BENCH_SIDES];
	struct rte_mempool *pool;
	struct root_worker_area *area;
};

// May alter a frame on its way, or keep it (true; it belongs to the callee then).
typedef bool (*gen_bed_fn)(void *arg, enum bench_side_id from, struct rte_mbuf *m);

// Of a proxy beside a cable: ports and legs, and nothing goes anywhere.
extern const char gen_bed_unused[];
// A proxy with that configuration, and a generator with the engine; fails the test when it can't.
void gen_bed_start(struct gen_bed *b, const char *config, enum setup_engine engine);
void gen_bed_stop(struct gen_bed *b);

// The order most tests begin with: messages of that kind, caller 192.0.2.100, callee 198.51.100.10,
// on a cable, all counts at 0.
struct bench_order gen_bed_order(enum bench_kind kind);
// For order.clear: what no order had before.
uint32_t gen_bed_clear(void);
// Gives an order and lets the generator take it.
void gen_bed_give(struct gen_bed *b, const struct bench_order *o);
// Turns of the generator, its frames carried to its other side.
void gen_bed_cable(struct gen_bed *b, unsigned turns, gen_bed_fn fn, void *arg);
// The same through the proxy.
void gen_bed_proxy(struct gen_bed *b, unsigned turns);
// Its stats.
const struct bench_stats *gen_bed_stats(const struct gen_bed *b);
uint64_t gen_bed_count(const struct gen_bed *b, enum bench_count c);
// Every buffer is back: fails when not.
void gen_bed_settled(const struct gen_bed *b);
