// How many messages are due, by the clock of the CPU. What could not be sent in time is made up for
// a little while (PACE_CATCH_UP_US); beyond that it is given up, and counted.
#pragma once

#include <stdint.h>

enum { PACE_CATCH_UP_US = 1000 };

struct pace {
	uint64_t rate, hz; // messages per second, cycles per second
	uint64_t tsc;      // up to which credit was given
	uint64_t credit;   // messages due, in 1/hz
};

static inline void pace_start(struct pace *p, uint64_t rate, uint64_t hz, uint64_t tsc)
{
	*p = (struct pace){.rate = rate, .hz = hz, .tsc = tsc};
}

// Messages due now. *behind grows by those that are given up. Take off what was sent by
// pace_sent().
static inline uint64_t pace_due(struct pace *p, uint64_t tsc, uint64_t *behind)
{
	const uint64_t passed = tsc - p->tsc < p->hz ? tsc - p->tsc : p->hz; // a second at most
	const uint64_t most = p->rate * PACE_CATCH_UP_US / 1000000 + 64;

	p->tsc = tsc;
	p->credit += passed * p->rate;
	const uint64_t due = p->credit / p->hz;
	if (due <= most)
		return due;
	*behind += due - most;
	p->credit -= (due - most) * p->hz;
	return most;
}

static inline void pace_sent(struct pace *p, uint64_t n)
{
	p->credit -= n * p->hz;
}
