// Parse: what a datagram is, and the fields every later stage needs. Reads bytes, src and leg_in;
// fills message, fault, via, cseq, from, to, call_id, tags, uri, max_forwards and n_routes. A fault
// settles the packet, with what could be understood left for reply(). Never copies, never looks
// where it goes.
#include "dataplane/proxy.h"

#include "dataplane/seal.h"
#include "dataplane/sip/charset.h"
#include "dataplane/stun.h"
#include "dataplane/table/home.h"

enum { PARSE_METHOD_MAX = 64 }; // of methods nobody knows

static bool is_keepalive(struct str s)
{
	size_t i = 0;

	while (i < s.len && (s.p[i] == '\r' || s.p[i] == '\n'))
		i++;
	if (i == 0) {
		while (i < s.len && s.p[i] == '\0')
			i++;
	}
	return i == s.len;
}

static enum verdict fault_verdict(enum message_fault f)
{
	switch (f) {
	case MESSAGE_NONE:
		return VERDICT_NONE;
	case MESSAGE_NOT_SIP:
		return VERDICT_NOT_SIP;
	case MESSAGE_VERSION:
		return VERDICT_BAD_VERSION;
	case MESSAGE_TOO_LARGE:
		return VERDICT_TOO_LARGE;
	case MESSAGE_DUPLICATE:
		return VERDICT_DUPLICATE_HEADER;
	case MESSAGE_MISSING:
		return VERDICT_MISSING_HEADER;
	case MESSAGE_CONTENT_LENGTH:
		return VERDICT_BAD_LENGTH;
	default:
		return VERDICT_BAD_MESSAGE;
	}
}

// The topmost Via, also of a message with another fault: a reply needs it.
static bool parse_via(struct packet *p)
{
	value_iter_start(&p->vias, &p->message, HEADER_VIA);
	if (value_iter_next(&p->vias) && via_parse(p->vias.value, &p->via))
		return true;
	memset(&p->via, 0, sizeof(p->via));
	return false;
}

static bool parse_from_to(struct packet *p)
{
	struct nameaddr from;
	bool ok = nameaddr_parse(message_value(&p->message, HEADER_FROM), &from) && !from.star;

	if (ok)
		p->from_tag = from.tag;
	if (nameaddr_parse(message_value(&p->message, HEADER_TO), &p->to) && !p->to.star) {
		p->to_tag = p->to.tag;
		return ok;
	}
	memset(&p->to, 0, sizeof(p->to));
	return false;
}

static bool parse_max_forwards(struct packet *p)
{
	const struct header *h = message_first(&p->message, HEADER_MAX_FORWARDS);
	uint64_t n;

	p->max_forwards = -1;
	if (h == NULL)
		return true;
	if (!str_decimal(header_value(&p->message, h), 255, &n))
		return false;
	p->max_forwards = (int)n;
	return true;
}

// Any number of digits is one (RFC 5393 §5.3.1); what the leg allows is enough to know.
static bool parse_max_breadth(struct packet *p)
{
	const struct header *h = message_first(&p->message, HEADER_MAX_BREADTH);
	struct str s;
	int n = 0;

	p->max_breadth = -1;
	if (h == NULL || p->leg_in->max_breadth == 0)
		return true;
	s = header_value(&p->message, h);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n > UINT8_MAX ? n : 10 * n + (s.p[i] - '0');
	}
	p->max_breadth = n;
	return s.len > 0;
}

static bool parse_routes(struct packet *p)
{
	struct nameaddr route;
	struct value_iter it;

	if (message_first(&p->message, HEADER_ROUTE) == NULL)
		return true;
	value_iter_start(&it, &p->message, HEADER_ROUTE);
	while (value_iter_next(&it)) {
		if (!nameaddr_parse(it.value, &route) || !route.bracketed)
			return false;
		p->n_routes++;
	}
	return !it.bad;
}

