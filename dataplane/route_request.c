// Where a request goes (RFC 3261 §16.5, §16.6 steps 6 and 7): the next Route, else the Request-URI
// by hidden Contact, domain, number prefix, or as it stands in a dialog of ours. First that knows
// it wins.
#include "dataplane/route.h"

#include "dataplane/route_way.h"
#include "dataplane/seal.h"
#include "dataplane/sip/charset.h"
#include "dataplane/table/home.h"
#include "dataplane/table/prefix.h"
#include "dataplane/target.h"

static enum verdict to_group(
        struct worker *w, struct packet *p, uint16_t index, const struct route_way *way)
{
	const struct table_view *v = &w->config->view;
	const struct group *g = (const struct group *)v->rows[TABLE_GROUPS] + index;
	const struct member *m =
	        group_pick(v, g, hash_13(w->config->tag_key, p->call_id.p, p->call_id.len));
	const struct leg *leg = way->leg;

	if (m == NULL)
		return VERDICT_NO_MEMBER;
	if (m->transport != TRANSPORT_UDP)
		return VERDICT_NO_TRANSPORT;
	p->target = m->addr;
	if (g->leg != LEG_NONE) {
		leg = leg_by_id(v, g->leg);
		if (leg == NULL)
			return VERDICT_NO_TRANSPORT;
	}
	return target_settle(w, p, leg);
}

// To the URI's own host, which must be an address.
static enum verdict to_host(
        struct worker *w, struct packet *p, const struct uri *u, const struct route_way *way)
{
	enum transport t = uri_transport(u);
	struct str maddr;

	p->target = u->addr;
	if (uri_param(u, STR("maddr"), &maddr) && (!charset_host(maddr, &p->target)))
		return VERDICT_UNRESOLVED;
	if (p->target.family == ADDR_NONE)
		return VERDICT_UNRESOLVED;
	if (u->scheme != URI_SIP || (t != TRANSPORT_NONE && t != TRANSPORT_UDP))
		return VERDICT_NO_TRANSPORT;
	p->target.port = u->port != 0 ? u->port : transport_port(TRANSPORT_UDP);
	return target_settle(w, p, way->leg);
}

// On the flow of a phone (RFC 5626 §5.3.2), whatever its Contact says.
static enum verdict to_flow(struct worker *w, struct packet *p, const struct route_way *way)
{
	if (way->leg == NULL)
		return VERDICT_FLOW_FAILED;
	p->target = way->flow;
	p->flow_out = true;
	return target_settle(w, p, way->leg);
}

static enum verdict to_prefix(struct worker *w, struct packet *p, const struct route_way *way)
{
	uint16_t group = prefix_lookup(&w->config->view, way->uri->user);

	return group == PREFIX_NONE ? VERDICT_NOT_FOUND : to_group(w, p, group, way);
}

// As the domain's row says; `u` is the URI whose host it is.
static enum verdict to_domain(struct worker *w, struct packet *p, const struct domain *d,
        const struct uri *u, const struct route_way *way)
{
	switch ((enum domain_action)d->action) {
	case DOMAIN_GROUP:
		return to_group(w, p, d->group, way);
	case DOMAIN_PREFIX:
		return to_prefix(w, p, way);
	case DOMAIN_FORWARD:
		return to_host(w, p, u, way);
	case DOMAIN_REJECT:
		p->reply_status = d->status;
		return VERDICT_REJECTED;
	case DOMAIN_REGISTRAR:
		return route_binding_ask(w, p, home_of(&w->config->view, d), u);
	}
	return VERDICT_NOT_FOUND;
}

// Whether the URI says an address to send to: its host, or the maddr that stands for it.
static bool has_address(const struct uri *u)
{
	struct addr addr = u->addr;
	struct str maddr;

	if (uri_param(u, STR("maddr"), &maddr) && !charset_host(maddr, &addr))
		return false;
	return addr.family != ADDR_NONE;
}

// A Route that is not ours. Addresses nobody vouches for (no dialog of ours, no row, a leg that is
// not trusted) are not served: that would let anybody reach anything behind us (RELIABILITY A15).
static enum verdict to_route(struct worker *w, struct packet *p, const struct route_way *way)
{
	const struct domain *d;

	if (way->next.scheme == URI_SIPS)
		return VERDICT_NO_TRANSPORT;
	if (way->next.scheme != URI_SIP)
		return VERDICT_BAD_ROUTE;
	if (has_address(&way->next) && (p->in_dialog || (p->leg_in->flags & LEG_TRUSTED) != 0))
		return to_host(w, p, &way->next, way);
	d = route_way_domain(w, &way->next);
	if (d != NULL)
		return to_domain(w, p, d, &way->next, way);
	return has_address(&way->next) ? VERDICT_REJECTED : VERDICT_UNRESOLVED;
}

// A telephone number, as far as prefixes are concerned.
static bool is_number(struct str user)
{
	bool digit = false;

	for (size_t i = 0; i < user.len; i++) {
		if (char_is_digit(user.p[i]))
			digit = true;
		else if (memchr("+*#-.()", user.p[i], 7) == NULL)
			return false;
	}
	return digit;
}

static bool is_phone(const struct uri *u)
{
	struct str user;

	return u->scheme == URI_TEL ||
	       (uri_param(u, STR("user"), &user) && str_eq_nocase(user, STR("phone")));
}

// By the Request-URI alone.
static enum verdict to_request_uri(struct worker *w, struct packet *p, const struct route_way *way)
{
	const struct table_view *v = &w->config->view;
	const struct uri *u = way->uri;
	const struct domain *d = NULL;
	struct uri to;
	uint16_t group;

	if (u->scheme == URI_OTHER)
		return VERDICT_BAD_SCHEME;
	if (way->flow.family != ADDR_NONE && !way->uri_own)
		return to_flow(w, p, way);
	if (p->in_dialog && u->addr.family != ADDR_NONE && !way->uri_own)
		return to_host(w, p, u, way);
	if (u->scheme != URI_TEL)
		d = route_way_domain(w, u);
	if (d != NULL)
		return to_domain(w, p, d, u, way);
	// Phones that know us by address register there; To says which domain.
	if (way->uri_own && p->message.method == METHOD_REGISTER && uri_parse(p->to.uri, &to) &&
	        (d = route_way_domain(w, &to)) != NULL && d->action == DOMAIN_REGISTRAR)
		return to_domain(w, p, d, u, way);
	if (way->uri_own || is_phone(u)) {
		group = prefix_lookup(v, u->user);
		if (group != PREFIX_NONE)
			return to_group(w, p, group, way);
	}
	if (way->uri_own && p->message.method == METHOD_OPTIONS && !is_number(u->user))
		return VERDICT_OPTIONS;
	// A name only the DNS knows is not what `default` was said for.
	if (p->in_dialog && !way->uri_own && u->scheme == URI_SIP)
		return VERDICT_UNRESOLVED;
	d = domain_default(v);
	return d != NULL ? to_domain(w, p, d, u, way) : VERDICT_NOT_FOUND;
}

enum verdict route_request(struct worker *w, struct packet *p)
{
	struct route_way way;
	enum verdict v = route_way(w, p, &way);

	if (v != VERDICT_NONE)
		return v;
	// RFC 3261 §26.2.2: a sips URI is reached over TLS only, hop by hop.
	if (way.uri->scheme == URI_SIPS)
		return VERDICT_BAD_SCHEME;
	return way.has_next ? to_route(w, p, &way) : to_request_uri(w, p, &way);
}
