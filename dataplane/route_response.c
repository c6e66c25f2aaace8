// Where a response goes: only our own sealed Via says that it is ours, only the Via below says
// where it goes on (RFC 3261 §16.11, §18.1.2, §18.2.2). 100 is no exception: §16.7, by which a
// stateful proxy keeps it, does not apply to a stateless one (§16.11), which forwards what its Via
// is on.
#include "dataplane/route.h"

#include "dataplane/policy_limit.h"
#include "dataplane/sip/received.h"
#include "dataplane/seal.h"
#include "dataplane/target.h"

static bool second_via(const struct packet *p, struct via *out)
{
	struct value_iter it = p->vias;

	return value_iter_next(&it) && via_parse(it.value, out);
}

enum verdict route_response(struct worker *w, struct packet *p)
{
	const struct table_view *v = &w->config->view;
	const struct leg *back;
	struct token t;
	struct via next;

	if (!leg_is_own(v, &p->via.addr, p->via.host, p->via.port, (uint8_t)p->via.transport, NULL))
		return VERDICT_VIA_NOT_OURS;
	if (!seal_open_branch(w, p, &p->via, &p->src, &t)) {
		w->delta.count[STATS_TOKEN_REFUSED]++;
		return VERDICT_FORGED_RESPONSE;
	}
	if (t.leg_out != p->leg_in->id)
		return VERDICT_FORGED_RESPONSE;
	if (w->config->view.count[TABLE_LIMITS] > 0)
		policy_limit_proven(w, &p->src);
	if (!second_via(p, &next)) // the answer to a ping of ours (control/ping.c)?
		return t.leg_in == LEG_NONE ? VERDICT_PONG : VERDICT_BAD_RESPONSE;
	p->next_oc = next.oc;
	if (!received_next(&next, &p->target))
		return VERDICT_BAD_TARGET;
	back = leg_by_id(v, t.leg_in);
	if (back == NULL)
		return VERDICT_NO_TRANSPORT;
	return target_settle(w, p, back);
}
