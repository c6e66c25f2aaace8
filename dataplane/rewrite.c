// Rewrite: what a proxy must change in a message (RFC 3261 §16.6, §16.11), as a sorted edit list
// over unmodified bytes, written once into the outgoing buffer. Reads what parse, policy and route
// filled; fills edits and out. Never changes received bytes, never adds what the RFC does not ask
// for.
#include "dataplane/proxy.h"

#include <rte_prefetch.h>

#include "dataplane/contact.h"
#include "dataplane/cut.h"
#include "dataplane/flow.h"
#include "dataplane/policy_auth.h"
#include "dataplane/policy_overload.h"
#include "dataplane/policy_trust.h"
#include "dataplane/seal.h"
#include "dataplane/sip/charset.h"
#include "dataplane/sip/received.h"

// What a buffer holds; 100 bytes less than the largest IPv4 packet.
enum { REWRITE_BYTES_MAX = UINT16_MAX - RTE_PKTMBUF_HEADROOM };

// Messages of a burst whose tokens are sealed at once: their room in the first cache counts.
enum { REWRITE_GROUP = 8 };

// Of a buffer that are fetched before they are written: what an INVITE becomes.
enum { REWRITE_LINES = 16 };

static void edit_view(struct packet *p, struct str old, struct str text)
{
	edit_add(&p->edits, (size_t)(old.p - p->message.bytes.p), old.len, text);
}

static struct str text_end(struct packet *p, const char *text, const char *end)
{
	return edit_text_end(&p->edits, text, (size_t)(end - text));
}

// Our Via on top (RFC 3261 §16.6 step 8), with rport (RFC 3581 §3), and the sender's source noted
// in its own.
static void edit_via(struct worker *w, struct packet *p)
{
	enum { ROOM = 128 + SEAL_BRANCH_MAX };
	char *text = edit_text(&p->edits, ROOM), *at = text;
	size_t branch;

	if (text == NULL)
		return;
	at = str_put(at, STR("Via: SIP/2.0/UDP "));
	at = leg_put_sent_by(at, p->leg_out);
	at = str_put(at, STR(";branch="));
	branch = seal_branch(w, p, at);
	if (branch == 0)
		p->edits.overflow = true;
	at = str_put(at + branch, STR(";rport\r\n"));
	edit_add(
	        &p->edits, message_first(&p->message, HEADER_VIA)->start, 0, text_end(p, text, at));
	received_edit(&p->edits, p->message.bytes.p, &p->via, &p->src);
}

// Offset behind the last Via field: where new header fields go.
static size_t after_vias(const struct message *m)
{
	const struct header *h = message_first(m, HEADER_VIA), *next;

	while ((next = message_next(m, h)) != NULL)
		h = next;
	return h->end;
}

// RFC 3261 §16.6 step 3, RFC 5393 §5.3.3: one is counted down, the other never grows and has to be
// there. Written behind the first it costs no edit of its own. Nothing is forked in parallel here:
// all of it goes on.
static void edit_limits(struct packet *p)
{
	enum { ROOM = 64 };
	const unsigned most = p->leg_in->max_breadth;
	char *text = edit_text(&p->edits, ROOM), *at = text;

	if (text == NULL)
		return;
	if (p->max_forwards < 0)
		at = str_put(at, STR("Max-Forwards: 70"));
	else
		at = str_put_decimal(at, (uint32_t)p->max_forwards - 1);
	if (most > 0 && message_first(&p->message, HEADER_MAX_BREADTH) == NULL) {
		at = str_put(at, STR("\r\nMax-Breadth: "));
		at = str_put_decimal(at, most);
	}
	if (p->max_forwards < 0) {
		at = str_put(at, STR("\r\n"));
		edit_add(&p->edits, after_vias(&p->message), 0, text_end(p, text, at));
	} else {
		edit_view(
		        p, message_value(&p->message, HEADER_MAX_FORWARDS), text_end(p, text, at));
	}
}

// RFC 5393 §5.3.3: what is more than the leg allows is cut back.
static void edit_max_breadth(struct packet *p)
{
	char text[10];

	if (p->max_breadth <= p->leg_in->max_breadth)
		return;
	edit_view(p, message_value(&p->message, HEADER_MAX_BREADTH),
	        edit_copy(
	                &p->edits, str_from(text, str_put_decimal(text, p->leg_in->max_breadth))));
}

static bool record_routed(const struct packet *p)
{
	switch (p->message.method) {
	case METHOD_INVITE:
	case METHOD_SUBSCRIBE:
	case METHOD_REFER:
	case METHOD_NOTIFY: // RFC 6665 §4.3
		return ((p->leg_in->flags | p->leg_out->flags) & LEG_RECORD_ROUTE) != 0;
	default:
		return false;
	}
}

