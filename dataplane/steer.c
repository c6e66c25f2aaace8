// Steering: hands messages to other workers' rings, and takes those of others. Reads bytes, leg_in
// and exempt of packets that policy_source() let pass; those it hands over leave the burst without
// a verdict: who takes them counts them. A full ring is a verdict and never a reason to keep the
// message here: older ones of its Call-ID may still be there. Without Call-ID (no SIP, keepalives,
// STUN) everything stays. When and how much: steer_load.c.
#include "dataplane/steer.h"

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_random.h>
#include <stdio.h>

#include "dataplane/dataplane.h"
#include "dataplane/sip/callid.h"
#include "dataplane/steer_load.h"
#include "dataplane/table/limit.h"

enum {
	// What a worker's caches may keep of another's pool (DPDK flushes above 1.5 times the
	// size).
	STEER_CACHED = RTE_MEMPOOL_CACHE_MAX_SIZE * 3 / 8,
	// Time for a port to send what a worker gave it: 512 frames of 600 bytes at 10 Gbit/s.
	STEER_SETTLE_US = 500,
};

static unsigned steer_fan(const struct setup *s)
{
	if (s->steer == SETUP_STEER_OFF || s->n_cores < 2)
		return 0;
	return RTE_MIN(s->n_cores - 1u, (unsigned)STEER_FAN);
}

unsigned steer_buffers(const struct setup *s)
{
	return steer_fan(s) * (STEER_RING + STEER_CACHED);
}

