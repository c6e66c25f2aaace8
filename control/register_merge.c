// Applies a REGISTER to the bindings of its AoR.
#include "control/register_merge.h"

#include "dataplane/table/binding.h"

struct merge {
	struct register_request *q;
	struct location_contact *list;
	unsigned n;
	struct register_change *change;
};

static bool refuse(struct merge *m, uint16_t status, struct str reason)
{
	m->q->answer = (struct register_answer){.status = status, .reason = reason};
	return false;
}

// RFC 5626 §6: of the same instance and reg-id, whatever its URI.
static int find_flow(const struct merge *m, const struct registration_contact *c)
{
	for (unsigned i = 0; c->reg_id != 0 && i < m->n; i++)
		if (m->list[i].reg_id == c->reg_id &&
		        str_eq_nocase(m->list[i].instance, c->instance))
			return (int)i;
	return -1;
}

// RFC 3261 §10.3: by URI equality. Another flow's binding is another phone's, whatever its URI.
static int find_uri(const struct merge *m, const struct registration_contact *c)
{
	struct uri u;

	for (unsigned i = 0; i < m->n; i++)
		if ((c->reg_id == 0 || m->list[i].reg_id == 0) && uri_parse(m->list[i].uri, &u) &&
		        uri_eq(&u, &c->uri))
			return (int)i;
	return -1;
}

static void drop(struct merge *m, unsigned i)
{
	memmove(&m->list[i], &m->list[i + 1], (m->n - i - 1) * sizeof(m->list[0]));
	m->n--;
	m->change->removed++;
}

// -1: older than what is there, 0: the same request again, 1: newer (or of another Call-ID).
static int order(const struct merge *m, const struct location_contact *b)
{
	if (!str_eq(b->call_id, m->q->call_id))
		return 1;
	return (m->q->cseq.number > b->cseq) - (m->q->cseq.number < b->cseq);
}

// Calls go to no other host than the REGISTER came from, but where that is allowed (RELIABILITY
// A13): neither by a Contact (or its maddr) nor by a Path that names one.
static uint16_t flags_of(const struct register_request *q, const struct registration_contact *c)
{
	bool allowed = (q->home->flags & HOME_FOREIGN) != 0;
	struct addr target = q->path_target;
	unsigned flags = 0;

	if (c->reg_id != 0)
		flags |= LOCATION_OUTBOUND;
	if (q->path.len == 0)
		(void)uri_target(&c->uri, &target);
	else // proxies that are trusted may say so of others
		allowed = allowed || (q->source.leg->flags & LEG_TRUSTED) != 0;
	// By a name nothing can be sent from a worker: then too the source is what we know.
	if (target.family == ADDR_NONE || (!allowed && !addr_eq_ip(&target, &q->source.src)))
		flags |= LOCATION_NAT;
	return (uint16_t)flags;
}

static enum transport transport_of(const struct registration_contact *c, unsigned flags)
{
	enum transport t = uri_transport(&c->uri);

	if (flags != 0) // it goes to where the REGISTER came from
		return TRANSPORT_UDP;
	if (t == TRANSPORT_NONE)
		t = c->uri.scheme == URI_SIPS ? TRANSPORT_TLS : TRANSPORT_UDP;
	return t;
}

// Of the i-th Contact.
static struct location_contact binding_of(
        const struct register_request *q, unsigned i, uint32_t seconds)
{
	const struct registration_contact *c = &q->contact[i];
	const unsigned flags = flags_of(q, c);

	return (struct location_contact){.aor = q->aor,
	        .uri = c->uri.all,
	        .path = q->path,
	        .instance = c->instance,
	        .params = q->params[i],
	        .user_agent = message_value(&q->message, HEADER_USER_AGENT),
	        .call_id = q->call_id,
	        .received = q->source.src,
	        .registered_s = q->source.now_s,
	        .expires_s = q->source.now_s + seconds,
	        .cseq = q->cseq.number,
	        .reg_id = c->reg_id,
	        .methods = c->methods,
	        .leg = q->source.leg->id,
	        .q = c->q,
	        .transport = (uint8_t)transport_of(c, flags),
	        .flags = (uint8_t)flags};
}

