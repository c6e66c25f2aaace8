// Seals and opens the tokens in Via, Record-Route and Contact.
#include "dataplane/seal.h"

#include "dataplane/table/leg.h"

bool seal_own_uri(const struct worker *w, const struct uri *u, const struct leg **leg)
{
	if (u->scheme != URI_SIP && u->scheme != URI_SIPS)
		return false;
	return leg_is_own(&w->config->view, &u->addr, u->host, u->port, TRANSPORT_NONE, leg);
}

size_t seal_branch(struct worker *w, const struct packet *p, char *out)
{
	struct token t = {.kind = TOKEN_VIA,
	        .leg_in = p->leg_in->id,
	        .leg_out = p->leg_out->id,
	        .branch = p->branch_hash,
	        .loop = (uint32_t)p->request_hash};
	struct str cookie = STR(SEAL_COOKIE);
	struct branch_context c;
	size_t n;

	memcpy(out, cookie.p, cookie.len);
	n = token_seal_later(w->tokens, &t,
	        branch_context(&c, &p->target, p->cseq.number, p->call_id, p->from_tag),
	        out + cookie.len);
	return n == 0 ? 0 : cookie.len + n;
}

bool seal_open_branch(struct worker *w, const struct packet *p, const struct via *v,
        const struct addr *peer, struct token *out)
{
	struct str cookie = STR(SEAL_COOKIE);
	struct branch_context c;

	if (!str_eq_nocase(str_head(v->branch, cookie.len), cookie))
		return false;
	return token_open(w->tokens, TOKEN_VIA, str_skip(v->branch, cookie.len),
	        branch_context(&c, peer, p->cseq.number, p->call_id, p->from_tag), out);
}

size_t seal_route(
        struct worker *w, const struct packet *p, const struct seal_route *route, char *out)
{
	struct token t = {
	        .kind = TOKEN_RECORD_ROUTE, .leg_in = route->leg_in, .leg_out = route->leg_out};

	if (route->flow != NULL)
		t.addr = *route->flow;
	return token_seal_later(w->tokens, &t, p->call_id, out);
}

size_t seal_contact(struct worker *w, uint16_t leg, const struct uri *hidden, char *out)
{
	struct token t = {.kind = TOKEN_CONTACT, .leg_in = leg, .addr = hidden->addr};

	t.addr.port = hidden->port;
	if (t.addr.family == ADDR_NONE && hidden->host.len <= TOKEN_NAME_MAX) {
		t.name_len = (uint8_t)hidden->host.len;
		memcpy(t.name, hidden->host.p, hidden->host.len);
	}
	return token_seal_later(w->tokens, &t, STR_NONE, out);
}

enum seal_found seal_open_route(
        struct worker *w, const struct packet *p, const struct uri *u, struct token *out)
{
	struct str text;

	if (!uri_param(u, STR(SEAL_PARAM), &text))
		return SEAL_ABSENT;
	if (token_open(w->tokens, TOKEN_RECORD_ROUTE, text, p->call_id, out))
		return SEAL_OPEN;
	return SEAL_FORGED;
}

enum seal_found seal_open_contact(
        struct worker *w, const struct uri *u, struct token *out, struct str *cut)
{
	struct str prefix = STR(SEAL_USER);
	struct str text;
	struct param param;
	size_t len;

	if (params_find(u->params, PARAMS_URI, STR(SEAL_PARAM), &param)) {
		*cut = param.all;
		return token_open(w->tokens, TOKEN_CONTACT, param.value, STR_NONE, out)
		               ? SEAL_OPEN
		               : SEAL_FORGED;
	}
	if (!str_eq_nocase(str_head(u->user, prefix.len), prefix))
		return SEAL_ABSENT;
	text = str_skip(u->user, prefix.len);
	len = str_find(text, '.');
	*cut = str_head(u->user, prefix.len + len + 1); // the '.', or nothing when all is ours
	if (len == text.len && u->userinfo.len == u->user.len)
		*cut = (struct str){u->user.p, u->user.len + 1}; // and the '@'
	return token_open(w->tokens, TOKEN_CONTACT, str_head(text, len), STR_NONE, out)
	               ? SEAL_OPEN
	               : SEAL_FORGED;
}
