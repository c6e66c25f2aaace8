// Log-linear histogram with HdrHistogram's bucket rule: values up to 2 * HISTOGRAM_HALF are counted
// one by one, larger ones in HISTOGRAM_HALF equal steps a power of two, so that a value is known to
// better than 1 part in HISTOGRAM_HALF. Fixed memory, no unit of its own; may lie in shared memory
// (one writer; a reader that looks while it counts sees a moment that never was, but no nonsense).
#pragma once

#include <stdint.h>

enum {
	HISTOGRAM_HALF = 128,
	HISTOGRAM_HALF_BITS = 7,
	HISTOGRAM_VALUE_BITS = 40, // larger values count as the largest
	HISTOGRAM_CELLS = (HISTOGRAM_VALUE_BITS - HISTOGRAM_HALF_BITS + 1) * HISTOGRAM_HALF,
};

struct histogram {
	uint64_t n;   // values counted
	uint64_t sum; // of the values themselves
	uint64_t min, max;
	uint64_t cell[HISTOGRAM_CELLS];
};

// All zero is an empty one.
void histogram_clear(struct histogram *h);

// Cell of a value; first and last value of a cell.
static inline unsigned histogram_cell(uint64_t value)
{
	const uint64_t top = ((uint64_t)1 << HISTOGRAM_VALUE_BITS) - 1;
	const uint64_t v = value < top ? value : top;
	const unsigned shift =
	        63 - HISTOGRAM_HALF_BITS - (unsigned)__builtin_clzll(v | (2 * HISTOGRAM_HALF - 1));

	return shift * HISTOGRAM_HALF + (unsigned)(v >> shift);
}
uint64_t histogram_cell_first(unsigned cell);
uint64_t histogram_cell_last(unsigned cell);

static inline void histogram_add(struct histogram *h, uint64_t value)
{
	h->min = h->n == 0 || value < h->min ? value : h->min;
	h->max = value > h->max ? value : h->max;
	h->n++;
	h->sum += value;
	h->cell[histogram_cell(value)]++;
}

// *sum += *h.
void histogram_merge(struct histogram *sum, const struct histogram *h);
// The value that `per_100k` of 100,000 values do not exceed (50,000 = median, 99,900 = p99.9): the
// last one of its cell, at most max. 0 when nothing was counted.
uint64_t histogram_percentile(const struct histogram *h, unsigned per_100k);
// 0 when nothing was counted.
double histogram_mean(const struct histogram *h);
