// Who of several workers handles what a worker receives: cells of a hash, each with the way its
// messages go. Way 0 is the worker itself. A cell's way changes only when none of its messages is
// under way any more, so that messages of one hash never overtake each other, whatever is wished:
// each message that goes a way has a ticket, and each way tells up to which ticket all have left
// (the rule of Linux' receive flow steering), and for `settle` nothing of the cell has come, so
// that what left a worker has also left its port. Owned by one worker; of another only `done` is
// read.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { SPREAD_CELLS = 1024, SPREAD_WAYS = 9 };

struct spread_cell {
	uint32_t ticket; // of its newest message
	uint32_t at;     // when that came
	uint8_t way, wanted;
};

struct spread {
	unsigned n_ways;
	uint32_t settle;                           // time without a message before a cell moves
	uint32_t sent[SPREAD_WAYS];                // newest ticket of each way
	const _Atomic uint32_t *done[SPREAD_WAYS]; // all up to this one have left
	_Atomic uint32_t own;                      // done[0]
	unsigned moved;                            // cells, so far
	struct spread_cell cell[SPREAD_CELLS];
};

// All cells are here. `now` and `settle` in any unit of time that wraps at 32 bits.
void spread_init(struct spread *s, uint32_t settle);
// Another way, with the word its taker counts messages in that have left. Its number.
unsigned spread_add(struct spread *s, const _Atomic uint32_t *done);
// Before messages go ways again after a time in which all stayed here.
void spread_start(struct spread *s, uint32_t now);

// A burst begins; all that stayed here of the last one has left.
static inline void spread_burst(struct spread *s)
{
	atomic_store_explicit(&s->own, s->sent[0]++, memory_order_relaxed);
}

// The way of a message, which is now under way there.
unsigned spread_way(struct spread *s, uint64_t hash, uint32_t now);
// Of the tickets of a way the newest n were not used after all.
static inline void spread_back(struct spread *s, unsigned way, unsigned n)
{
	s->sent[way] -= n;
}

// Wishes, fulfilled when they can be: n cells of one way go another; all are spread evenly; all
// come home.
void spread_wish(struct spread *s, unsigned from, unsigned to, unsigned n);
void spread_even(struct spread *s);
void spread_home(struct spread *s);
// Fulfils what can be. True when all cells are here and nothing is under way elsewhere.
bool spread_sweep(struct spread *s, uint32_t now);
// Cells wished to go a way.
unsigned spread_count(const struct spread *s, unsigned way);
