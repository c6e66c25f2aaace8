// Overload: see policy_overload.h. Reads what parse filled, and the worker's load. What is begun
// goes on: responses, requests with a To tag, ACK and CANCEL. Of the others a share is refused,
// chosen by Call-ID, so that retransmissions fare like the first one; another choice each
// OVERLOAD_TERM_S, so that nobody is refused for ever.
#include "dataplane/policy_overload.h"

#include "dataplane/dataplane.h"
#include "dataplane/table/overload.h"

enum { OVERLOAD_TERM_S = 32 }; // as long as a transaction lasts

// Resource-Priority (RFC 4412) is believed only where the sender is; sos (RFC 5031) by everybody.
static bool is_emergency(const struct overload *o, const struct packet *p)
{
	static const char sos[] = "urn:service:sos";
	const size_t len = sizeof(sos) - 1;
	const struct str uri = p->message.request_uri;

	if ((p->leg_in->flags & LEG_TRUSTED) != 0 &&
	        message_first(&p->message, HEADER_RESOURCE_PRIORITY) != NULL)
		return true;
	if (uri.len >= len && str_eq_nocase(str_head(uri, len), STR(sos)) &&
	        (uri.len == len || uri.p[len] == '.'))
		return true;
	return overload_is_emergency(o, p->uri.user);
}

static unsigned pick(const struct worker *w, const struct packet *p)
{
	const uint32_t term = w->now_s / OVERLOAD_TERM_S;
	struct hash_state h;

	hash_start_13(&h, w->config->tag_key);
	hash_add_str(&h, p->call_id);
	hash_add(&h, &term, sizeof(term));
	return (unsigned)(hash_end(&h) % 100);
}

enum verdict policy_overload(const struct worker *w, const struct packet *p)
{
	const struct overload *o = overload_get(&w->config->view);
	unsigned share;

	if (o == NULL || o->share == 0 || p->exempt || p->to_tag.len > 0 ||
	        p->message.method == METHOD_ACK || p->message.method == METHOD_CANCEL)
		return VERDICT_NONE;
	share = w->load.level < o->share ? w->load.level : o->share;
	if (pick(w, p) >= share || is_emergency(o, p))
		return VERDICT_NONE;
	return o->reply ? VERDICT_OVERLOAD_REFUSED : VERDICT_OVERLOAD;
}

const struct oc *policy_overload_load(const struct worker *w, const struct leg *to, struct oc *out)
{
	const struct dataplane *dp = w->dataplane;
	unsigned sum = 0;

	if ((to->flags & LEG_OVERLOAD_CONTROL) == 0)
		return NULL;
	for (unsigned i = 0; i < dp->n_workers; i++)
		sum += __atomic_load_n(&dp->worker[i]->load.level, __ATOMIC_RELAXED);
	out->loss = (uint8_t)((sum + dp->n_workers - 1) / dp->n_workers);
	out->ms = w->count_ms;
	return out;
}
