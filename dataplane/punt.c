// What a worker does not finish itself: frames for the kernel twins (to the main lcore's ring),
// REGISTERs (whole, to control's registrar), and datagrams whose next hop's link address is not
// known yet (to control, which asks the kernel and sends them back). Reads verdict, mbuf, out, hop,
// target, leg_out of settled packets. A full ring is a verdict, never a wait.
#include "dataplane/proxy.h"

#include <rte_ring.h>

#include "dataplane/base/now.h"

static void punt_to_kernel(struct worker *w, struct packet **p, unsigned n)
{
	struct rte_mbuf *frame[BURST];
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++) {
		frame[i] = p[i]->mbuf;
		frame[i]->port = p[i]->port; // whose twin it is for
	}
	if (w->to_kernel != NULL)
		taken = rte_ring_sp_enqueue_burst(w->to_kernel, (void **)frame, n, NULL);
	for (unsigned i = 0; i < taken; i++)
		p[i]->mbuf = NULL;
	for (unsigned i = taken; i < n; i++)
		packet_drop(p[i], VERDICT_KERNEL_FULL);
}

static bool punt_resolve(struct worker *w, const struct packet *p)
{
	const uint32_t len = p->out->pkt_len;
	struct ring_message *r = NULL;

	if (w->punt != NULL)
		r = ring_reserve(w->punt, (uint32_t)sizeof(*r) + len);
	if (r == NULL)
		return false;
	*r = (struct ring_message){.len = len,
	        .ask = RING_RESOLVE,
	        .port = p->hop.port,
	        .vlan = p->hop.vlan,
	        .leg = p->leg_out->id,
	        .dst = p->target,
	        .via = p->hop.via,
	        .at_ns = now_ns()};
	memcpy(r->bytes, rte_pktmbuf_mtod(p->out, const char *), len);
	ring_publish(w->punt, (uint32_t)sizeof(*r) + len);
	return true;
}

static bool punt_register_one(struct worker *w, const struct packet *p)
{
	const uint32_t len = (uint32_t)p->bytes.len;
	struct ring_message *r = NULL;

	if (w->punt != NULL && w->control_lives)
		r = ring_reserve(w->punt, (uint32_t)sizeof(*r) + len);
	if (r == NULL)
		return false;
	*r = (struct ring_message){.len = len,
	        .ask = RING_REGISTER,
	        .port = p->port,
	        .vlan = p->vlan,
	        .leg = p->leg_in->id,
	        .dst = p->dst,
	        .src = p->src,
	        .at_ns = now_ns()};
	memcpy(r->bytes, p->bytes.p, len);
	ring_publish(w->punt, (uint32_t)sizeof(*r) + len);
	return true;
}

void punt_register(struct worker *w, struct burst *b)
{
	for (uint16_t i = 0; i < b->n_settled; i++) {
		struct packet *p = b->settled[i];

		if (p->verdict == VERDICT_REGISTER && !punt_register_one(w, p))
			packet_settle(p, VERDICT_REGISTRAR_BUSY);
	}
}

static void punt_neighbour_wanted(struct worker *w, const struct packet *p)
{
	struct ring_event *e = w->event != NULL ? ring_reserve(w->event, sizeof(*e)) : NULL;

	if (e == NULL)
		return;
	*e = (struct ring_event){.kind = EVENT_NEIGHBOUR_WANTED,
	        .port = p->hop.port,
	        .vlan = p->hop.vlan,
	        .addr = p->hop.via};
	ring_publish(w->event, sizeof(*e));
}

void punt(struct worker *w, struct burst *b)
{
	struct packet *kernel[BURST];
	unsigned n = 0;

	for (uint16_t i = 0; i < b->n_settled; i++) {
		struct packet *p = b->settled[i];

		if (p->verdict == VERDICT_TO_KERNEL)
			kernel[n++] = p;
		if (p->verdict == VERDICT_RESOLVING && !punt_resolve(w, p))
			packet_drop(p, VERDICT_NEIGHBOUR_UNKNOWN);
		if (p->verdict == VERDICT_NEIGHBOUR_UNKNOWN)
			punt_neighbour_wanted(w, p);
	}
	if (n > 0)
		punt_to_kernel(w, kernel, n);
}
