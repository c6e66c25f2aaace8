// Rates of very many, in little memory: what each of them has used lately, in two tables of clocks
// (generic cell rate algorithm over a count-min sketch). Two that share both their cells by chance
// are counted together; nobody is ever counted for less. Owned by one worker.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BUCKET_CELLS = 8192 }; // a power of two

struct bucket {
	uint32_t period_ms; // one more each, and
	uint32_t burst;     // so many at once
	uint64_t clock_ms[2][BUCKET_CELLS];
};

// Not more than burst + window / period in any window of time.
void bucket_init(struct bucket *b, uint32_t period_ms, uint32_t burst);
// May `who` (a keyed hash) take one more?
bool bucket_full(const struct bucket *b, uint64_t who, uint64_t now_ms);
// Has it taken any that it still has to make up for?
bool bucket_used(const struct bucket *b, uint64_t who, uint64_t now_ms);
void bucket_take(struct bucket *b, uint64_t who, uint64_t now_ms);
