// The histogram's readers; counting is in the header.
#include "dataplane/base/histogram.h"

#include <string.h>

void histogram_clear(struct histogram *h)
{
	memset(h, 0, sizeof(*h));
}

// The first two rows of HISTOGRAM_HALF cells hold single values, each later one steps twice as wide
// as those of the row before.
static unsigned cell_shift(unsigned cell)
{
	const unsigned row = cell / HISTOGRAM_HALF;

	return row > 0 ? row - 1 : 0;
}

uint64_t histogram_cell_first(unsigned cell)
{
	const unsigned shift = cell_shift(cell);

	return (uint64_t)(cell - shift * HISTOGRAM_HALF) << shift;
}

uint64_t histogram_cell_last(unsigned cell)
{
	return histogram_cell_first(cell) + ((uint64_t)1 << cell_shift(cell)) - 1;
}

void histogram_merge(struct histogram *sum, const struct histogram *h)
{
	if (h->n == 0)
		return;
	sum->min = sum->n == 0 || h->min < sum->min ? h->min : sum->min;
	sum->max = h->max > sum->max ? h->max : sum->max;
	sum->n += h->n;
	sum->sum += h->sum;
	for (unsigned i = 0; i < HISTOGRAM_CELLS; i++)
		sum->cell[i] += h->cell[i];
}

uint64_t histogram_percentile(const struct histogram *h, unsigned per_100k)
{
	uint64_t total = 0, seen = 0, wanted;

	// not h->n: a writer may have counted on since
	for (unsigned i = 0; i < HISTOGRAM_CELLS; i++)
		total += h->cell[i];
	if (total == 0)
		return 0;
	wanted = total / 100000 * per_100k + (total % 100000 * per_100k + 99999) / 100000;
	for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
		seen += h->cell[i];
		if (seen > 0 && seen >= wanted) {
			const uint64_t last = histogram_cell_last(i);

			return last < h->max ? last : h->max;
		}
	}
	return h->max;
}

double histogram_mean(const struct histogram *h)
{
	return h->n > 0 ? (double)h->sum / (double)h->n : 0;
}
