// Policy before parse: what comes from sources that may not send is gone before it costs a parse.
// Reads src and leg_in; fills exempt. Never looks at SIP.
#include "dataplane/policy_limit.h"
#include "dataplane/proxy.h"
#include "dataplane/table/acl.h"

static enum verdict check_acl(struct worker *w, struct packet *p)
{
	const struct acl_rule *r =
	        acl_lookup(&w->config->view, &p->src, p->leg_in->id, TRANSPORT_UDP);

	if (r == NULL)
		return VERDICT_NONE;
	if (w->area != NULL)
		hits_add(w->area->hits, &r->hit);
	p->exempt = r->action == ACL_EXEMPT;
	return r->action == ACL_DROP ? VERDICT_ACL_DROP : VERDICT_NONE;
}

void policy_source_one(struct worker *w, struct packet *p)
{
	enum verdict v = VERDICT_NONE;

	if (acl_any(&w->config->view))
		v = check_acl(w, p);
	if (v == VERDICT_NONE)
		v = policy_limit_early(w, p);
	if (v != VERDICT_NONE)
		packet_settle(p, v);
}

void policy_source(struct worker *w, struct burst *b)
{
	if (b->n == 0 || (!acl_any(&w->config->view) && w->config->view.count[TABLE_LIMITS] == 0))
		return;
	for (uint16_t i = 0; i < b->n; i++)
		policy_source_one(w, b->live[i]);
	burst_settle(b);
}
