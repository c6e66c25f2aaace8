// Where a request for one of our users goes: to the best of his bindings (RFC 3261 §16.5), by its
// Path (RFC 3327), to the address and by the leg it was registered from where a NAT or a flow wants
// that. Also decides which REGISTERs go to control. Reads the table of bindings; fills next_uri,
// next_route, target, leg_out, hop. Of several bindings of equal q the newest gets the request.
#include "dataplane/route.h"

#include "dataplane/refresh.h"
#include "dataplane/route_way.h"
#include "dataplane/sip/aor.h"
#include "dataplane/sip/charset.h"
#include "dataplane/table/auth.h"
#include "dataplane/table/gruu.h"
#include "dataplane/table/home.h"
#include "dataplane/table/user.h"
#include "dataplane/target.h"

// Whose bindings are wanted (not by a REGISTER): the Request-URI's, or what its GRUU stands for.
static struct str aor_wanted(struct worker *w, const struct uri *u, char text[AOR_MAX])
{
	struct gruu g;

	switch (gruu_open(w->tokens, u, &g)) {
	case GRUU_FORGED:
		w->delta.count[STATS_TOKEN_REFUSED]++;
		return STR_NONE;
	case GRUU_TEMPORARY:
		memcpy(text, g.aor, g.aor_len);
		return (struct str){text, g.aor_len};
	case GRUU_ABSENT:
	case GRUU_PUBLIC:
		break;
	}
	return aor_write(u, text);
}

enum verdict route_binding_ask(
        struct worker *w, struct packet *p, const struct home *home, const struct uri *u)
{
	const bool registers = p->message.method == METHOD_REGISTER;
	char text[AOR_MAX];
	struct str aor;

	// It found its way here past what policy took it for (maddr, a strict router, Route).
	if (registers && p->realm.len == 0 &&
	        (p->leg_in->flags & (LEG_AUTH_REGISTER | LEG_AUTH_ALL)) != 0)
		return VERDICT_REJECTED;
	if (!registers && u->user.len == 0)
		return p->message.method == METHOD_OPTIONS ? VERDICT_OPTIONS : VERDICT_NO_USER;
	if (w->location == NULL)
		return VERDICT_REGISTRAR_BUSY;
	aor = registers ? refresh_asks(w, p, home, text) : aor_wanted(w, u, text);
	if (aor.len == 0)
		return registers ? VERDICT_REGISTER : VERDICT_NO_USER;
	location_make_key(w->location, aor, &p->aor);
	p->home = home;
	p->finding = true;
	return VERDICT_NONE;
}

static bool first_path(struct str path, struct addr *out)
{
	struct nameaddr n;
	struct uri u;
	size_t end = 0;

	// One Route value is "<...>" and perhaps parameters: a comma inside <> is the URI's.
	end = str_find(path, '>');
	end += str_find(str_skip(path, end), ',');
	return nameaddr_parse(str_head(path, end), &n) && uri_parse(n.uri, &u) &&
	       uri_target(&u, out);
}

// The texts of a binding may lie in the worker's scratch, which the next lookup overwrites.
static struct str keep(struct worker *w, struct packet *p, struct str s)
{
	if (s.p < w->scratch || s.p >= w->scratch + sizeof(w->scratch))
		return s;
	return edit_copy(&p->edits, s);
}

// A Contact may have what a Request-URI must not: headers, and a method (RFC 3261 §19.1.1 table 1,
// §16.6 step 2).
static struct str request_uri(struct packet *p, struct str contact)
{
	const struct str method = STR(";method=");
	struct params_iter it;
	struct param param;
	struct uri u;
	char *place;
	size_t n;

	n = str_find(contact, ';');
	while (n < contact.len &&
	        !str_eq_nocase(str_head(str_skip(contact, n), method.len), method))
		n += 1 + str_find(str_skip(contact, n + 1), ';');
	if ((n >= contact.len && str_find(contact, '?') == contact.len) || !uri_parse(contact, &u))
		return contact;
	place = edit_text(&p->edits, contact.len);
	if (place == NULL)
		return STR_NONE;
	n = (size_t)(str_end(u.hostport) - contact.p);
	memcpy(place, contact.p, n);
	it = params_start(u.params, PARAMS_URI);
	while (params_next(&it, &param)) {
		if (str_eq_nocase(param.name, STR("method")))
			continue;
		memcpy(place + n, param.all.p, param.all.len);
		n += param.all.len;
	}
	return edit_text_end(&p->edits, place, n);
}

