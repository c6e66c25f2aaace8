// Rates of very many in bounded memory: for each, the moment by which all it took is made up for
// (generic cell rate algorithm), in two tables of clocks; the earlier of its two clocks counts.
// Two that share both are counted together, nobody is counted for less, and nothing is ever
// allocated for whoever comes (RELIABILITY A6). What is refused is not counted: who was flooded in
// somebody's name is served again as soon as the flood is over. Owned by one worker.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { RATE_CELLS = 1 << 15 }; // a power of two

// One more each period, at most depth / period + 1 at once. Any unit of time.
struct rate {
	uint64_t period, depth;
};

struct rate_sketch {
	uint64_t clock[2][RATE_CELLS];
};

// `amount` in `per` units of time, `burst` of them at once.
struct rate rate_of(uint64_t amount, uint64_t per, uint64_t burst);
// Takes one for `who` (a keyed hash); false when that is one too many.
bool rate_take(struct rate_sketch *s, uint64_t who, const struct rate *r, uint64_t now);
// The same with a clock of one's own.
bool rate_take_clock(uint64_t *clock, const struct rate *r, uint64_t now);
