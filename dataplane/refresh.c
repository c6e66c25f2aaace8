// A refresh: see refresh.h. Reads the request and the bindings of its AoR; writes the one word that
// holds a binding's time and CSeq (location_refresh), and an event for control's journal.
#include "dataplane/refresh.h"

#include "dataplane/route_way.h"
#include "dataplane/sip/registration.h"
#include "dataplane/sip/response.h"
#include "dataplane/table/binding.h"
#include "dataplane/table/home.h"

enum {
	REFRESH_LINE = 64,  // of a Contact line, besides its texts
	REFRESH_GRUU = 256, // of both GRUUs, besides AoR and instance
	REFRESH_PARAMS = 512,
};

static bool first_contact(const struct packet *p, struct registration_contact *out)
{
	struct value_iter it;

	value_iter_start(&it, &p->message, HEADER_CONTACT);
	if (!value_iter_next(&it) || !registration_contact(it.value, out) || out->name.star)
		return false;
	return !value_iter_next(&it) && !it.bad;
}

static uint32_t granted(const struct packet *p, const struct registration_contact *c)
{
	return home_expires(p->home,
	        c->expires != REGISTRATION_UNSAID ? c->expires : registration_expires(&p->message));
}

// To's AoR when From has the same.
static struct str same_aor(struct packet *p, char out[AOR_MAX])
{
	const struct uri *to = packet_to_uri(p);
	const struct str aor = to != NULL ? aor_write(to, out) : STR_NONE;
	const struct str value = message_value(&p->message, HEADER_FROM);
	char text[AOR_MAX];
	struct nameaddr from;
	struct uri uri;

	if (aor.len == 0 || registration_begins_as(&p->to, value))
		return aor;
	if (!nameaddr_parse(value, &from) || !uri_parse(from.uri, &uri) ||
	        !str_eq(aor, aor_write(&uri, text)))
		return STR_NONE;
	return aor;
}

struct str refresh_asks(
        const struct worker *w, struct packet *p, const struct home *home, char out[AOR_MAX])
{
	struct str aor;

	if ((home->flags & HOME_REFRESH) == 0 || w->location == NULL || w->event == NULL ||
	        !w->control_lives || message_first(&p->message, HEADER_CONTACT) == NULL ||
	        message_first(&p->message, HEADER_REQUIRE) != NULL ||
	        message_first(&p->message, HEADER_PATH) != NULL)
		return STR_NONE;
	aor = same_aor(p, out);
	if (aor.len == 0 ||
	        home_of(&w->config->view, route_way_domain(w, packet_to_uri(p))) != home)
		return STR_NONE;
	return aor;
}

static bool same_params(const struct location_contact *c, const struct registration_contact *asked)
{
	char text[REFRESH_PARAMS];
	struct writer out = {text, text + sizeof(text), false};

	registration_params(asked, &out);
	return !out.full && str_eq(c->params, str_from(text, out.at));
}

static bool unchanged(const struct packet *p, const struct registration_contact *asked,
        const struct location_contact *c)
{
	return str_eq(c->uri, asked->uri.all) && str_eq(c->call_id, p->call_id) &&
	       c->cseq < p->cseq.number && addr_eq(&c->received, &p->src) &&
	       c->leg == p->leg_in->id && c->q == asked->q && c->path.len == 0 &&
	       str_eq(c->instance, asked->instance) && c->methods == asked->methods &&
	       c->reg_id == asked->reg_id && c->reg_id == 0 && same_params(c, asked);
}

static bool wants_gruu(const struct packet *p)
{
	return registration_has_tag(&p->message, HEADER_SUPPORTED, STR("gruu"));
}

// The answer must not be longer than replies may be.
static bool answer_fits(const struct packet *p, const struct location_contact *c, int n)
{
	const bool gruu = wants_gruu(p);
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		len += c[i].uri.len + c[i].instance.len + c[i].params.len + REFRESH_LINE;
		if (gruu && c[i].instance.len > 0)
			len += c[i].instance.len + c[i].aor.len + REFRESH_GRUU;
	}
	return len <= p->bytes.len;
}

bool refresh(struct worker *w, struct packet *p)
{
	struct location_contact found[LOCATION_CONTACTS_MAX];
	struct registration_contact asked;
	struct ring_event *event;
	uint32_t seconds, until;
	int n, at = 0;

	if (!first_contact(p, &asked))
		return false;
	seconds = granted(p, &asked);
	n = location_lookup(
	        w->location, &p->aor, w->now_s, found, LOCATION_CONTACTS_MAX, w->scratch);
	while (at < n && !unchanged(p, &asked, &found[at]))
		at++;
	if (seconds == 0 || at >= n || !answer_fits(p, found, n))
		return false;
	event = ring_reserve(w->event, sizeof(*event));
	until = w->now_s + seconds;
	if (event == NULL || !location_refresh(w->location, &p->aor, found[at].uri,
	                             found[at].call_id, p->cseq.number, until))
		return false; // a reservation is nothing until it is published
	*event = (struct ring_event){.kind = EVENT_REFRESHED,
	        .addr = p->src,
	        .key = {p->aor.h[0], p->aor.h[1]},
	        .contact = binding_id(&found[at]),
	        .expires_s = until,
	        .cseq = p->cseq.number};
	ring_publish(w->event, sizeof(*event));
	return true;
}

void refresh_write(struct worker *w, const struct packet *p, struct writer *out)
{
	const struct str route = home_service_route(&w->config->view, p->home);
	struct location_contact found[LOCATION_CONTACTS_MAX];
	const int n = location_lookup(
	        w->location, &p->aor, w->now_s, found, LOCATION_CONTACTS_MAX, w->scratch);

	if (route.len > 0)
		response_write_field(out, HEADER_SERVICE_ROUTE, route, STR_NONE);
	response_write_date(out, w->unix_s);
	for (int i = 0; i < n; i++)
		binding_write(out, &found[i], w->now_s, wants_gruu(p) ? w->tokens : NULL);
}