static enum verdict to_binding(struct worker *w, struct packet *p, const struct location_contact *c)
{
	const struct leg *leg = leg_by_id(&w->config->view, c->leg);
	struct uri u;

	if (leg == NULL)
		return VERDICT_NO_TRANSPORT;
	p->next_uri = request_uri(p, keep(w, p, c->uri));
	p->next_route = keep(w, p, c->path);
	if (p->edits.overflow)
		return VERDICT_TOO_MANY_EDITS;
	p->target = c->received;
	p->flow_out = c->path.len == 0 && (c->flags & (LOCATION_NAT | LOCATION_OUTBOUND)) != 0;
	if (c->path.len > 0 && (c->flags & LOCATION_NAT) == 0)
		(void)first_path(c->path, &p->target);
	else if ((c->flags & (LOCATION_NAT | LOCATION_OUTBOUND)) == 0 &&
	         (!uri_parse(c->uri, &u) || !uri_target(&u, &p->target)))
		p->target = c->received;
	if (p->target.family == ADDR_NONE)
		p->target = c->received;
	return target_settle(w, p, leg);
}

// What the request is for, and how its bindings are told.
struct wanted {
	const struct uri *uri;
	enum gruu_found kind;
	struct gruu gruu;
};

// The first that a worker can send to. VERDICT_NONE with *out, or why there is none.
static enum verdict choose(const struct worker *w, const struct location_contact *c, int n,
        const struct wanted *want, const struct location_contact **out)
{
	enum verdict why = VERDICT_NOT_REGISTERED;

	for (int i = 0; i < n; i++) {
		if (!gruu_is(want->kind, &want->gruu, &c[i]))
			continue;
		*out = &c[i];
		if (c[i].transport != TRANSPORT_UDP)
			why = VERDICT_NO_TRANSPORT;
		else if (leg_by_id(&w->config->view, c[i].leg) != NULL)
			return VERDICT_NONE;
		else // RFC 5626 §5.3.1: another flow of the instance may be left
			why = (c[i].flags & LOCATION_OUTBOUND) != 0 ? VERDICT_FLOW_FAILED
			                                            : VERDICT_NO_TRANSPORT;
	}
	return why;
}

// Nobody registered: is there such a user at all?
static enum verdict who_is(const struct worker *w, const struct uri *u)
{
	const struct table_view *v = &w->config->view;
	const struct domain *d = route_way_domain(w, u);
	struct str realm = auth_realm(v);

	if (w->users == NULL || d == NULL)
		return VERDICT_NO_USER;
	if (realm.len == 0)
		realm = domain_name(v, d);
	return user_known(&w->users->view, u->user, realm) ? VERDICT_NOT_REGISTERED
	                                                   : VERDICT_NO_USER;
}

static enum verdict find_best(struct worker *w, struct packet *p)
{
	struct uri undone;
	struct location_contact found[LOCATION_CONTACTS_MAX];
	const struct location_contact *best;
	struct wanted want;
	enum verdict v;
	int n;

	want.uri = &p->uri;
	if (p->next_uri.p != NULL) {
		if (!uri_parse(p->next_uri, &undone))
			return VERDICT_BAD_URI;
		want.uri = &undone;
	}
	want.kind = gruu_open(w->tokens, want.uri, &want.gruu);
	// Nearly always the best is the one: the others need not be read.
	n = location_lookup(w->location, &p->aor, w->now_s, found,
	        want.kind == GRUU_ABSENT ? 1 : LOCATION_CONTACTS_MAX, w->scratch);
	if (n < 0)
		return want.kind == GRUU_TEMPORARY ? VERDICT_NOT_REGISTERED : who_is(w, want.uri);
	v = choose(w, found, n, &want, &best);
	if (v != VERDICT_NONE && n > 0 && want.kind == GRUU_ABSENT) {
		n = location_lookup(
		        w->location, &p->aor, w->now_s, found, LOCATION_CONTACTS_MAX, w->scratch);
		v = choose(w, found, n, &want, &best);
	}
	return v == VERDICT_NONE ? to_binding(w, p, best) : v;
}

enum verdict route_binding_find(struct worker *w, struct packet *p)
{
	if (p->message.method == METHOD_REGISTER)
		return refresh(w, p) ? VERDICT_REFRESHED : VERDICT_REGISTER;
	return find_best(w, p);
}
