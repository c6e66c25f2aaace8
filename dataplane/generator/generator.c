// The generator's turn: orders, frames in, frames out.
#include "dataplane/generator/generator.h"

#include <errno.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "dataplane/dataplane.h"

enum { GENERATOR_PREFETCH = 4 };

struct generator *generator_create(struct worker *w, struct bench *b, struct error *e)
{
	const uint8_t engine = w->dataplane->setup.engine;
	struct generator *g;

	if (w->index >= BENCH_WORKERS_MAX) {
		error_set(e, "a load generator has at most %d workers", BENCH_WORKERS_MAX);
		return NULL;
	}
	g = aligned_alloc(64, (sizeof(*g) + 63) & ~(size_t)63);
	if (g != NULL) {
		memset(g, 0, sizeof(*g));
		g->worker = w;
		g->bench = b;
		g->stats = &b->stats[w->index];
		g->caller = engine != SETUP_UAS;
		g->callee = engine != SETUP_UAC;
		g->calls = g->caller ? call_table_create() : NULL;
		g->registers = g->caller ? uac_register_create() : NULL;
		if (!g->caller || (g->calls != NULL && g->registers != NULL))
			return g;
		generator_destroy(g);
	}
	error_set(e, "worker %u: no memory for a load generator", w->index);
	return NULL;
}

int generator_open(struct dataplane *dp, struct error *e)
{
	if (dp->setup.engine == SETUP_PROXY)
		return 0;
	dp->bench = bench_create(dp->region.dir, e);
	if (dp->bench == NULL)
		return -1;
	for (unsigned i = 0; i < dp->n_workers; i++) {
		dp->worker[i]->generator = generator_create(dp->worker[i], dp->bench, e);
		if (dp->worker[i]->generator == NULL)
			return -1;
	}
	return 0;
}

void generator_close(struct dataplane *dp)
{
	bench_detach(dp->bench);
	dp->bench = NULL;
}

void generator_destroy(struct generator *g)
{
	if (g == NULL)
		return;
	for (unsigned i = 0; i < SETUP_PORTS_MAX; i++)
		rte_pktmbuf_free_bulk(g->queue[i].frame, g->queue[i].n);
	call_table_destroy(g->calls);
	uac_register_destroy(g->registers);
	free(g);
}

struct rte_mbuf *generator_buffer(struct generator *g)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(g->worker->pool);

	if (m == NULL)
		generator_count(g, BENCH_N_NO_BUFFER, 1);
	return m;
}

unsigned generator_room(const struct generator *g, enum bench_side_id side)
{
	return GENERATOR_QUEUE - g->queue[g->order.side[side].port].n;
}

void generator_send(struct generator *g, enum bench_side_id side, struct rte_mbuf *m)
{
	struct generator_queue *q = &g->queue[g->order.side[side].port];

	if (q->n == GENERATOR_QUEUE) {
		generator_count(g, BENCH_N_RING_FULL, 1);
		rte_pktmbuf_free(m);
		return;
	}
	generator_count(g, BENCH_N_BYTES_SENT, m->pkt_len);
	q->frame[q->n++] = m;
}

// With a rate, what the port does not take is gone, as on a wire; without, it waits.
static unsigned flush(struct generator *g)
{
	const struct dataplane *dp = g->worker->dataplane;
	unsigned sent = 0;

	for (unsigned i = 0; i < dp->n_ports; i++) {
		struct generator_queue *q = &g->queue[i];
		uint16_t n;

		if (q->n == 0)
			continue;
		n = rte_eth_tx_burst(dp->port[i].id, g->worker->queue, q->frame, q->n);
		sent += n;
		q->n = (uint16_t)(q->n - n);
		if (q->n > 0 && g->order.rate > 0) {
			rte_pktmbuf_free_bulk(q->frame + n, q->n);
			generator_count(g, BENCH_N_RING_FULL, q->n);
			q->n = 0;
		}
		if (n > 0 && q->n > 0)
			memmove(q->frame, q->frame + n, q->n * sizeof(q->frame[0]));
	}
	return sent;
}