// "Record-Route: <sip:SENT-BY;lr;spry=TOKEN>", as seen from the side of `side`, whose flow that is.
static char *put_record_route(struct worker *w, const struct packet *p, const struct leg *side,
        const struct addr *flow, char *at)
{
	const struct leg *other = side == p->leg_out ? p->leg_in : p->leg_out;
	const struct seal_route route = {other->id, side->id, flow};

	at = str_put(at, STR("Record-Route: <sip:"));
	at = leg_put_sent_by(at, side);
	at = str_put(at, STR(";lr;" SEAL_PARAM "="));
	at += seal_route(w, p, &route, at);
	return str_put(at, STR(">\r\n"));
}

// RFC 3261 §16.6 step 4; two values where the sides differ, by leg or by flow, ours towards the
// callee on top (RFC 5658, RFC 5626 §5.3).
static void edit_record_route(struct worker *w, struct packet *p)
{
	enum { ROOM = 2 * (128 + TOKEN_TEXT_MAX) };
	const struct header *top = message_first(&p->message, HEADER_RECORD_ROUTE);
	const struct addr *to, *from;
	char *text, *at;

	if (!record_routed(p))
		return;
	text = edit_text(&p->edits, ROOM);
	if (text == NULL)
		return;
	to = flow_of_target(p);
	from = flow_of_sender(p);
	at = put_record_route(w, p, p->leg_out, to, text);
	if (p->leg_in != p->leg_out || to != NULL || from != NULL)
		at = put_record_route(w, p, p->leg_in, from, at);
	edit_add(&p->edits, top != NULL ? top->start : after_vias(&p->message), 0,
	        text_end(p, text, at));
}

static struct str route_value(const struct packet *p, unsigned index)
{
	struct value_iter it;

	value_iter_start(&it, &p->message, HEADER_ROUTE);
	while (value_iter_next(&it)) {
		if (it.index == index)
			return it.value;
	}
	return STR_NONE;
}

// RFC 3261 §16.6 step 6: the Request-URI goes behind the last of the Routes left, the first-th to
// the last-th.
static void append_route(struct packet *p, struct str uri, unsigned first, unsigned last)
{
	const char *start = p->message.bytes.p;
	char *text = edit_text(&p->edits, uri.len + 16), *at = text;
	bool none = first > last;

	if (text == NULL)
		return;
	at = str_put(at, none ? STR("Route: <") : STR(", <"));
	at = str_put(at, uri);
	at = str_put(at, none ? STR(">\r\n") : STR(">"));
	edit_add(&p->edits,
	        none ? message_first(&p->message, HEADER_ROUTE)->start
	             : (size_t)(str_end(route_value(p, last - 1)) - start),
	        0, text_end(p, text, at));
}

// The Path of a binding (RFC 3327 §5.1) comes before the Routes that are left.
static void edit_next_route(struct packet *p)
{
	const struct header *top = message_first(&p->message, HEADER_ROUTE);
	char *text, *at;

	if (p->next_route.len == 0)
		return;
	text = edit_text(&p->edits, p->next_route.len + 16);
	if (text == NULL)
		return;
	at = str_put(text, STR("Route: "));
	at = str_put(at, p->next_route);
	at = str_put(at, STR("\r\n"));
	edit_add(&p->edits, top != NULL ? top->start : after_vias(&p->message), 0,
	        text_end(p, text, at));
}

// Request-URI and Route belong together: strict routers before and behind us exchange them.
static void edit_routes(struct packet *p)
{
	struct str uri = p->next_uri.p != NULL ? p->next_uri : p->message.request_uri;
	unsigned first = p->routes_popped + (p->strict_route ? 1u : 0u);
	unsigned end = p->n_routes - (p->last_route_taken ? 1u : 0u);
	struct nameaddr next;

	if (p->strict_route) {
		append_route(p, uri, first + 1, end);
		if (nameaddr_parse(route_value(p, p->routes_popped), &next))
			uri = next.uri;
	}
	if (uri.p != p->message.request_uri.p)
		edit_view(p, p->message.request_uri, uri);
	edit_next_route(p);
	if (first > 0 || p->last_route_taken)
		cut_values(&p->edits, &p->message, HEADER_ROUTE, first,
		        p->last_route_taken ? end : CUT_NO_LAST);
}

