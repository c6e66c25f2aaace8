// The level of a worker's load: see load.h.
#include "dataplane/live/load.h"

bool load_turn(struct load *l, uint64_t now, uint64_t span)
{
	unsigned level = l->level;
	bool behind;

	l->turns++;
	l->full += l->rx_full;
	l->rx_full = false;
	if (now - l->since < span)
		return false;
	behind = l->turns >= LOAD_TURNS_MIN && (uint64_t)l->full * 8 >= (uint64_t)l->turns * 7;
	if (behind)
		level = level + LOAD_UP < LOAD_MOST ? level + LOAD_UP : LOAD_MOST;
	else
		level = level > LOAD_DOWN ? level - LOAD_DOWN : 0;
	__atomic_store_n(&l->level, (uint8_t)level, __ATOMIC_RELAXED);
	l->since = now;
	l->turns = l->full = 0;
	return behind;
}
