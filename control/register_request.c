// Takes a REGISTER apart. The worker looked at its syntax already, as far as a proxy must; nothing
// here relies on that: the ring is shared memory.
#include "control/register_request.h"

#include "dataplane/sip/charset.h"
#include "dataplane/sip/writer.h"

static bool refuse(struct register_request *q, uint16_t status, struct str reason)
{
	q->answer = (struct register_answer){.status = status, .reason = reason};
	return false;
}

static bool parse_head(struct register_request *q, struct str bytes)
{
	const enum message_fault fault = message_parse(bytes, &q->message, NULL);
	struct value_iter vias;

	if (fault == MESSAGE_NOT_SIP)
		return false;
	value_iter_start(&vias, &q->message, HEADER_VIA);
	if (!value_iter_next(&vias) || !via_parse(vias.value, &q->via)) {
		q->via = (struct via){0};
		return false;
	}
	for (q->n_vias = 1; value_iter_next(&vias); q->n_vias++)
		;
	q->call_id = message_value(&q->message, HEADER_CALL_ID);
	if (!nameaddr_parse(message_value(&q->message, HEADER_TO), &q->to))
		q->to = (struct nameaddr){0};
	if (!nameaddr_parse(message_value(&q->message, HEADER_FROM), &q->from))
		q->from = (struct nameaddr){0};
	if (fault != MESSAGE_NONE)
		return refuse(q, message_fault_status(fault), message_fault_text(fault));
	if (!q->message.is_request || q->message.method != METHOD_REGISTER ||
	        !cseq_parse(message_value(&q->message, HEADER_CSEQ), &q->cseq) ||
	        q->cseq.method != METHOD_REGISTER)
		return refuse(q, 400, STR("Bad CSeq"));
	return true;
}

// The option tags of Require that are not known here, and whether there were any (RFC 3261
// §8.2.2.3).
static bool check_require(struct register_request *q)
{
	static const struct str known[] = {{"path", 4}, {"outbound", 8}, {"gruu", 4}};
	struct writer out = {
	        q->unsupported_text, q->unsupported_text + sizeof(q->unsupported_text), false};
	struct value_iter it;

	value_iter_start(&it, &q->message, HEADER_REQUIRE);
	while (value_iter_next(&it)) {
		bool found = false;

		for (unsigned i = 0; i < 3; i++)
			found = found || str_eq_nocase(it.value, known[i]);
		if (found)
			continue;
		if (charset_span(it.value, CHARSET_TOKEN) != it.value.len)
			return refuse(q, 400, STR("Bad Require"));
		if (out.at != q->unsupported_text)
			writer_str(&out, STR(", "));
		writer_str(&out, it.value);
	}
	if (it.bad)
		return refuse(q, 400, STR("Bad Require"));
	if (out.at == q->unsupported_text)
		return true;
	refuse(q, 420, STR_NONE);
	q->answer.unsupported = str_from(q->unsupported_text, out.at);
	return false;
}

static const struct domain *domain_of(const struct table_view *v, const struct uri *u)
{
	char text[ADDR_TEXT_MAX];
	struct addr addr = u->addr;
	struct str host = u->host;

	if (addr.family == ADDR_IPV6) {
		addr.port = 0;
		host = (struct str){text, addr_format(&addr, text)};
	}
	return domain_lookup(v, host);
}

// Of a user there is one AoR: other ports would make one of each, and who has one password fill the
// table with them.
static bool port_usual(const struct register_request *q)
{
	const uint16_t port = q->to_uri.port;

	return port == 0 || port == q->source.leg->local.port ||
	       port == transport_port(q->to_uri.scheme == URI_SIPS ? TRANSPORT_TLS : TRANSPORT_UDP);
}

// Who registers whom, and is he ours? The domain of To is that of the Request-URI.
static bool parse_users(struct register_request *q)
{
	const struct table_view *v = q->source.view;
	char text[AOR_MAX];
	struct uri uri, from;

	if (!uri_parse(q->message.request_uri, &uri))
		return refuse(q, 400, STR("Bad Request-URI"));
	if (q->to.uri.len == 0 || !uri_parse(q->to.uri, &q->to_uri) ||
	        (q->to_uri.scheme != URI_SIP && q->to_uri.scheme != URI_SIPS))
		return refuse(q, 400, STR("Bad To"));
	q->domain = domain_of(v, &uri);
	// Phones that know us by address register there; then To alone says which domain.
	if (q->domain == NULL && leg_is_own(v, &uri.addr, uri.host, uri.port, TRANSPORT_NONE, NULL))
		q->domain = domain_of(v, &q->to_uri);
	q->home = home_of(v, q->domain);
	if (q->home == NULL)
		return refuse(q, 404, STR_NONE);
	q->aor = aor_write(&q->to_uri, q->aor_text);
	if (q->aor.len == 0 || domain_of(v, &q->to_uri) != q->domain || !port_usual(q))
		return refuse(q, 404, STR_NONE);
	if (q->from.uri.len == 0)
		return refuse(q, 400, STR("Bad From"));
	if ((q->source.leg->flags & LEG_TRUSTED) != 0 ||
	        home_third_party(v, q->home, &q->source.src))
		return true;
	if (!uri_parse(q->from.uri, &from) || !str_eq(aor_write(&from, text), q->aor))
		return refuse(q, 403, STR("Third-Party Registration"));
	return true;
}

