// Looks at the load once a span and decides: `auto` begins when this worker's queues were full for
// two spans (load.h says when) and another worker has room, shifts cells from the busiest to the
// least busy of those it may hand to, and ends when its queues alone would not keep it busy for a
// second. `on` spreads evenly, always.
#include "dataplane/steer_load.h"

#include "dataplane/dataplane.h"

enum {
	STEER_WHOLE = 1000,    // of a span
	STEER_TOO_MUCH = 1300, // counts for a worker whose ring was full
	STEER_ROOM = 700,      // who is less busy has room
	STEER_UNEVEN = 150,    // a difference that is worth a move
	STEER_ALONE = 600,     // what its queues alone may cost when steering ends
	STEER_BEHIND = 2,      // spans
	STEER_CALM = 50,       // spans
	STEER_MOVE_MIN = 8,    // cells a span
	STEER_MOVE_MAX = 128,
};

static uint32_t busy_of(const struct steer *s, unsigned way)
{
	return atomic_load_explicit(way == 0 ? &s->busy : &s->to[way]->busy, memory_order_relaxed);
}

// Who could not take all of its share has more than it can do, however busy this worker is: what is
// too much for all is better lost in the port's queue, before it costs anything.
static uint32_t load_of(const struct steer *s, unsigned way)
{
	return s->lost[way] > 0 ? STEER_TOO_MUCH : busy_of(s, way);
}

static void balance(struct steer *s)
{
	unsigned from = 0, to = 0;
	uint32_t apart, n;

	for (unsigned way = 1; way <= s->fan; way++) {
		if (load_of(s, way) > load_of(s, from) && spread_count(&s->spread, way) > 0)
			from = way;
		if (load_of(s, way) < load_of(s, to))
			to = way;
	}
	apart = load_of(s, from) - load_of(s, to);
	if (from == to || apart < STEER_UNEVEN)
		return;
	n = spread_count(&s->spread, from) * apart / (2 * STEER_WHOLE);
	n = n > STEER_MOVE_MAX ? STEER_MOVE_MAX : n;
	n = n < STEER_MOVE_MIN ? STEER_MOVE_MIN : n;
	spread_wish(&s->spread, from, to, n);
}

static bool has_room(const struct steer *s)
{
	for (unsigned way = 1; way <= s->fan; way++)
		if (busy_of(s, way) < STEER_ROOM)
			return true;
	return false;
}

static bool begins(const struct worker *w, const struct steer *s, enum setup_steer wish)
{
	if (w->config == NULL || wish == SETUP_STEER_OFF)
		return false;
	return wish == SETUP_STEER_ON || (s->behind >= STEER_BEHIND && has_room(s));
}

static void begin(struct worker *w, struct steer *s, enum setup_steer wish)
{
	steer_legs(w, s);
	spread_start(&s->spread, (uint32_t)(w->tsc >> STEER_TIME_SHIFT));
	for (unsigned way = 1; way <= s->fan; way++)
		atomic_fetch_or(&s->to[way]->from, 1u << (way - 1));
	s->state = STEER_SPREAD;
	s->calm = 0;
	if (wish == SETUP_STEER_ON)
		spread_even(&s->spread);
	else
		balance(s);
}

// What was handed over cost this worker about a quarter of what it would have.
static bool is_calm(const struct steer *s)
{
	const uint64_t handled = s->came - s->gone + s->taken + s->gone / 4;

	return busy_of(s, 0) * s->came <= STEER_ALONE * handled;
}

static bool ends(struct steer *s, enum setup_steer wish)
{
	s->calm = is_calm(s) ? s->calm + 1 : 0;
	return wish == SETUP_STEER_OFF || s->legs_changed ||
	       (wish == SETUP_STEER_AUTO && s->calm >= STEER_CALM);
}

static void go_on(struct worker *w, struct steer *s)
{
	const enum setup_steer wish = atomic_load_explicit(&s->wish, memory_order_relaxed);

	if (s->state == STEER_HERE) {
		if (begins(w, s, wish))
			begin(w, s, wish);
		return;
	}
	if (s->state == STEER_SPREAD && ends(s, wish)) {
		spread_home(&s->spread);
		s->state = STEER_HOME;
	} else if (s->state == STEER_SPREAD && wish == SETUP_STEER_AUTO) {
		balance(s);
	}
	if (!spread_sweep(&s->spread, (uint32_t)(w->tsc >> STEER_TIME_SHIFT)) ||
	        s->state != STEER_HOME)
		return;
	for (unsigned way = 1; way <= s->fan; way++)
		atomic_fetch_and(&s->to[way]->from, ~(1u << (way - 1)));
	s->state = STEER_HERE;
	s->legs_changed = false;
	s->behind = 0;
}

static void tell(const struct worker *w, const struct steer *s)
{
	struct root_worker *to = w->shared;

	if (to == NULL)
		return;
	to->steer = atomic_load_explicit(&s->wish, memory_order_relaxed);
	to->steer_state = (uint8_t)s->state;
	to->steer_away =
	        (uint16_t)(s->state == STEER_HERE ? 0 : SPREAD_CELLS - spread_count(&s->spread, 0));
	to->busy = (uint16_t)busy_of(s, 0);
}

void steer_turn(struct worker *w, unsigned handled, bool behind)
{
	struct steer *s = w->steer;
	const uint64_t turn = w->tsc - s->last_tsc, span = w->tsc - s->span_tsc;

	s->busy_tsc += s->was_busy ? turn : 0; // the turn before this one
	s->was_busy = handled > 0;
	s->last_tsc = w->tsc;
	s->is_behind |= behind;
	if (span < w->tsc_hz / 1000 * STEER_SPAN_MS)
		return;
	atomic_store_explicit(&s->busy,
	        (uint32_t)RTE_MIN(s->busy_tsc * STEER_WHOLE / span, (uint64_t)STEER_WHOLE),
	        memory_order_relaxed);
	s->behind = s->is_behind ? s->behind + 1 : 0;
	go_on(w, s);
	w->delta.count[STATS_STEER_MOVED] += s->spread.moved - s->moved;
	s->moved = s->spread.moved;
	tell(w, s);
	s->span_tsc = w->tsc;
	s->busy_tsc = s->came = s->gone = s->taken = 0;
	memset(s->lost, 0, sizeof(s->lost));
	s->is_behind = false;
}
