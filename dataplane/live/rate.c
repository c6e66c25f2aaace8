// Rates of very many: see rate.h.
#include "dataplane/live/rate.h"

struct rate rate_of(uint64_t amount, uint64_t per, uint64_t burst)
{
	struct rate r = {.period = amount > 0 ? per / amount : per};

	if (r.period == 0)
		r.period = 1;
	r.depth = burst > 1 ? (burst - 1) * r.period : 0;
	return r;
}

// Time to make up for. A clock of an older, slower rate may be further ahead than this one allows.
static uint64_t debt(uint64_t clock, const struct rate *r, uint64_t now)
{
	uint64_t most = r->depth + r->period, d = clock > now ? clock - now : 0;

	return d < most ? d : most;
}

bool rate_take_clock(uint64_t *clock, const struct rate *r, uint64_t now)
{
	uint64_t d = debt(*clock, r, now);

	if (d > r->depth)
		return false;
	*clock = now + d + r->period;
	return true;
}

bool rate_take(struct rate_sketch *s, uint64_t who, const struct rate *r, uint64_t now)
{
	uint64_t *x = &s->clock[0][who & (RATE_CELLS - 1)];
	uint64_t *y = &s->clock[1][who >> 32 & (RATE_CELLS - 1)];
	uint64_t clock = *x < *y ? *x : *y;

	if (!rate_take_clock(&clock, r, now))
		return false;
	if (*x < clock)
		*x = clock;
	if (*y < clock)
		*y = clock;
	return true;
}
