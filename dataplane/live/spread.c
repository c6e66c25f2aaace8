// Cells and their ways: see spread.h.
#include "dataplane/live/spread.h"

#include <string.h>

static bool all_left(const struct spread *s, unsigned way)
{
	return atomic_load_explicit(s->done[way], memory_order_acquire) == s->sent[way];
}

// Tickets that were given back are given again: then a cell waits for another's message, or until
// the way is empty.
static bool is_settled(const struct spread *s, const struct spread_cell *c, uint32_t now)
{
	const uint32_t done = atomic_load_explicit(s->done[c->way], memory_order_acquire);

	return now - c->at >= s->settle &&
	       (done == s->sent[c->way] || (int32_t)(done - c->ticket) >= 0);
}

static void move(struct spread *s, struct spread_cell *c, uint32_t now)
{
	if (c->way == c->wanted || !is_settled(s, c, now))
		return;
	c->way = c->wanted;
	s->moved++;
}

void spread_init(struct spread *s, uint32_t settle)
{
	memset(s, 0, sizeof(*s));
	s->settle = settle;
	s->done[0] = &s->own;
	s->n_ways = 1;
}

unsigned spread_add(struct spread *s, const _Atomic uint32_t *done)
{
	s->done[s->n_ways] = done;
	s->sent[s->n_ways] = atomic_load_explicit(done, memory_order_relaxed);
	return s->n_ways++;
}

void spread_start(struct spread *s, uint32_t now)
{
	for (unsigned i = 0; i < SPREAD_CELLS; i++)
		s->cell[i] = (struct spread_cell){.ticket = s->sent[0], .at = now};
}

unsigned spread_way(struct spread *s, uint64_t hash, uint32_t now)
{
	struct spread_cell *c = &s->cell[hash % SPREAD_CELLS];

	move(s, c, now);
	c->at = now;
	c->ticket = c->way == 0 ? s->sent[0] : ++s->sent[c->way];
	return c->way;
}

void spread_wish(struct spread *s, unsigned from, unsigned to, unsigned n)
{
	for (unsigned i = 0; i < SPREAD_CELLS && n > 0; i++) {
		if (s->cell[i].wanted != from)
			continue;
		s->cell[i].wanted = (uint8_t)to;
		n--;
	}
}

void spread_even(struct spread *s)
{
	for (unsigned i = 0; i < SPREAD_CELLS; i++)
		s->cell[i].wanted = (uint8_t)(i % s->n_ways);
}

void spread_home(struct spread *s)
{
	for (unsigned i = 0; i < SPREAD_CELLS; i++)
		s->cell[i].wanted = 0;
}

bool spread_sweep(struct spread *s, uint32_t now)
{
	bool home = true;

	for (unsigned i = 0; i < SPREAD_CELLS; i++) {
		move(s, &s->cell[i], now);
		home &= s->cell[i].way == 0;
	}
	for (unsigned way = 1; way < s->n_ways; way++)
		home &= all_left(s, way);
	return home;
}

unsigned spread_count(const struct spread *s, unsigned way)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SPREAD_CELLS; i++)
		n += s->cell[i].wanted == way;
	return n;
}