static bool add(struct merge *m, unsigned i, uint32_t seconds)
{
	unsigned at;

	if (m->n >= m->q->home->max_contacts)
		return refuse(m, 403, STR("Too Many Contacts"));
	// Before the old ones, behind the others of this request: what is equal stays in that
	// order.
	at = m->change->added < m->n ? m->change->added : m->n;
	memmove(&m->list[at + 1], &m->list[at], (m->n - at) * sizeof(m->list[0]));
	m->list[at] = binding_of(m->q, i, seconds);
	m->n++;
	m->change->added++;
	return true;
}

// Of what a binding has, all but its time is the same.
static bool same_but_time(const struct location_contact *a, const struct location_contact *b)
{
	return str_eq(a->uri, b->uri) && str_eq(a->path, b->path) &&
	       str_eq(a->instance, b->instance) && str_eq(a->params, b->params) &&
	       str_eq(a->call_id, b->call_id) && addr_eq(&a->received, &b->received) &&
	       a->reg_id == b->reg_id && a->methods == b->methods && a->leg == b->leg &&
	       a->q == b->q && a->transport == b->transport && a->flags == b->flags;
}

static void update(struct merge *m, unsigned at, unsigned i, uint32_t seconds)
{
	const struct location_contact old = m->list[at];
	struct location_contact *now = &m->list[at];

	*now = binding_of(m->q, i, seconds);
	// A refresh does not make it the newest.
	if (str_eq(old.uri, now->uri) && addr_eq(&old.received, &now->received))
		now->registered_s = old.registered_s;
	if (same_but_time(&old, now))
		m->change->refreshed++;
	else
		m->change->updated++;
}

static uint32_t asked_of(const struct register_request *q, const struct registration_contact *c)
{
	return c->expires != REGISTRATION_UNSAID ? c->expires : q->expires;
}

static bool merge_one(struct merge *m, unsigned i)
{
	const struct registration_contact *c = &m->q->contact[i];
	const uint32_t asked = asked_of(m->q, c), seconds = home_expires(m->q->home, asked);
	const int flow = find_flow(m, c), same = find_uri(m, c), at = flow >= 0 ? flow : same;
	const int when = at >= 0 ? order(m, &m->list[at]) : 1;

	if (when < 0)
		return refuse(m, 500, STR("CSeq Out Of Order"));
	if (when == 0)
		return true; // retransmitted: answered again, as it was
	if (asked == 0) {
		if (at >= 0)
			drop(m, (unsigned)at);
		return true;
	}
	if (seconds == 0) {
		refuse(m, 423, STR_NONE);
		m->q->answer.min_expires = m->q->home->min_expires;
		return false;
	}
	if (at < 0)
		return add(m, i, seconds);
	update(m, (unsigned)at, i, seconds);
	// What the phone had registered by this URI before it knew of flows.
	if (flow >= 0 && same >= 0 && same != flow)
		drop(m, (unsigned)same);
	return true;
}

static bool merge_star(struct merge *m)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (order(m, &m->list[i]) <= 0)
			return refuse(m, 500, STR("CSeq Out Of Order"));
	}
	m->change->removed = m->n;
	m->n = 0;
	return true;
}

bool register_merge(struct register_request *q, const struct location_contact *old, unsigned n_old,
        struct location_contact *out, unsigned *n_out, struct register_change *change)
{
	struct merge m = {q, out, n_old, change};

	*change = (struct register_change){0};
	if (n_old > 0)
		memcpy(out, old, n_old * sizeof(*old));
	if (q->star && !merge_star(&m))
		return false;
	// First what goes: it makes room for what comes.
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < q->n_contacts; i++)
			if ((asked_of(q, &q->contact[i]) != 0) == (turn == 1) && !merge_one(&m, i))
				return false;
	}
	binding_sort(out, m.n);
	*n_out = m.n;
	return true;
}