// The topmost Via, with its field where it is alone in it.
static void cut_via(struct packet *p)
{
	const struct value_iter *it = &p->vias;
	size_t start = it->field->start;

	if (it->rest.p == NULL)
		edit_add(&p->edits, start, it->field->end - start, STR_NONE);
	else
		edit_view(p, str_from(it->value.p, charset_skip_space(it->rest).p), STR_NONE);
}

// The Via below is of the client we answer: our load is said there, never that of who is behind us.
static void edit_next_oc(struct worker *w, struct packet *p)
{
	struct value_iter it = p->vias;
	struct via next;
	struct oc load;

	if (value_iter_next(&it) && via_parse(it.value, &next))
		oc_edit(&p->edits, p->message.bytes.p, &next,
		        policy_overload_load(w, p->leg_out, &load));
}

// Credentials for our realm are for nobody behind us (RFC 3261 §22.3); those for others are.
static void edit_authorization(struct packet *p)
{
	const struct header *h = message_first(&p->message, HEADER_PROXY_AUTHORIZATION);

	for (; h != NULL && p->realm.len > 0; h = message_next(&p->message, h))
		if (policy_auth_is_ours(p, header_value(&p->message, h)))
			edit_add(&p->edits, h->start, (size_t)(h->end - h->start), STR_NONE);
}

// What is to change. The texts of tokens are filled in later.
static void collect(struct worker *w, struct packet *p)
{
	if (p->message.version_odd_case)
		edit_view(p, p->message.version, STR("SIP/2.0"));
	if (p->message.is_request) {
		edit_via(w, p);
		edit_record_route(w, p);
		edit_limits(p);
		edit_max_breadth(p);
		edit_authorization(p);
		edit_routes(p);
	} else {
		cut_via(p);
		if (p->next_oc)
			edit_next_oc(w, p);
	}
	policy_trust_edit(w, p);
	contact_rewrite(w, p);
	if (p->edits.overflow)
		packet_settle(p, VERDICT_TOO_MANY_EDITS);
	else if (edit_len(&p->edits, p->message.bytes) > REWRITE_BYTES_MAX)
		packet_settle(p, VERDICT_TOO_LARGE);
}

void rewrite_one(struct worker *w, struct packet *p)
{
	seal_requests(w, &p, 1);
	collect(w, p);
	if (!token_seal_all(w->tokens) && p->verdict == VERDICT_NONE)
		packet_settle(p, VERDICT_TOO_MANY_EDITS);
}

// Buffers for a group, before the work on it: another core read them last, and it takes their lines
// as long to come here. Where few are left each message asks for its own.
static void take_buffers(struct worker *w, struct packet *const *group, unsigned n)
{
	struct rte_mbuf *out[REWRITE_GROUP];

	if (!worker_buffer_bulk(w, out, n))
		return;
	for (unsigned i = 0; i < n; i++) {
		// the line before is for the headers
		const char *at = rte_pktmbuf_mtod(out[i], const char *) - RTE_CACHE_LINE_SIZE;

		for (unsigned line = 0; line < REWRITE_LINES; line++)
			rte_prefetch0_write(at + line * RTE_CACHE_LINE_SIZE);
		group[i]->out = out[i];
	}
}

static void write_out(struct worker *w, struct packet *p)
{
	size_t len = edit_len(&p->edits, p->message.bytes);
	char *room;

	if (p->out != NULL && len > w->room) {
		rte_pktmbuf_free(p->out);
		p->out = NULL;
	}
	if (p->out == NULL)
		p->out = worker_buffer(w, len);
	room = p->out != NULL ? rte_pktmbuf_append(p->out, (uint16_t)len) : NULL;
	if (room == NULL)
		packet_settle(p, VERDICT_NO_BUFFER);
	else if (edit_apply(&p->edits, p->message.bytes, room, len) != len)
		packet_settle(p, VERDICT_TOO_MANY_EDITS);
}

static void rewrite_group(struct worker *w, struct packet *const *group, unsigned n)
{
	take_buffers(w, group, n);
	seal_requests(w, group, n);
	for (unsigned i = 0; i < n; i++)
		collect(w, group[i]);
	const bool sealed = token_seal_all(w->tokens);

	for (unsigned i = 0; i < n; i++) {
		struct packet *p = group[i];

		if (p->verdict == VERDICT_NONE && !sealed)
			packet_settle(p, VERDICT_TOO_MANY_EDITS);
		else if (p->verdict == VERDICT_NONE)
			write_out(w, p);
	}
}

void rewrite(struct worker *w, struct burst *b)
{
	for (unsigned i = 0; i < b->n; i += REWRITE_GROUP)
		rewrite_group(w, b->live + i, b->n - i < REWRITE_GROUP ? b->n - i : REWRITE_GROUP);
	burst_settle(b);
}
