// A worker on its lcore with messages replayed from memory, no generator: feed a burst, run a turn,
// throw away what was sent; in chunks of a fraction of a millisecond, so that the best of them are
// some in which nobody else had the CPU.
#pragma once

#include "tests/bench/crew.h"

enum { LANE_MESSAGES = 1024, LANE_CHUNK = 128, LANE_CHUNKS = 500 };

struct lane {
	_Alignas(64) _Atomic uint64_t sent; // messages that left, so far
	_Alignas(64) struct worker *worker;
	struct crew *crew;
	const struct lane *beside; // has to work as much meanwhile, else a chunk does not count
	unsigned port;             // messages arrive at
	struct rte_mbuf **frame;   // LANE_MESSAGES of them; NULL = only what others hand over
	unsigned chunks;
	unsigned counted;           // chunks that counted
	double cycles[LANE_CHUNKS]; // in turns, a message
};

// Frames of messages to a leg, kept by the caller: a worker gives back only what lane_run() added.
struct rte_mbuf **lane_frames(
        struct crew *c, const struct leg *l, const struct addr *from, const struct str *messages);
// Runs the lanes beside each other until those that are fed have done their chunks.
void lane_run(struct lane **lane, unsigned n, unsigned chunks);
// Cycles a message in a good chunk: of the best twentieth the worst; 0 = none counted.
double lane_best(const double *of, unsigned n);
