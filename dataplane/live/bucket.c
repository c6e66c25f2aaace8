// Rates of very many: see bucket.h. A cell holds the moment by which all that was taken is made up
// for; the earlier of the two cells counts.
#include "dataplane/live/bucket.h"

#include <string.h>

static unsigned cell(uint64_t who, unsigned table)
{
	return (unsigned)(who >> (32 * table)) & (BUCKET_CELLS - 1);
}

// Milliseconds to make up for.
static uint64_t debt(const struct bucket *b, uint64_t who, uint64_t now_ms)
{
	uint64_t x = b->clock_ms[0][cell(who, 0)], y = b->clock_ms[1][cell(who, 1)];
	uint64_t clock = x < y ? x : y;

	return clock > now_ms ? clock - now_ms : 0;
}

void bucket_init(struct bucket *b, uint32_t period_ms, uint32_t burst)
{
	memset(b, 0, sizeof(*b));
	b->period_ms = period_ms > 0 ? period_ms : 1;
	b->burst = burst > 0 ? burst : 1;
}

bool bucket_full(const struct bucket *b, uint64_t who, uint64_t now_ms)
{
	return debt(b, who, now_ms) > (uint64_t)(b->burst - 1) * b->period_ms;
}

bool bucket_used(const struct bucket *b, uint64_t who, uint64_t now_ms)
{
	return debt(b, who, now_ms) > 0;
}

void bucket_take(struct bucket *b, uint64_t who, uint64_t now_ms)
{
	uint64_t next = now_ms + debt(b, who, now_ms) + b->period_ms;

	for (unsigned table = 0; table < 2; table++) {
		uint64_t *c = &b->clock_ms[table][cell(who, table)];

		if (*c < next)
			*c = next;
	}
}
