// Route information preprocessing (RFC 3261 §16.4): undoes what we and strict routers did to Route
// and Request-URI.
#include "dataplane/route_way.h"

#include "dataplane/contact.h"
#include "dataplane/recall.h"
#include "dataplane/seal.h"
#include "dataplane/sip/charset.h"
#include "dataplane/table/home.h"

const struct domain *route_way_domain(const struct worker *w, const struct uri *u)
{
	char text[ADDR_TEXT_MAX];
	struct addr addr = u->addr;
	struct str host = u->host, maddr;

	if (u->params.len > 0 && uri_param(u, STR("maddr"), &maddr)) {
		host = maddr;
		if (!charset_host(host, &addr))
			return NULL;
	}
	if (addr.family == ADDR_IPV6) {
		addr.port = 0;
		host = (struct str){text, addr_format(&addr, text)};
	}
	return recall_domain(w, host);
}

// Ours by address, or by the name of a domain whose users register here: phones put that into Route
// as their outbound proxy.
static bool is_own_route(const struct worker *w, const struct uri *u)
{
	return seal_own_uri(w, u, NULL) ||
	       home_of(&w->config->view, route_way_domain(w, u)) != NULL;
}

static enum verdict refuse_token(struct worker *w)
{
	w->delta.count[STATS_TOKEN_REFUSED]++;
	return VERDICT_BAD_TOKEN;
}

static bool last_route(const struct packet *p, struct nameaddr *out)
{
	struct value_iter it;
	struct str last = STR_NONE;

	value_iter_start(&it, &p->message, HEADER_ROUTE);
	while (value_iter_next(&it))
		last = it.value;
	return nameaddr_parse(last, out);
}

// A token in a Route (or in a Request-URI that was one) proves the dialog and names the leg.
static void take_route_token(
        struct worker *w, struct packet *p, struct route_way *way, const struct token *t)
{
	p->in_dialog = true;
	way->leg = leg_by_id(&w->config->view, t->leg_out);
	way->flow = t->addr;
}

// The Request-URI as it is to be understood from here on.
static bool take_uri(const struct worker *w, struct route_way *way, struct str text)
{
	if (!uri_parse(text, &way->undone))
		return false;
	way->uri = &way->undone;
	way->uri_own = seal_own_uri(w, way->uri, NULL);
	return true;
}

// The Request-URI is what we wrote into Record-Route: a strict router put it there, and the real
// one at the end of Route.
static enum verdict undo_strict(struct worker *w, struct packet *p, struct route_way *way)
{
	struct nameaddr last;
	struct token t;
	enum seal_found found;

	if (!way->uri_own || p->n_routes == 0)
		return VERDICT_NONE;
	found = seal_open_route(w, p, way->uri, &t);
	if (found != SEAL_OPEN && (found == SEAL_FORGED || way->uri->user.len > 0 ||
	                                  !uri_param(way->uri, STR("lr"), NULL)))
		return VERDICT_NONE;
	if (!last_route(p, &last) || !take_uri(w, way, last.uri))
		return VERDICT_BAD_ROUTE;
	if (found == SEAL_OPEN)
		take_route_token(w, p, way, &t);
	p->last_route_taken = true;
	p->next_uri = way->uri->all;
	return VERDICT_NONE;
}

// ";maddr=" that names us: it brought the request here, no more (with the port and transport that
// went with it).
static enum verdict strip_maddr(struct worker *w, struct packet *p, struct route_way *way)
{
	struct str host, text;
	struct addr addr = {0};
	char *place;
	struct params_iter it;
	struct param param;
	size_t n;

	if (way->uri->params.len == 0 || !uri_param(way->uri, STR("maddr"), &host) ||
	        !charset_host(host, &addr) ||
	        !leg_is_own(&w->config->view, &addr, host, way->uri->port, TRANSPORT_UDP, NULL) ||
	        (uri_transport(way->uri) != TRANSPORT_NONE &&
	                uri_transport(way->uri) != TRANSPORT_UDP))
		return VERDICT_NONE;
	text = way->uri->all;
	place = edit_text(&p->edits, text.len);
	if (place == NULL)
		return VERDICT_TOO_MANY_EDITS;
	n = (size_t)(str_end(way->uri->host) - text.p);
	memcpy(place, text.p, n);
	it = params_start(way->uri->params, PARAMS_URI);
	while (params_next(&it, &param)) {
		if (str_eq_nocase(param.name, STR("maddr")) ||
		        str_eq_nocase(param.name, STR("transport")))
			continue;
		memcpy(place + n, param.all.p, param.all.len);
		n += param.all.len;
	}
	p->next_uri = edit_text_end(&p->edits, place, n);
	return take_uri(w, way, p->next_uri) ? VERDICT_NONE : VERDICT_BAD_URI;
}

// A Contact we hid comes back as Request-URI.
static enum verdict restore_contact(struct worker *w, struct packet *p, struct route_way *way)
{
	struct token t;
	struct str cut;
	enum seal_found found;

	if (!way->uri_own)
		return VERDICT_NONE;
	found = seal_open_contact(w, way->uri, &t, &cut);
	if (found == SEAL_ABSENT)
		return VERDICT_NONE;
	if (found == SEAL_FORGED)
		return refuse_token(w);
	p->next_uri = contact_restored(&p->edits, way->uri, &t, cut);
	if (p->next_uri.p == NULL)
		return VERDICT_TOO_MANY_EDITS;
	if (!take_uri(w, way, p->next_uri))
		return VERDICT_BAD_TOKEN;
	p->in_dialog = true;
	way->leg = leg_by_id(&w->config->view, t.leg_in);
	return VERDICT_NONE;
}

// Own Routes off the top; the first that is not ours is the next hop.
static enum verdict pop_routes(struct worker *w, struct packet *p, struct route_way *way)
{
	unsigned left = p->n_routes - (p->last_route_taken ? 1u : 0u);
	struct nameaddr route;
	struct value_iter it;
	struct token t;

	if (left == 0)
		return VERDICT_NONE;
	value_iter_start(&it, &p->message, HEADER_ROUTE);
	for (; left > 0 && value_iter_next(&it); left--) {
		if (!nameaddr_parse(it.value, &route) || !uri_parse(route.uri, &way->next))
			return VERDICT_BAD_ROUTE;
		way->has_next = !is_own_route(w, &way->next);
		if (way->has_next)
			break;
		p->routes_popped++;
		switch (seal_open_route(w, p, &way->next, &t)) {
		case SEAL_FORGED:
			return refuse_token(w);
		case SEAL_OPEN:
			take_route_token(w, p, way, &t);
			break;
		case SEAL_ABSENT:
			break;
		}
	}
	// RFC 3261 §16.6 step 6
	p->strict_route = way->has_next && !uri_param(&way->next, STR("lr"), NULL);
	return VERDICT_NONE;
}

enum verdict route_way(struct worker *w, struct packet *p, struct route_way *way)
{
	enum verdict v;

	way->uri = &p->uri;
	way->uri_own = seal_own_uri(w, way->uri, NULL);
	way->has_next = false;
	way->leg = NULL;
	way->flow = (struct addr){0};
	v = undo_strict(w, p, way);
	if (v == VERDICT_NONE)
		v = strip_maddr(w, p, way);
	if (v == VERDICT_NONE)
		v = pop_routes(w, p, way);
	if (v == VERDICT_NONE)
		v = restore_contact(w, p, way);
	return v;
}
