// The rig in bursts, for the benchmark: what one message costs, without wire and generator.
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <stdlib.h>

#include "tools/replay/rig_inner.h"

static void throw_away(struct rig *r)
{
	for (unsigned i = 0; i < r->dp.n_ports; i++) {
		struct rte_mbuf *m[BURST];
		unsigned n;

		while ((n = rte_ring_dequeue_burst(r->from_port[i], (void **)m, BURST, NULL)) > 0)
			rte_pktmbuf_free_bulk(m, n);
	}
}

// What the registrar handed back; nothing of it counts.
static void send_answers(struct rig *r)
{
	for (unsigned i = 0; i < RIG_TURNS; i++)
		worker_turn(r->dp.worker[0]);
	throw_away(r);
}

static bool run_burst(
        struct rig *r, struct rte_ring *ring, struct rte_mbuf **frames, struct rig_cycles *spent)
{
	static struct rig_result unused;
	uint64_t start;

	// The worker gives its reference back; ours stays, the frame is the same next time.
	for (unsigned i = 0; i < BURST; i++)
		rte_mbuf_refcnt_update(frames[i], 1);
	if (rte_ring_enqueue_bulk(ring, (void **)frames, BURST, NULL) != BURST)
		return false;
	start = rte_rdtsc();
	worker_turn(r->dp.worker[0]);
	spent->worker += rte_rdtsc() - start;
	throw_away(r);
	start = rte_rdtsc();
	if (rig_control_turn(r, &unused)) {
		spent->control += rte_rdtsc() - start;
		send_answers(r);
	}
	return true;
}

struct rig_cycles rig_run(struct rig *r, struct str leg, const struct addr *from,
        const struct str *messages, unsigned n, unsigned rounds)
{
	const struct leg *l = rig_leg(r, leg);
	struct rte_mempool *many;
	struct rte_mbuf **frame = calloc(n, sizeof(*frame));
	struct rig_cycles spent = {0};
	bool ok = true;

	many = rte_pktmbuf_pool_create("rig-run", n, 0, 0, 2048 + RTE_PKTMBUF_HEADROOM, 0);
	for (unsigned i = 0; i < n && many != NULL && frame != NULL && l != NULL; i++)
		frame[i] = rig_frame_make(many, r, l, from, messages[i]);
	if (many == NULL || frame == NULL || l == NULL || frame[n - 1] == NULL)
		return spent;
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; ok && i + BURST <= n; i += BURST)
			ok = run_burst(r, r->to_port[l->port], frame + i, &spent);
	rte_pktmbuf_free_bulk(frame, n);
	rte_mempool_free(many);
	free(frame);
	return ok ? spent : (struct rig_cycles){0};
}