uint64_t generator_sequence(struct generator *g)
{
	uint64_t lost = 0;
	const uint64_t n = pending_add(&g->pending, g->tsc, &lost);

	generator_count(g, BENCH_N_LOST, lost);
	return n;
}

bool generator_match(struct generator *g, const struct arrival *a)
{
	struct bench_kind_stats *k = &g->stats->kind[a->mark.kind];

	if (a->mark.worker != g->worker->index % 16) {
		generator_count(g, BENCH_N_FOREIGN, 1);
	} else {
		switch (pending_take(&g->pending, a->mark.sequence)) {
		case PENDING_MATCHED:
			break;
		case PENDING_TWICE:
			generator_count(g, BENCH_N_DUPLICATE, 1);
			return false;
		case PENDING_LATE:
			generator_count(g, BENCH_N_LATE, 1);
			return false;
		default:
			judge_fault(g, BENCH_BAD_MARK, a->bytes);
			return false;
		}
	}
	generator_count(g, BENCH_N_MATCHED, 1);
	if (a->mark.kind == BENCH_DIALOG && a->mark.index > 0)
		return true; // a call's time is its INVITE's
	k->matched++;
	histogram_add(&k->latency, mark_age(&a->mark, a->tsc));
	return true;
}

// True when the frame was sent back as an answer.
static bool take_arp(struct generator *g, unsigned port, struct rte_mbuf *m)
{
	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		if (g->order.side[i].port == port && wire_arp(&g->wire[i], m)) {
			generator_send(g, (enum bench_side_id)i, m);
			return true;
		}
	}
	return false;
}

static bool begins_response(struct str bytes)
{
	return bytes.len > 12 && memcmp(bytes.p, "SIP/2.0 ", 8) == 0;
}

// Was a message without a sound mark one of ours? Then its Call-ID says so.
static bool has_run(const struct generator *g, struct str bytes)
{
	char run[10];
	const uint64_t digits = mark_hex(g->run);

	run[0] = '-';
	memcpy(run + 1, &digits, sizeof(digits));
	return memmem(bytes.p, bytes.len, run, 9) != NULL;
}

static void take_message(struct generator *g, struct arrival *a)
{
	const char *mark = mark_find(a->bytes);

	if (mark == NULL || !mark_read(mark, g->key, &a->mark) || a->mark.kind >= BENCH_KINDS) {
		if (has_run(g, a->bytes))
			judge_fault(g, BENCH_BAD_MARK, a->bytes);
		else
			generator_count(g, BENCH_N_STRAY, 1);
		return;
	}
	generator_count(g, BENCH_N_RECEIVED, 1);
	a->response = begins_response(a->bytes);
	if (a->response && g->caller)
		uac_take(g, a);
	else if (!a->response && g->callee)
		uas_take(g, a);
	else
		generator_count(g, BENCH_N_STRAY, 1);
}

// True when the frame is not to be freed.
static bool take(struct generator *g, unsigned port, struct rte_mbuf *m, uint64_t tsc)
{
	struct arrival a = {.mbuf = m, .tsc = tsc};
	struct wire_datagram d;
	enum bench_fault fault;

	generator_count(g, BENCH_N_BYTES_RECEIVED, m->pkt_len);
	a.deep = --g->check_in == 0;
	if (a.deep)
		g->check_in = g->order.check_every;
	if (!wire_glance(m, &a.bytes)) {
		switch (wire_parse(m, &d, &fault)) {
		case WIRE_ARP:
			return take_arp(g, port, m);
		case WIRE_DATAGRAM:
			a.bytes = d.bytes;
			break;
		default:
			if (fault != BENCH_FAULTS)
				judge_fault(g, fault, STR_NONE);
			generator_count(g, BENCH_N_STRAY, 1);
			return false;
		}
	}
	take_message(g, &a);
	return false;
}

