// Limits and sizes: see policy_limit.h. Rates are counted by this worker alone: the flows of one
// source come to it, by RSS; what is counted over many sources is shared out over the workers.
#include "dataplane/policy_limit.h"

#include <stdlib.h>
#include <sys/random.h>

#include "dataplane/live/known.h"
#include "dataplane/live/rate.h"
#include "dataplane/sip/aor.h"
#include "dataplane/table/sanity.h"

enum {
	LIMIT_KNOWN_S = 3600, // so long a source counts as proved
	// Times the answers of one that has not, since others may write its address: a network of
	// phones behind one address that all register again is many, but not without bound.
	LIMIT_KNOWN_REPLIES = 100,
	LIMIT_VIA_MIN = 13, // bytes of the shortest Via there is: "SIP/2.0/UDP a"
};

struct policy_state {
	_Alignas(64) struct hash_key key;
	unsigned n_workers;

	// of the configuration with that number
	uint64_t generation;
	unsigned n;
	bool early, sources, users; // there are such limits
	struct rate rate[LIMITS_MAX], reply, reply_proven;

	uint64_t clock[LIMITS_MAX][LEGS_MAX]; // by leg; all together: the first
	struct addr last; // source that was hashed last, and its hash: floods come from one
	uint64_t last_hash;
	struct known known;
	struct rate_sketch forgeable, proven; // sources
	struct rate_sketch user;
};

struct policy_state *policy_state_create(unsigned n_workers)
{
	struct policy_state *s = aligned_alloc(64, sizeof(*s)); // no line of another worker

	if (s == NULL)
		return NULL;
	memset(s, 0, sizeof(*s));
	if (getrandom(&s->key, sizeof(s->key), 0) != sizeof(s->key)) {
		free(s);
		return NULL;
	}
	s->n_workers = n_workers > 0 ? n_workers : 1;
	return s;
}

void policy_state_destroy(struct policy_state *s)
{
	free(s);
}

static bool by_user(const struct limit *l)
{
	return l->by == LIMIT_BY_FROM || l->by == LIMIT_BY_TO || l->by == LIMIT_BY_URI;
}

static struct rate rate_of_limit(const struct worker *w, const struct limit *l)
{
	// A user calls from one place, but is called from everywhere.
	bool shared = l->by != LIMIT_BY_SOURCE && l->by != LIMIT_BY_FROM;
	unsigned n = shared ? w->policy->n_workers : 1;

	return rate_of(l->amount, w->tsc_hz * l->per_s * n, l->burst / n);
}

static void set_reply_rates(struct policy_state *s, const struct sanity *sanity, uint64_t hz)
{
	const uint64_t rate = sanity->reply_rate, burst = sanity->reply_burst;

	s->reply = rate_of(rate, hz, burst);
	s->reply_proven = rate_of(LIMIT_KNOWN_REPLIES * rate, hz, LIMIT_KNOWN_REPLIES * burst);
}

static void refresh(const struct worker *w, struct policy_state *s)
{
	const struct limit *l = w->config->view.rows[TABLE_LIMITS];
	const struct sanity *sanity = sanity_get(&w->config->view);

	s->generation = w->config->number;
	s->n = w->config->view.count[TABLE_LIMITS];
	s->early = s->sources = s->users = false;
	for (unsigned i = 0; i < s->n; i++) {
		bool early = (l[i].flags & LIMIT_EARLY) != 0, user = by_user(&l[i]);

		s->rate[i] = rate_of_limit(w, &l[i]);
		if ((l[i].flags & LIMIT_PATTERN) != 0)
			continue;
		s->early |= early;
		s->sources |= !early && !user;
		s->users |= user;
	}
	if (sanity != NULL)
		set_reply_rates(s, sanity, w->tsc_hz);
	memset(s->clock, 0, sizeof(s->clock)); // rows may be others now
}

static struct policy_state *state_of(const struct worker *w)
{
	struct policy_state *s = w->policy;

	if (s != NULL && s->generation != w->config->number)
		refresh(w, s);
	return s;
}

static uint64_t source_hash(struct policy_state *s, const struct addr *src)
{
	if (!addr_eq_ip(&s->last, src)) {
		s->last = *src;
		// Of IPv6 the network: one host has as many addresses as it likes.
		s->last_hash = hash_13(s->key, src->ip, src->family == ADDR_IPV6 ? 8 : 4);
	}
	return s->last_hash;
}

static bool is_proven(const struct worker *w, const struct policy_state *s, uint64_t source)
{
	uint64_t life = w->tsc_hz * LIMIT_KNOWN_S;

	return known_has(&s->known, source, w->tsc > life ? w->tsc - life : 0);
}

// Hash of the user that a limit by user counts; 0 when there is none.
static uint64_t user_hash(
        const struct policy_state *s, const struct packet *p, const struct limit *l)
{
	struct nameaddr who = p->to;
	struct uri u = p->uri;
	struct hash_state h;
	char text[AOR_MAX];
	struct str aor;

	hash_start_13(&h, s->key);
	if (l->by == LIMIT_BY_FROM && p->username.len > 0) { // he may write many a host into From
		hash_add_str(&h, p->username);
		hash_add_nocase(&h, p->realm);
		return hash_end(&h);
	}
	if (l->by == LIMIT_BY_FROM &&
	        !nameaddr_parse(message_value(&p->message, HEADER_FROM), &who))
		return 0;
	if (l->by != LIMIT_BY_URI && !uri_parse(who.uri, &u))
		return 0;
	u.port = 0; // nobody gets more by another spelling
	aor = aor_write(&u, text);
	hash_add_str(&h, aor);
	if (aor.len == 0) // no user, or too long
		hash_add_nocase(&h, u.host);
	return hash_end(&h);
}

