// The proxy engine: what happens to a message. Start at proxy_burst(): six stages, then what became
// of those that left on the way.
#include "dataplane/proxy.h"

#include <rte_cycles.h>

#include "dataplane/dataplane.h"
#include "dataplane/steer.h"

// One burst in this many has its stages timed.
enum { PROXY_MEASURE = 64 };

// Where the time of a measured burst goes.
struct stopwatch {
	bool on;
	uint16_t n; // packets the running stage was given
	uint64_t tsc;
};

static struct stopwatch stopwatch_start(const struct worker *w)
{
	const bool on = w->bursts % PROXY_MEASURE == 0;

	return (struct stopwatch){.on = on, .tsc = on ? rte_rdtsc() : 0};
}

// Books the time since the last mark on the stage that ended (STAGE_COUNT: on none).
static void stopwatch_mark(
        struct stopwatch *s, struct worker *w, const struct burst *b, enum stage_id ended)
{
	if (!s->on)
		return;
	const uint64_t tsc = rte_rdtsc();

	if (ended != STAGE_COUNT) {
		w->delta.stage_tsc[ended] += tsc - s->tsc;
		w->delta.stage_packets[ended] += s->n;
	}
	s->tsc = tsc;
	s->n = b->n;
}

// The time a packet was here, as a bucket. Most of a burst came together: asked for once.
struct stay {
	uint64_t end, rx_tsc;
	unsigned bucket;
};

static unsigned stay_bucket(const struct worker *w, struct stay *s, uint64_t rx_tsc)
{
	if (s->rx_tsc != rx_tsc) {
		s->rx_tsc = rx_tsc;
		s->bucket = stats_latency_bucket(
		        (s->end - rx_tsc) * UINT64_C(1000000) / (w->tsc_hz / 1000));
	}
	return s->bucket;
}

static void proxy_count_one(struct worker *w, const struct packet *p, struct stay *stay)
{
	w->delta.way[p->way][p->verdict]++;
	if (p->leg_in != NULL)
		w->delta.leg_received[leg_index(&w->config->view, p->leg_in)]++;
	if (p->way != WAY_FORWARDED && p->way != WAY_REPLIED)
		return;
	if (p->leg_out != NULL)
		w->delta.leg_sent[leg_index(&w->config->view, p->leg_out)]++;
	w->delta.latency[stay_bucket(w, stay, p->rx_tsc)]++;
}

// Each packet is counted once, by where it left, and its buffers are given back.
static void proxy_finish(struct worker *w, struct burst *b)
{
	const uint64_t end = rte_rdtsc();
	struct stay stay = {.end = end, .rx_tsc = end, .bucket = stats_latency_bucket(0)};
	struct rte_mbuf *done[2 * BURST];
	unsigned n = 0;

	for (uint16_t i = 0; i < b->n; i++) // a stage forgot it: counted as such, never lost
		b->settled[b->n_settled++] = b->live[i];
	b->n = 0;
	for (uint16_t i = 0; i < b->n_settled; i++) {
		struct packet *p = b->settled[i];

		proxy_count_one(w, p, &stay);
		if (p->mbuf != NULL)
			done[n++] = p->mbuf;
		if (p->out != NULL)
			done[n++] = p->out;
	}
	rte_pktmbuf_free_bulk(done, n);
	w->bursts++;
}

// A burst that came by a port or from another worker: the way of a message (DESIGN §3).
static unsigned proxy_burst(struct worker *w, uint8_t port)
{
	struct burst *b = &w->burst;
	struct stopwatch s = stopwatch_start(w);

	rx(w, b, port);
	const unsigned n = (unsigned)b->n + b->n_settled;
	if (n == 0)
		return 0;
	s.n = (uint16_t)n;
	if (port < RX_STEERED) { // else that was done where it came in
		policy_source(w, b);
		steer(w, b);
	}
	stopwatch_mark(&s, w, b, STAGE_RX);
	parse(w, b);
	stopwatch_mark(&s, w, b, STAGE_PARSE);
	policy(w, b);
	stopwatch_mark(&s, w, b, STAGE_POLICY);
	route(w, b);
	stopwatch_mark(&s, w, b, STAGE_ROUTE);
	rewrite(w, b);
	stopwatch_mark(&s, w, b, STAGE_REWRITE);
	tx(w, b);
	stopwatch_mark(&s, w, b, STAGE_TX);

	punt_register(w, b);
	reply(w, b);
	punt(w, b);
	stopwatch_mark(&s, w, b, STAGE_COUNT);
	tx_flush(w);
	stopwatch_mark(&s, w, b, STAGE_TX);
	proxy_finish(w, b);
	return n;
}

static unsigned proxy_steered(struct worker *w)
{
	unsigned all = 0;

	for (uint32_t from = steer_from(w); from != 0; from &= from - 1) {
		const unsigned k = (unsigned)__builtin_ctz(from);
		const unsigned n = proxy_burst(w, (uint8_t)(RX_STEERED + k));

		steer_done(w, k, n);
		all += n;
	}
	return all;
}

// Messages that control hands over ready to send.
static unsigned proxy_injected(struct worker *w)
{
	struct burst *b = &w->burst;

	rx(w, b, RX_INJECT);
	const unsigned n = (unsigned)b->n + b->n_settled;
	if (n == 0)
		return 0;
	tx(w, b);
	punt(w, b);
	tx_flush(w);
	proxy_finish(w, b);
	return n;
}

unsigned proxy_turn(struct worker *w)
{
	unsigned n = 0;

	for (unsigned port = 0; port < w->dataplane->n_ports; port++)
		n += proxy_burst(w, (uint8_t)port);
	n += proxy_steered(w);
	n += proxy_injected(w);
	const unsigned kernel = tx_from_kernel(w);
	if (kernel > 0)
		tx_flush(w);
	return n + kernel;
}