static unsigned receive(struct generator *g)
{
	const struct dataplane *dp = g->worker->dataplane;
	struct rte_mbuf *m[GENERATOR_BURST];
	unsigned all = 0;

	for (unsigned port = 0; port < dp->n_ports; port++) {
		const unsigned n =
		        rte_eth_rx_burst(dp->port[port].id, g->worker->queue, m, GENERATOR_BURST);
		const uint64_t tsc = n > 0 ? rte_rdtsc() : 0;
		unsigned gone = 0;

		for (unsigned i = 0; i < n; i++) {
			if (i + GENERATOR_PREFETCH < n)
				rte_prefetch0(rte_pktmbuf_mtod(m[i + GENERATOR_PREFETCH], void *));
			if (!take(g, port, m[i], tsc))
				m[gone++] = m[i];
		}
		rte_pktmbuf_free_bulk(m, gone);
		all += n;
	}
	return all;
}

// Asks for the proxy's link addresses that are not known. True when all are.
static bool resolve(struct generator *g)
{
	bool all = true;

	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		struct wire *w = &g->wire[i];

		if (w->resolved || (i == BENCH_CALLER ? !g->caller : !g->callee))
			continue;
		all = false;
		if (w->side.proxy.family != ADDR_IPV4 ||
		        g->tsc - w->asked_tsc < g->worker->tsc_hz / 10)
			continue;
		struct rte_mbuf *m = generator_buffer(g);

		w->asked_tsc = g->tsc;
		if (m == NULL)
			continue;
		wire_ask(w, m);
		generator_send(g, (enum bench_side_id)i, m);
	}
	return all;
}

static uint64_t due(struct generator *g)
{
	const struct bench_order *o = &g->order;
	uint64_t n = GENERATOR_BURST, behind = 0;

	if (o->rate > 0) {
		n = pace_due(&g->pace, g->tsc, &behind);
		generator_count(g, BENCH_N_BEHIND, behind);
	} else if (o->in_flight > 0) {
		n = g->pending.count < o->in_flight ? o->in_flight - g->pending.count : 0;
	}
	if (o->limit > 0)
		n = RTE_MIN(n, o->limit > g->begun ? o->limit - g->begun : 0);
	return n;
}

// Begins what is due. The callee's part alone begins nothing.
static unsigned begin(struct generator *g)
{
	struct bench_stats *s = g->stats;
	uint64_t n;
	unsigned sent;

	s->state = BENCH_IDLE;
	if (!g->order.run || !g->caller)
		return 0;
	s->state = BENCH_SENDING;
	if (g->order.limit > 0 && g->begun >= g->order.limit)
		s->state = BENCH_DONE;
	n = due(g);
	n = RTE_MIN(n, (uint64_t)GENERATOR_BURST);
	n = RTE_MIN(n, (uint64_t)generator_room(g, BENCH_CALLER));
	if (n == 0)
		return 0;
	if (!resolve(g)) {
		generator_count(g, BENCH_N_NO_PEER, n);
		if (g->order.rate > 0)
			pace_sent(&g->pace, n);
		return 0;
	}
	sent = uac_send(g, (unsigned)n);
	if (g->order.rate > 0)
		pace_sent(&g->pace, sent);
	if (sent > 0 && s->first_tsc == 0)
		s->first_tsc = g->tsc;
	if (sent > 0)
		s->last_tsc = g->tsc;
	g->begun += sent;
	return sent;
}

unsigned generator_turn(struct worker *w)
{
	struct generator *g = w->generator;
	unsigned n;

	g->tsc = w->tsc;
	if (atomic_load_explicit(&g->bench->given, memory_order_relaxed) != g->taken)
		order_take(g);
	if (g->taken == 0)
		return 0;
	n = receive(g);
	g->tsc = rte_rdtsc();
	if (g->caller)
		n += uac_tick(g);
	n += begin(g);
	flush(g);
	if (g->pending.count > 0 && g->tsc > g->timeout_tsc)
		generator_count(
		        g, BENCH_N_LOST, pending_sweep(&g->pending, g->tsc - g->timeout_tsc));
	g->stats->in_flight = g->pending.count;
	g->stats->open_calls = g->calls != NULL ? g->calls->n_open : 0;
	g->stats->beat++;
	generator_count(g, n > 0 ? BENCH_N_BUSY_TSC : BENCH_N_IDLE_TSC, rte_rdtsc() - w->tsc);
	return n;
}