static bool take(
        struct worker *w, struct policy_state *s, const struct packet *p, const struct limit *l)
{
	unsigned i = (unsigned)(l - (const struct limit *)w->config->view.rows[TABLE_LIMITS]);
	unsigned leg = l->by == LIMIT_BY_LEG ? leg_index(&w->config->view, p->leg_in) : 0;
	struct rate_sketch *sketch = &s->user;
	uint64_t who;

	if (l->by == LIMIT_BY_LEG || l->by == LIMIT_BY_ALL)
		return rate_take_clock(&s->clock[i][leg], &s->rate[i], w->tsc);
	if (l->by == LIMIT_BY_SOURCE) {
		who = source_hash(s, &p->src);
		sketch = is_proven(w, s, who) ? &s->proven : &s->forgeable;
	} else {
		who = user_hash(s, p, l);
	}
	return who == 0 || rate_take(sketch, who ^ l->hit.id, &s->rate[i], w->tsc);
}

static bool is_for(const struct limit *l, const struct packet *p)
{
	return l->leg == p->leg_in->id ||
	       (l->leg == LEG_NONE && (p->leg_in->flags & LEG_TRUSTED) == 0);
}

enum verdict policy_limit_early(struct worker *w, const struct packet *p)
{
	const struct limit *l = w->config->view.rows[TABLE_LIMITS];
	struct policy_state *s = state_of(w);

	if (s == NULL || !s->early || p->exempt)
		return VERDICT_NONE;
	for (unsigned i = 0; i < s->n; i++) {
		if ((l[i].flags & (LIMIT_EARLY | LIMIT_PATTERN)) != LIMIT_EARLY ||
		        !is_for(&l[i], p) || take(w, s, p, &l[i]))
			continue;
		if (w->area != NULL)
			hits_add(w->area->hits, &l[i].hit);
		return VERDICT_LIMIT_SOURCE;
	}
	return VERDICT_NONE;
}

enum verdict policy_limit_take(struct worker *w, struct packet *p, const struct limit *l)
{
	struct policy_state *s = state_of(w);

	if (s == NULL || p->exempt || !is_for(l, p) || (l->methods >> p->message.method & 1) == 0 ||
	        take(w, s, p, l))
		return VERDICT_NONE;
	if (w->area != NULL)
		hits_add(w->area->hits, &l->hit);
	p->reply_status = l->status;
	return l->status != 0 ? VERDICT_LIMIT_REFUSED : VERDICT_LIMIT;
}

static enum verdict check_limits(struct worker *w, struct packet *p, bool users)
{
	const struct limit *l = w->config->view.rows[TABLE_LIMITS];
	enum verdict v = VERDICT_NONE;

	for (unsigned i = 0; i < w->policy->n && v == VERDICT_NONE; i++) {
		if ((l[i].flags & (LIMIT_EARLY | LIMIT_PATTERN)) == 0 && by_user(&l[i]) == users)
			v = policy_limit_take(w, p, &l[i]);
	}
	return v;
}

enum verdict policy_limit_request(struct worker *w, struct packet *p)
{
	const struct policy_state *s = state_of(w);

	return s != NULL && s->sources ? check_limits(w, p, false) : VERDICT_NONE;
}

enum verdict policy_limit_user(struct worker *w, struct packet *p)
{
	const struct policy_state *s = state_of(w);

	return s != NULL && s->users ? check_limits(w, p, true) : VERDICT_NONE;
}

static bool too_many_vias(const struct packet *p, uint32_t most)
{
	const struct message *m = &p->message;
	size_t bytes = 0;
	struct value_iter it;
	uint32_t n = 0;

	for (const struct header *h = message_first(m, HEADER_VIA); h != NULL;
	        h = message_next(m, h))
		bytes += h->value_len + 1u;
	if (bytes <= (size_t)most * LIMIT_VIA_MIN)
		return false;
	value_iter_start(&it, m, HEADER_VIA);
	while (n <= most && value_iter_next(&it))
		n++;
	return n > most;
}

enum verdict policy_sanity(const struct worker *w, struct packet *p)
{
	const struct sanity *s = sanity_get(&w->config->view);
	const struct message *m = &p->message;

	if (s == NULL)
		return VERDICT_NONE;
	if (m->body.len > s->body)
		p->reply_status = 413;
	else if (m->is_request && m->request_uri.len > s->uri)
		p->reply_status = 414;
	else if (m->n_headers > s->headers)
		p->reply_status = 400;
	else if (m->bytes.len <= s->message && p->n_routes <= s->routes &&
	         !too_many_vias(p, s->vias + !m->is_request)) // a response brings ours back
		return VERDICT_NONE;
	return VERDICT_SANITY;
}

void policy_limit_proven(struct worker *w, const struct addr *src)
{
	struct policy_state *s = state_of(w);

	if (s != NULL)
		known_add(&s->known, source_hash(s, src), w->tsc);
}

bool policy_limit_reply(struct worker *w, const struct packet *p)
{
	const struct sanity *sanity = sanity_get(&w->config->view);
	struct policy_state *s = state_of(w);
	uint64_t source;

	// A refreshed binding is a service, not a refusal; its registration was looked at before.
	if (s == NULL || sanity == NULL || sanity->reply_rate == 0 || p->exempt ||
	        (p->leg_in->flags & LEG_TRUSTED) != 0 || p->verdict == VERDICT_REFRESHED)
		return true;
	source = source_hash(s, &p->src);
	if (is_proven(w, s, source) ? rate_take(&s->proven, ~source, &s->reply_proven, w->tsc)
	                            : rate_take(&s->forgeable, ~source, &s->reply, w->tsc))
		return true;
	w->delta.count[STATS_REPLIES_HELD]++;
	return false;
}
