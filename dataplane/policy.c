// Policy: may this request go on? RFC 3261 §16.3 without syntax (parse) and scheme (route, which
// knows what decides the way). Reads what parse filled. First verdict wins.
// Never changes or sends anything.
#include "dataplane/proxy.h"

#include "dataplane/policy_auth.h"
#include "dataplane/policy_limit.h"
#include "dataplane/policy_overload.h"
#include "dataplane/policy_pattern.h"
#include "dataplane/reply.h"
#include "dataplane/seal.h"
#include "dataplane/sip/charset.h"

enum { POLICY_VIAS_MAX = 100 }; // Vias looked at for a loop; Max-Forwards ends longer ones

// An ACK to an answer made here carries the To tag made for it. It has done its work.
static bool is_own_ack(const struct worker *w, const struct packet *p)
{
	char tag[REPLY_TAG_LEN];

	if (p->to_tag.len != REPLY_TAG_LEN)
		return false;
	reply_tag(w, p, tag);
	return memcmp(p->to_tag.p, tag, REPLY_TAG_LEN) == 0;
}

// None of the extensions a proxy could be required to support is. Ignored in CANCEL and ACK (RFC
// 3261 §8.2.2.3).
static enum verdict check_proxy_require(const struct packet *p)
{
	struct value_iter it;
	bool any = false;

	if (message_first(&p->message, HEADER_PROXY_REQUIRE) == NULL ||
	        p->message.method == METHOD_CANCEL || p->message.method == METHOD_ACK)
		return VERDICT_NONE;
	value_iter_start(&it, &p->message, HEADER_PROXY_REQUIRE);
	while (value_iter_next(&it)) {
		if (charset_span(it.value, CHARSET_TOKEN) != it.value.len)
			return VERDICT_BAD_MESSAGE;
		any = true;
	}
	if (it.bad)
		return VERDICT_BAD_MESSAGE;
	return any ? VERDICT_BAD_EXTENSION : VERDICT_NONE;
}

// RFC 3261 §16.3 step 4: one of the Vias is ours, and nothing that decides the way has changed
// since.
static bool is_loop(struct worker *w, const struct packet *p)
{
	struct addr peer = p->src; // who the request with this Via on top was sent to
	struct value_iter it = p->vias;
	const struct via *v = &p->via;
	struct via below;
	struct token t;

	for (unsigned i = 0; i < POLICY_VIAS_MAX; i++) {
		if (leg_is_own(
		            &w->config->view, &v->addr, v->host, v->port, TRANSPORT_NONE, NULL) &&
		        seal_open_branch(w, p, v, &peer, &t) &&
		        t.loop == (uint32_t)seal_request(w, p))
			return true;
		if (i > 0) // who put the Via below the topmost there, we know: the source
			peer = v->received.name.len > 0 ? v->received_addr : v->addr;
		if (!value_iter_next(&it) || !via_parse(it.value, &below))
			return false;
		v = &below;
	}
	return false;
}

static bool is_own_options(const struct worker *w, const struct packet *p)
{
	return p->message.method == METHOD_OPTIONS && p->uri.user.len == 0 && p->n_routes == 0 &&
	       seal_own_uri(w, &p->uri, NULL);
}

static bool has_limits(const struct worker *w)
{
	return w->config->view.count[TABLE_LIMITS] > 0;
}

// Then what a user may do counts for the user.
static enum verdict authenticate(struct worker *w, struct packet *p)
{
	enum verdict v = policy_auth(w, p);

	// All these brought back a nonce that was sent to them.
	if (p->realm.len > 0 &&
	        (v == VERDICT_NONE || v == VERDICT_AUTH_WRONG || v == VERDICT_AUTH_IDENTITY))
		policy_limit_proven(w, &p->src);
	return v != VERDICT_NONE || !has_limits(w) ? v : policy_limit_user(w, p);
}

static enum verdict check_request(struct worker *w, struct packet *p)
{
	enum verdict v;

	if (p->message.method == METHOD_ACK && is_own_ack(w, p))
		return VERDICT_OWN_ACK;
	v = w->load.level > 0 ? policy_overload(w, p) : VERDICT_NONE;
	if (v != VERDICT_NONE)
		return v;
	v = w->config->patterns != NULL ? policy_pattern(w, p) : VERDICT_NONE;
	if (v == VERDICT_NONE && has_limits(w))
		v = policy_limit_request(w, p);
	if (v != VERDICT_NONE)
		return v;
	// RFC 3261 §16.3 step 3: OPTIONS to the last hop may be answered by it.
	if (p->max_forwards == 0)
		return is_own_options(w, p) ? VERDICT_OPTIONS : VERDICT_TOO_MANY_HOPS;
	// Whoever let an INVITE through lets its ACK and CANCEL through.
	if (p->max_breadth == 0 && p->message.method != METHOD_ACK &&
	        p->message.method != METHOD_CANCEL)
		return VERDICT_TOO_BROAD;
	v = check_proxy_require(p);
	if (v != VERDICT_NONE)
		return v;
	if ((p->leg_in->flags & LEG_LOOP_DETECT) != 0 && is_loop(w, p))
		return VERDICT_LOOP;
	return authenticate(w, p);
}

// Who is not to be answered is not told either what else is wrong (RELIABILITY A1).
static bool is_unanswered(struct worker *w, struct packet *p)
{
	const uint16_t status = p->reply_status;
	const bool silent = w->config->patterns != NULL && p->message.is_request &&
	                    policy_pattern(w, p) == VERDICT_PATTERN;

	p->reply_status = status;
	return silent;
}

void policy_one(struct worker *w, struct packet *p)
{
	enum verdict v = policy_sanity(w, p);

	if (v == VERDICT_NONE && p->message.is_request)
		v = check_request(w, p);
	else if (v != VERDICT_NONE && is_unanswered(w, p))
		v = VERDICT_PATTERN;
	if (v != VERDICT_NONE)
		packet_settle(p, v);
}

// Also of what parse found.
static void silence_settled(struct worker *w, struct burst *b)
{
	for (uint16_t i = 0; i < b->n_settled; i++) {
		struct packet *p = b->settled[i];

		if (p->way == WAY_REPLIED && p->verdict != VERDICT_STUN && is_unanswered(w, p))
			packet_settle(p, VERDICT_PATTERN);
	}
}

void policy(struct worker *w, struct burst *b)
{
	if (b->n_settled > 0 && w->config != NULL && w->config->patterns != NULL)
		silence_settled(w, b);
	for (uint16_t i = 0; i < b->n; i++)
		policy_one(w, b->live[i]);
	burst_settle(b);
}