// Where nothing may be sent: nobody's addresses, and our own (RELIABILITY A13; RFC 5393 §3).
static bool host_forbidden(const struct register_request *q, struct str host, uint16_t port)
{
	const struct table_view *v = q->source.view;
	struct addr addr = {0};

	if (!charset_host(host, &addr))
		return true;
	if (addr.family != ADDR_NONE && !addr_is_unicast(&addr))
		return true;
	return leg_is_own(v, &addr, host, port, TRANSPORT_NONE, NULL) ||
	       (addr.family == ADDR_NONE && home_of(v, domain_lookup(v, host)) != NULL);
}

static bool check_contact(struct register_request *q, const struct registration_contact *c)
{
	const struct uri *u = &c->uri;
	struct str maddr;

	if (u->scheme != URI_SIP && u->scheme != URI_SIPS)
		return refuse(q, 403, STR("Contact Not SIP"));
	// One with a Route in it (RFC 4475 §3.3.14) is somewhere else, whatever its host.
	const bool elsewhere = u->addr.family == ADDR_NONE && u->headers.len > 0;

	if ((!elsewhere && host_forbidden(q, u->host, u->port)) ||
	        (uri_param(u, STR("maddr"), &maddr) && host_forbidden(q, maddr, u->port)))
		return refuse(q, 403, STR("Contact Not Allowed"));
	return true;
}

static bool parse_contacts(struct register_request *q)
{
	struct writer params = {q->params_text, q->params_text + sizeof(q->params_text), false};
	struct registration_contact c;
	const char *start;
	struct value_iter it;

	value_iter_start(&it, &q->message, HEADER_CONTACT);
	while (value_iter_next(&it)) {
		if (!registration_contact(it.value, &c))
			return refuse(q, 400, STR("Bad Contact"));
		if (q->star || (c.name.star && q->n_contacts > 0))
			return refuse(q, 400, STR("Contact * With Another"));
		q->star = c.name.star;
		if (q->star)
			continue;
		if (!check_contact(q, &c))
			return false;
		// (How many may stay is looked at when they are added.)
		if (q->n_contacts == LOCATION_CONTACTS_MAX)
			return refuse(q, 403, STR("Too Many Contacts"));
		start = params.at;
		registration_params(&c, &params);
		if (params.full)
			return refuse(q, 513, STR("Contact Too Long"));
		q->params[q->n_contacts] = str_from(start, params.at);
		q->contact[q->n_contacts++] = c;
	}
	if (it.bad)
		return refuse(q, 400, STR("Bad Contact"));
	if (q->star && q->expires != 0)
		return refuse(q, 400, STR("Contact * Without Expires: 0"));
	return true;
}

// RFC 3327: the values from top to bottom, as they will stand in Route.
static bool parse_path(struct register_request *q, bool *ob)
{
	struct writer out = {q->path_text, q->path_text + sizeof(q->path_text), false};
	struct value_iter it;
	struct addr target;
	struct nameaddr n;
	struct uri u;

	value_iter_start(&it, &q->message, HEADER_PATH);
	while (value_iter_next(&it)) {
		if (!nameaddr_parse(it.value, &n) || !n.bracketed || !uri_parse(n.uri, &u) ||
		        (u.scheme != URI_SIP && u.scheme != URI_SIPS))
			return refuse(q, 400, STR("Bad Path"));
		// The last proxy before us wrote the topmost; the first after the phone the last.
		*ob = uri_param(&u, STR("ob"), NULL);
		if (uri_target(&u, &target) && !addr_is_unicast(&target))
			return refuse(q, 403, STR("Path Not Allowed"));
		if (it.index > 0)
			writer_str(&out, STR(", "));
		else
			q->path_target = target;
		writer_str(&out, it.value);
	}
	if (it.bad)
		return refuse(q, 400, STR("Bad Path"));
	if (out.full)
		return refuse(q, 513, STR("Path Too Long"));
	q->path = str_from(q->path_text, out.at);
	return true;
}

// RFC 5626 §6: reg-id counts only with an instance and the option tag; the first hop must keep the
// flow: us, when no proxy is between, else one that says so (`ob` in its Path).
static bool check_outbound(struct register_request *q, bool ob)
{
	const bool asked = registration_has_tag(&q->message, HEADER_SUPPORTED, STR("outbound")) ||
	                   registration_has_tag(&q->message, HEADER_REQUIRE, STR("outbound"));

	for (unsigned i = 0; i < q->n_contacts; i++) {
		struct registration_contact *c = &q->contact[i];

		if (!asked || c->instance.len == 0)
			c->reg_id = 0;
		if (c->reg_id == 0)
			continue;
		if (q->n_contacts > 1)
			return refuse(q, 400, STR("More Than One Contact With reg-id"));
		if (q->n_vias > 1 && !ob)
			return refuse(q, 439, STR("First Hop Lacks Outbound Support"));
		q->outbound = true;
	}
	return true;
}

bool register_parse(struct register_request *q, struct str bytes)
{
	const struct register_source source = q->source;
	bool ob = false;

	memset(q, 0, offsetof(struct register_request, message));
	q->source = source;
	q->answer.status = 400;
	if (!parse_head(q, bytes) || !parse_users(q) || !check_require(q))
		return false;
	q->expires = registration_expires(&q->message);
	q->supports_path = registration_has_tag(&q->message, HEADER_SUPPORTED, STR("path")) ||
	                   registration_has_tag(&q->message, HEADER_REQUIRE, STR("path"));
	q->supports_gruu = registration_has_tag(&q->message, HEADER_SUPPORTED, STR("gruu")) ||
	                   registration_has_tag(&q->message, HEADER_REQUIRE, STR("gruu"));
	if (!parse_contacts(q) || !parse_path(q, &ob) || !check_outbound(q, ob))
		return false;
	q->answer.status = 0;
	return true;
}