// Only where they may be rewritten: to others Contact is opaque.
static bool contacts_ok(struct packet *p)
{
	struct nameaddr other;
	struct value_iter it;

	if ((p->leg_in->flags & (LEG_CONTACT_PARAM | LEG_CONTACT_USER)) == 0 ||
	        message_first(&p->message, HEADER_CONTACT) == NULL)
		return true;
	value_iter_start(&it, &p->message, HEADER_CONTACT);
	while (value_iter_next(&it)) {
		if (!nameaddr_parse(it.value, it.index == 0 ? &p->contact : &other))
			return false;
	}
	return !it.bad;
}

// More than the cookie, and in a request room for what is noted there.
static bool top_via_ok(const struct via *v, bool is_request)
{
	return !str_eq_nocase(v->branch, STR(SEAL_COOKIE)) &&
	       (!is_request || v->n_params <= PARAMS_MAX - PARAMS_OWN);
}

// First what a reply is made of, each for itself; then the rest.
static enum verdict parse_fields(struct packet *p)
{
	struct message *m = &p->message;
	bool via_ok = parse_via(p), from_to_ok = parse_from_to(p);
	bool cseq_ok = cseq_parse(message_value(m, HEADER_CSEQ), &p->cseq);

	if (!cseq_ok)
		memset(&p->cseq, 0, sizeof(p->cseq));
	p->call_id = message_value(m, HEADER_CALL_ID);
	if (p->fault != MESSAGE_NONE)
		return fault_verdict(p->fault);
	if (!via_ok || !top_via_ok(&p->via, m->is_request))
		return VERDICT_BAD_VIA;
	if (!from_to_ok)
		return VERDICT_BAD_FROM_TO;
	if (!cseq_ok)
		return VERDICT_BAD_CSEQ;
	if (m->method_name.len > PARSE_METHOD_MAX)
		return VERDICT_UNKNOWN_METHOD;
	if (m->is_request && !str_eq(p->cseq.method_name, m->method_name))
		return m->method == METHOD_OTHER ? VERDICT_UNKNOWN_METHOD : VERDICT_BAD_CSEQ;
	if (!charset_is_visible(p->call_id))
		return VERDICT_BAD_MESSAGE;
	p->understood = true;
	if (m->is_request) {
		if (!uri_parse(m->request_uri, &p->uri) ||
		        (p->uri.headers.len > 0 && p->uri.scheme != URI_OTHER))
			return VERDICT_BAD_URI;
		if (!parse_max_forwards(p) || !parse_max_breadth(p))
			return VERDICT_BAD_MESSAGE;
		if (!parse_routes(p))
			return VERDICT_BAD_ROUTE;
	}
	return contacts_ok(p) ? VERDICT_NONE : VERDICT_BAD_ROUTE;
}

// What is known to be no message without taking it apart.
static enum verdict look_at(struct str bytes)
{
	if (is_keepalive(bytes))
		return VERDICT_KEEPALIVE;
	if (stun_is_request(bytes))
		return VERDICT_STUN;
	return message_is_noise(bytes) ? VERDICT_NOT_SIP : VERDICT_NONE;
}

void parse_one(struct worker *w, struct packet *p)
{
	enum verdict v = look_at(p->bytes);

	if (v != VERDICT_NOT_SIP) // else nothing of it is looked at again
		packet_clear(p);
	if (v != VERDICT_NONE) {
		packet_settle(p, v);
		return;
	}
	p->fault = message_parse(p->bytes, &p->message, NULL);
	if (p->fault == MESSAGE_NOT_SIP) {
		packet_settle(p, VERDICT_NOT_SIP);
		return;
	}
	v = parse_fields(p);
	if (v != VERDICT_NONE) {
		packet_settle(p, p->message.is_request ? v : VERDICT_BAD_RESPONSE);
		return;
	}
	w->delta.count[p->message.is_request ? STATS_REQUESTS : STATS_RESPONSES]++;
}

void parse(struct worker *w, struct burst *b)
{
	const bool pings =
	        w->area != NULL && w->config != NULL && home_pings(&w->config->view) != 0;

	for (uint16_t i = 0; i < b->n; i++) {
		if (pings) // who speaks is not pinged
			heard_note(&w->area->heard, &b->live[i]->src, w->now_s);
		parse_one(w, b->live[i]);
	}
	burst_settle(b);
}
