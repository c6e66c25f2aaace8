// The leg a message leaves by: the one asked for, else by the kernel's route to the target.
#include "dataplane/target.h"

#include "dataplane/recall.h"

static bool leg_fits(const struct leg *l, const struct packet *p)
{
	return l->port == p->hop.port && l->vlan == p->hop.vlan &&
	       l->local.family == p->target.family && l->transport == TRANSPORT_UDP;
}

// Of several that fit the one it came in by, else the first.
static const struct leg *leg_by_hop(const struct table_view *v, const struct packet *p)
{
	const struct leg *legs = v->rows[TABLE_LEGS];

	if (leg_fits(p->leg_in, p))
		return p->leg_in;
	for (uint32_t i = 0; i < v->count[TABLE_LEGS]; i++) {
		if (leg_fits(&legs[i], p))
			return &legs[i];
	}
	return NULL;
}

enum verdict target_settle(struct worker *w, struct packet *p, const struct leg *leg)
{
	const struct table_view *v = &w->config->view;
	enum nexthop_result r;

	p->transport = TRANSPORT_UDP;
	// Never through the network to ourselves: what is for us was taken before.
	if (!addr_is_unicast(&p->target) ||
	        leg_is_own(v, &p->target, STR_NONE, p->target.port, TRANSPORT_NONE, NULL))
		return VERDICT_BAD_TARGET;
	if (w->nexthop == NULL)
		return VERDICT_NO_NEXTHOP;
	r = recall_nexthop(w, &p->target, &p->hop);
	if (r == NEXTHOP_LOCAL)
		return VERDICT_BAD_TARGET;
	if (r == NEXTHOP_NO_ROUTE)
		return VERDICT_NO_NEXTHOP;
	if (leg == NULL)
		leg = leg_by_hop(v, p);
	if (leg == NULL || leg->local.family != p->target.family || leg->transport != TRANSPORT_UDP)
		return VERDICT_NO_TRANSPORT;
	p->leg_out = leg;
	return VERDICT_NONE;
}
