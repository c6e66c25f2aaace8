// Counters and histograms of one worker, in the shared region: the worker writes, anybody reads.
// A sequence number makes a reader's copy consistent, so that received = sum of all ways holds to
// the packet in every copy.
#pragma once

#include <stdbool.h>

#include "dataplane/table/verdict.h"

// Counters that are no way out. To add one: a row.
#define stats_rows(X)                                                                           \
	X(RX_BYTES, "rx-bytes", "bytes of frames received")                                     \
	X(TX_BYTES, "tx-bytes", "bytes of frames sent")                                         \
	X(INJECTED, "injected", "messages from control (part of received)")                     \
	X(REQUESTS, "requests", "SIP requests understood")                                      \
	X(RESPONSES, "responses", "SIP responses understood")                                   \
	X(REASSEMBLED, "reassembled", "datagrams put together from fragments")                  \
	X(FRAGMENTED, "fragmented", "datagrams sent as fragments")                              \
	X(FRAGMENTS_SENT, "fragments-sent", "fragments sent")                                   \
	X(REASSEMBLY_TIMEOUT, "reassembly-timeout", "fragments whose datagram never completed") \
	X(FROM_KERNEL, "from-kernel", "frames from the kernel twin put on the wire")            \
	X(FROM_KERNEL_LOST, "from-kernel-lost",                                                 \
	        "frames from the kernel twin the port did not take")                            \
	X(REPLIES_HELD, "replies-held", "answers not sent: their source has had its share")     \
	X(TOKEN_REFUSED, "token-refused", "tokens forged, altered or of another key")           \
	X(POLLS, "polls", "turns of the loop")                                                  \
	X(EMPTY_POLLS, "empty-polls", "turns that found nothing")                               \
	X(BEHIND, "behind", "spans of 10 ms in which more came than could be done")             \
	X(SLEEPS, "sleeps", "naps of an idle worker")                                           \
	X(STEERED_OUT, "steered-out", "messages handed to another worker, by Call-ID")          \
	X(STEERED_IN, "steered-in", "messages of another worker's queue (part of received)")    \
	X(STEER_MOVED, "steer-moved", "1024ths of the Call-IDs that changed their worker")

enum stats_id {
#define X(id, name, text) STATS_##id,
	stats_rows(X)
#undef X
	        STATS_COUNT,
};

#define stage_rows(X)         \
	X(RX, "rx")           \
	X(PARSE, "parse")     \
	X(POLICY, "policy")   \
	X(ROUTE, "route")     \
	X(REWRITE, "rewrite") \
	X(TX, "tx")

enum stage_id {
#define X(id, name) STAGE_##id,
	stage_rows(X)
#undef X
	        STAGE_COUNT,
};

// Log-linear histogram of the time from rx to tx in the worker: bucket = 8 linear steps a power of
// two of nanoseconds.
enum { STATS_LATENCY_BUCKETS = 8 * 32, STATS_LEGS = 64, STATS_PORTS = 16 };

struct stats {
	_Alignas(64) uint64_t sequence; // odd while the worker updates
	uint64_t received;
	uint64_t way[WAY_COUNT][VERDICT_COUNT];
	uint64_t count[STATS_COUNT];
	uint64_t leg_received[STATS_LEGS], leg_sent[STATS_LEGS];
	uint64_t stage_tsc[STAGE_COUNT], stage_packets[STAGE_COUNT]; // one burst in 64 is measured
	uint64_t latency[STATS_LATENCY_BUCKETS];
};

_Static_assert(sizeof(struct stats) % 64 == 0, "no cache line of two writers");

// The worker's side: an update is short and never nested. The sequence becomes odd even when a
// predecessor was killed inside an update.
static inline void stats_update_start(struct stats *s)
{
	__atomic_store_n(&s->sequence, (s->sequence + 1) | 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void stats_update_end(struct stats *s)
{
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELEASE);
}

// By a worker that takes over an area, before its first update: ends an update its predecessor was
// killed in (received = sum of all ways again).
void stats_repair(struct stats *s);

// Bucket of a time, and the longest time of a bucket in nanoseconds (the last bucket also counts
// everything longer).
unsigned stats_latency_bucket(uint64_t ns);
uint64_t stats_latency_limit(unsigned bucket);

// A consistent copy; false when the worker kept writing for `tries` attempts (then *out is the last
// attempt).
bool stats_read(const struct stats *s, struct stats *out, unsigned tries);
// *sum += *s, field by field (not the sequence).
void stats_add(struct stats *sum, const struct stats *s);
// *s -= *base: what happened since `clear counters`. *s stays as it is when a counter is below the
// base's: the counters began anew after it.
void stats_subtract(struct stats *s, const struct stats *base);

// Changes with every row added, moved or renamed here and in verdict.h: two programs that share
// counters have the same.
uint64_t stats_layout(void);

struct stats_row {
	const char *name;
	const char *text;
};
extern const struct stats_row stats_row[STATS_COUNT];
extern const char *const stage_name[STAGE_COUNT];
