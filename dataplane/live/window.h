// Which nonce counts were used: no request that was authenticated once is taken twice (RFC 7616
// §3.4.5), but for the retransmission of the very same one. Bounded: when the table is full, nonces
// as old as what had to be forgotten are refused. Owned by one worker.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	WINDOW_SETS = 8192,       // a power of two
	WINDOW_WAYS = 4,          // nonces a set
	WINDOW_COUNTS = 64,       // counts below the highest that are told apart
	WINDOW_REPEAT_MS = 32000, // 64 * T1: so long a request is retransmitted
};

struct window_nonce {
	uint64_t tag;     // 0 = empty
	uint64_t made_ms; // the nonce
	uint64_t seen;    // bit i: count highest - i was used
	uint64_t request; // hash of the request that came with the highest count
	uint64_t at_ms;   // when that came
	uint32_t highest;
	uint32_t reserved;
};

struct window {
	struct {
		struct window_nonce nonce[WINDOW_WAYS];
		uint64_t forgotten_ms; // nonces made up to then are not known any more; 0 = none
	} set[WINDOW_SETS];
};

// An authenticated request: whose password was right.
struct window_use {
	uint64_t tag; // of the nonce: unique, and no stranger can choose it
	uint64_t made_ms,
	        oldest_ms; // when it was made; what was made before that is refused anyway
	uint64_t now_ms;
	uint64_t request; // hash of the whole request
	uint32_t count;   // nonce count, at least 1
};

// True when that count was not used before, or by the very same request not long ago.
bool window_take(struct window *w, const struct window_use *u);

// The memory that window_take() of that nonce will want, a check of a password before it does.
static inline void window_prefetch(const struct window *w, uint64_t tag)
{
	const char *set = (const char *)&w->set[tag & (WINDOW_SETS - 1)];

	for (unsigned at = 0; at < sizeof(w->set[0]); at += 64)
		__builtin_prefetch(set + at, 1);
}
