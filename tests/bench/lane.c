// Lanes: see lane.h.
#include "tests/bench/lane.h"

#include <rte_cycles.h>
#include <rte_launch.h>
#include <stdlib.h>

#include "dataplane/steer.h"

static _Atomic unsigned waiting, feeding;

struct rte_mbuf **lane_frames(
        struct crew *c, const struct leg *l, const struct addr *from, const struct str *messages)
{
	struct rte_mbuf **frame = calloc(LANE_MESSAGES, sizeof(struct rte_mbuf *));

	for (unsigned i = 0; frame != NULL && i < LANE_MESSAGES; i++) {
		frame[i] = crew_frame(c, l, from, messages[i]);
		if (frame[i] == NULL)
			return NULL;
	}
	return frame;
}

static void throw_away(struct lane *l)
{
	struct rte_mbuf *m[BURST];
	uint64_t sent = atomic_load_explicit(&l->sent, memory_order_relaxed);
	unsigned n;

	for (unsigned i = 0; i < l->crew->dp.n_ports; i++) {
		struct rte_ring *r = l->crew->out[i][l->worker->index];

		while ((n = rte_ring_sc_dequeue_burst(r, (void **)m, BURST, NULL)) > 0) {
			rte_pktmbuf_free_bulk(m, n);
			sent += n;
		}
	}
	atomic_store_explicit(&l->sent, sent, memory_order_relaxed);
}

static void feed(struct lane *l, struct rte_mbuf **frame)
{
	for (unsigned i = 0; i < BURST; i++) {
		rte_mbuf_refcnt_update(frame[i], 1); // ours stays
		frame[i]->ol_flags = 0;
	}
	if (rte_ring_sp_enqueue_bulk(
	            l->crew->in[l->port][l->worker->index], (void **)frame, BURST, NULL) != BURST)
		abort(); // the worker took all of them
}

// Cycles of a turn that found something, and how many messages that were.
static uint64_t turn(struct lane *l, unsigned *n)
{
	const uint64_t start = rte_rdtsc();
	uint64_t spent = 0;

	*n = worker_turn(l->worker);
	if (*n > 0)
		spent = rte_rdtsc() - start;
	throw_away(l);
	return spent;
}

static uint64_t sent_of(const struct lane *l)
{
	return l != NULL ? atomic_load_explicit(&l->sent, memory_order_relaxed) : 0;
}

static uint64_t lost_of(const struct lane *l)
{
	const struct worker *w = l->worker;

	return w->delta.way[WAY_DROPPED][VERDICT_STEER_FULL] +
	       w->area->stats.way[WAY_DROPPED][VERDICT_STEER_FULL];
}

// A chunk counts when the lane beside worked as well, and took what it was handed.
static void chunk(struct lane *l, unsigned i)
{
	const uint64_t own = sent_of(l), beside = sent_of(l->beside), lost = lost_of(l);
	uint64_t spent = 0;
	unsigned n;

	for (unsigned k = 0; k < LANE_CHUNK; k += BURST) {
		feed(l, l->frame + (i * LANE_CHUNK + k) % LANE_MESSAGES);
		spent += turn(l, &n);
	}
	const uint64_t mine = sent_of(l) - own, others = sent_of(l->beside) - beside;

	if ((l->beside == NULL || l->beside->frame == NULL || others * 10 >= mine * 8) &&
	        lost_of(l) == lost)
		l->cycles[l->counted++] = (double)spent / LANE_CHUNK;
}

// Takes what others hand over until they are done.
static void take(struct lane *l)
{
	uint64_t spent = 0, handled = 0;
	unsigned n;

	while (atomic_load_explicit(&feeding, memory_order_relaxed) > 0) {
		spent += turn(l, &n);
		handled += n;
		if (handled < LANE_CHUNK)
			continue;
		if (l->frame == NULL && l->counted < LANE_CHUNKS)
			l->cycles[l->counted++] = (double)spent / (double)handled;
		spent = handled = 0;
	}
}

static int run(void *arg)
{
	struct lane *l = arg;

	atomic_fetch_sub(&waiting, 1);
	while (atomic_load(&waiting) > 0)
		rte_pause();
	for (unsigned i = 0; l->frame != NULL && i < l->chunks; i++)
		chunk(l, i);
	if (l->frame != NULL)
		atomic_fetch_sub(&feeding, 1);
	take(l);
	return 0;
}

void lane_run(struct lane **lane, unsigned n, unsigned chunks)
{
	atomic_store(&waiting, n);
	atomic_store(&feeding, 0);
	for (unsigned i = 0; i < n; i++) {
		lane[i]->chunks = chunks < LANE_CHUNKS ? chunks : LANE_CHUNKS;
		lane[i]->counted = 0;
		if (lane[i]->frame != NULL)
			atomic_fetch_add(&feeding, 1);
	}
	for (unsigned i = 0; i < n; i++)
		rte_eal_remote_launch(run, lane[i], lane[i]->worker->lcore);
	rte_eal_mp_wait_lcore();
	for (unsigned i = 0; i < STEER_RING; i++) // what is still under way
		for (unsigned k = 0, none; k < n; k++)
			(void)turn(lane[k], &none);
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double lane_best(const double *of, unsigned n)
{
	double sorted[LANE_CHUNKS];
	unsigned counted = 0;

	for (unsigned i = 0; i < n && i < LANE_CHUNKS; i++)
		if (of[i] > 0)
			sorted[counted++] = of[i];
	qsort(sorted, counted, sizeof(sorted[0]), by_size);
	return counted > 0 ? sorted[counted / 20] : 0;
}