static bool steer_rings(const struct worker *w, struct steer *s)
{
	const int socket = (int)rte_lcore_to_socket_id(w->lcore);
	char name[32];

	for (unsigned i = 0; i < s->fan; i++) {
		snprintf(name, sizeof(name), "steer-%u-%u", w->index, i);
		s->in[i] = rte_ring_create(name, STEER_RING, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (s->in[i] == NULL)
			return false;
	}
	return true;
}

static struct steer *steer_make(struct worker *w, unsigned fan)
{
	const int socket = (int)rte_lcore_to_socket_id(w->lcore);
	struct steer *s = rte_zmalloc_socket("steer", sizeof(*s), RTE_CACHE_LINE_SIZE, socket);

	if (s == NULL)
		return NULL;
	w->steer = s;
	s->fan = fan;
	s->key = (struct hash_key){rte_rand(), rte_rand()};
	atomic_init(&s->wish, w->dataplane->setup.steer);
	spread_init(
	        &s->spread, (uint32_t)(w->tsc_hz / 1000000 * STEER_SETTLE_US >> STEER_TIME_SHIFT));
	return steer_rings(w, s) ? s : NULL;
}

int steer_create(struct dataplane *dp, struct error *e)
{
	const unsigned fan = steer_fan(&dp->setup), n = dp->setup.n_cores;

	for (unsigned i = 0; i < n && fan > 0; i++)
		if (steer_make(dp->worker[i], fan) == NULL)
			return error_set(e,
			        "worker %u: no memory for steering; reserve more huge pages, or set "
			        "worker steer off",
			        i);
	for (unsigned i = 0; i < n && fan > 0; i++) {
		struct steer *s = dp->worker[i]->steer;

		for (unsigned k = 0; k < fan; k++) {
			struct steer *to = dp->worker[(i + 1 + k) % n]->steer;
			const unsigned way = spread_add(&s->spread, &to->done[k]);

			s->to[way] = to;
			s->out[way] = to->in[k];
		}
	}
	return 0;
}

void steer_destroy(struct dataplane *dp)
{
	struct rte_mbuf *m;

	for (unsigned i = 0; i < dp->n_workers; i++) {
		struct steer *s = dp->worker[i] != NULL ? dp->worker[i]->steer : NULL;

		for (unsigned k = 0; s != NULL && k < s->fan && s->in[k] != NULL; k++) {
			while (rte_ring_sc_dequeue(s->in[k], (void **)&m) == 0)
				rte_pktmbuf_free(m);
			rte_ring_free(s->in[k]);
		}
		if (s != NULL)
			dp->worker[i]->steer = NULL;
		rte_free(s);
	}
}

// Whether one worker has to see all messages of a source that come by the leg: where it remembers
// nonces it has seen, and where a source may send so many.
static bool steer_leg_stays(const struct table_view *v, const struct leg *leg)
{
	const struct limit *l = v->rows[TABLE_LIMITS];

	if ((leg->flags & (LEG_AUTH_REGISTER | LEG_AUTH_ALL)) != 0)
		return true;
	for (uint32_t i = 0; i < v->count[TABLE_LIMITS]; i++) {
		const bool early = (l[i].flags & (LIMIT_EARLY | LIMIT_PATTERN)) == LIMIT_EARLY;
		const bool here = l[i].leg == LEG_NONE ? (leg->flags & LEG_TRUSTED) == 0
		                                       : l[i].leg == leg->id;

		if (!early && here && (l[i].by == LIMIT_BY_SOURCE || l[i].by == LIMIT_BY_FROM))
			return true;
	}
	return false;
}

void steer_legs(const struct worker *w, struct steer *s)
{
	const struct table_view *v = &w->config->view;
	const struct leg *legs = v->rows[TABLE_LEGS];
	uint64_t here = 0, all = 0;

	for (uint32_t i = 0; i < v->count[TABLE_LEGS]; i++)
		if (steer_leg_stays(v, &legs[i])) {
			here |= UINT64_C(1) << i;
			all += (legs[i].id + 1u) * UINT64_C(0x9e3779b97f4a7c15);
		}
	// Others than those that were let alone: all by their cells until those are home, so that
	// nothing stays here while older ones are elsewhere.
	s->legs_changed |= s->state != STEER_HERE && s->legs != all;
	s->here = s->legs_changed ? 0 : here;
	s->legs = s->legs_changed ? s->legs : all;
	s->generation = w->config->number;
}

static unsigned steer_way(
        const struct worker *w, struct steer *s, const struct packet *p, uint32_t now)
{
	const uint64_t leg = UINT64_C(1) << leg_index(&w->config->view, p->leg_in);
	struct str id;

	if ((s->here & leg) != 0)
		return 0;
	id = callid_find(p->bytes);
	return id.len > 0 ? spread_way(&s->spread, hash_13(s->key, id.p, id.len), now) : 0;
}

static void steer_mark(const struct packet *p)
{
	struct rte_mbuf *m = p->mbuf;

	m->port = (uint16_t)(p->port | (p->exempt ? STEER_EXEMPT : 0));
	m->hash.fdir.lo = (uint32_t)p->rx_tsc;
	m->hash.fdir.hi = (uint32_t)(p->rx_tsc >> 32);
	m->ol_flags &= ~(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK);
	m->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
}

static void steer_hand(
        struct worker *w, struct burst *b, unsigned way, struct packet **p, unsigned n)
{
	struct steer *s = w->steer;
	struct rte_mbuf *frame[BURST];
	unsigned taken;

	for (unsigned i = 0; i < n; i++) {
		steer_mark(p[i]);
		frame[i] = p[i]->mbuf;
	}
	taken = rte_ring_sp_enqueue_burst(s->out[way], (void **)frame, n, NULL);
	for (unsigned i = taken; i < n; i++) {
		packet_drop(p[i], VERDICT_STEER_FULL);
		b->settled[b->n_settled++] = p[i];
	}
	s->lost[way] += n - taken;
	spread_back(&s->spread, way, n - taken);
	w->delta.received -= taken;
	w->delta.count[STATS_STEERED_OUT] += taken;
	s->gone += taken;
}

void steer(struct worker *w, struct burst *b)
{
	struct steer *s = w->steer;
	struct packet *of[SPREAD_WAYS][BURST];
	unsigned n[SPREAD_WAYS] = {0};
	uint32_t now;

	if (s == NULL || s->state == STEER_HERE || b->n == 0)
		return;
	if (s->generation != w->config->number)
		steer_legs(w, s);
	now = (uint32_t)(w->tsc >> STEER_TIME_SHIFT);
	s->came += b->n;
	spread_burst(&s->spread);
	for (uint16_t i = 0; i < b->n; i++) {
		const unsigned way = steer_way(w, s, b->live[i], now);

		of[way][n[way]++] = b->live[i];
	}
	b->n = (uint16_t)n[0];
	memcpy(b->live, of[0], n[0] * sizeof(of[0][0]));
	for (unsigned way = 1; way <= s->fan; way++)
		if (n[way] > 0)
			steer_hand(w, b, way, of[way], n[way]);
}

uint32_t steer_from(const struct worker *w)
{
	if (w->steer == NULL)
		return 0;
	return atomic_load_explicit(&w->steer->from, memory_order_acquire);
}

// Their bytes are in another core's cache: all are asked for before the first is needed.
unsigned steer_take(struct worker *w, unsigned from, struct rte_mbuf **frame)
{
	const unsigned n =
	        rte_ring_sc_dequeue_burst(w->steer->in[from], (void **)frame, BURST, NULL);

	for (unsigned i = 0; i < n; i++)
		rte_prefetch0(frame[i]);
	for (unsigned i = 0; i < n; i++) {
		rte_prefetch0(rte_pktmbuf_mtod(frame[i], const char *));
		rte_prefetch0(rte_pktmbuf_mtod_offset(frame[i], const char *, RTE_CACHE_LINE_SIZE));
	}
	w->delta.count[STATS_STEERED_IN] += n;
	w->steer->taken += n;
	return n;
}

void steer_done(struct worker *w, unsigned from, unsigned n)
{
	_Atomic uint32_t *done = &w->steer->done[from];

	atomic_store_explicit(
	        done, atomic_load_explicit(done, memory_order_relaxed) + n, memory_order_release);
}
