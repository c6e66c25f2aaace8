// REGISTERs of the load generator. A 401 is taken up once for each source address (nonces belong to
// one): from then on each REGISTER from there has credentials, with a count of its own.
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/generator/generator.h"
#include "dataplane/sip/digest.h"

enum { REGISTER_SOURCES = 1024, REGISTER_NONCE_MAX = 128 };

struct challenge {
	uint32_t count; // of the last nc used; 0 = none
	uint8_t algorithm;
	uint8_t nonce_len;
	bool proxy; // 407
	char nonce[REGISTER_NONCE_MAX];
};

struct uac_register {
	struct digest *digest;
	char realm[DIGEST_REALM_MAX + 1];
	struct challenge challenge[REGISTER_SOURCES];
};

struct uac_register *uac_register_create(void)
{
	struct uac_register *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->digest = digest_create();
	if (r->digest != NULL)
		return r;
	free(r);
	return NULL;
}

void uac_register_destroy(struct uac_register *r)
{
	if (r != NULL)
		digest_destroy(r->digest);
	free(r);
}

void uac_register_clear(struct generator *g)
{
	if (g->registers != NULL)
		memset(g->registers->challenge, 0, sizeof(g->registers->challenge));
}

static struct challenge *challenge_of(struct generator *g, uint32_t call)
{
	const struct bench_side *s = &g->order.side[BENCH_CALLER];
	const uint32_t ports = s->n_ports > 1 ? s->n_ports : 1;
	const uint32_t addrs = s->n_addrs > 1 ? s->n_addrs : 1;

	return &g->registers->challenge[call % (ports * addrs) % REGISTER_SOURCES];
}

// Value of key="..." or key=token among comma-separated parameters.
static struct str param(struct str text, const char *key)
{
	const size_t len = strlen(key);

	while (text.len > 0) {
		const char *hit = memmem(text.p, text.len, key, len);

		if (hit == NULL)
			return STR_NONE;
		struct str rest = str_from(hit + len, str_end(text));
		if (rest.len > 0 && rest.p[0] == '=' &&
		        (hit == text.p || strchr(" ,", hit[-1]) != NULL)) {
			rest = str_skip(rest, 1);
			if (rest.len > 0 && rest.p[0] == '"')
				return str_head(
				        str_skip(rest, 1), str_find(str_skip(rest, 1), '"'));
			return str_trim(str_head(rest, str_find(rest, ',')));
		}
		text = rest;
	}
	return STR_NONE;
}

static bool take_challenge(
        struct uac_register *r, struct challenge *c, struct str value, bool proxy)
{
	const struct str realm = param(value, "realm"), nonce = param(value, "nonce");
	const struct str algorithm = param(value, "algorithm");
	const enum digest_algorithm a = algorithm.len > 0 ? digest_find(algorithm) : DIGEST_MD5;

	if (a == DIGEST_ALGORITHMS || nonce.len == 0 || nonce.len > sizeof(c->nonce) ||
	        realm.len >= sizeof(r->realm) || value.len < 7 ||
	        !str_eq_nocase(str_head(value, 7), STR("Digest ")))
		return false;
	c->algorithm = (uint8_t)a;
	c->proxy = proxy;
	c->count = 1;
	c->nonce_len = (uint8_t)nonce.len;
	memcpy(c->nonce, nonce.p, nonce.len);
	memcpy(r->realm, realm.p, realm.len);
	r->realm[realm.len] = '\0';
	return true;
}

bool uac_register_challenged(struct generator *g, const struct arrival *a)
{
	struct challenge *c = challenge_of(g, a->mark.call);
	struct str rest = a->bytes;

	if (g->order.password[0] == '\0')
		return false;
	while (rest.len > 2) {
		const size_t len = str_find(rest, '\n');
		const struct str line = str_trim(str_head(rest, len));
		const size_t colon = str_find(line, ':');
		const struct str name = str_head(line, colon);
		const bool proxy = str_eq_nocase(name, STR("Proxy-Authenticate"));

		// the first one that we can do, as it is the best one (RFC 8760)
		if ((proxy || str_eq_nocase(name, STR("WWW-Authenticate"))) &&
		        take_challenge(g->registers, c, str_trim(str_skip(line, colon + 1)), proxy))
			return true;
		rest = str_skip(rest, len + 1);
	}
	return false;
}

// "sip:DOMAIN" and the user's name of the mark.
struct identity {
	char uri[80];
	char user[32];
};

static void identify(const struct generator *g, const struct mark *m, struct identity *out)
{
	struct template_words w;

	order_words(g, m, &w);
	snprintf(out->uri, sizeof(out->uri), "sip:%s", g->order.domain);
	snprintf(out->user, sizeof(out->user), "%s%07u",
	        g->order.user[0] != '\0' ? g->order.user : "user", w.callee);
}

static size_t write_credentials(
        struct generator *g, const struct mark *m, struct challenge *c, char *out)
{
	struct uac_register *r = g->registers;
	struct identity who;
	char nc[9], hex[2 * DIGEST_BYTES_MAX + 1];
	uint8_t ha1[DIGEST_BYTES_MAX], response[DIGEST_BYTES_MAX];

	identify(g, m, &who);
	snprintf(nc, sizeof(nc), "%08x", c->count++);
	const struct str secret[3] = {
	        str_of(who.user), str_of(r->realm), str_of(g->order.password)};
	const enum digest_algorithm a = (enum digest_algorithm)c->algorithm;
	const struct digest_credentials d = {.username = secret[0],
	        .realm = secret[1],
	        .nonce = {c->nonce, c->nonce_len},
	        .uri = str_of(who.uri),
	        .cnonce = STR("5p2y"),
	        .nc = {nc, 8},
	        .qop = STR("auth"),
	        .algorithm = a};

	if (!digest_ha1(r->digest, a, secret, ha1) ||
	        !digest_response(r->digest, &d, STR("REGISTER"), ha1, response))
		return 0;
	digest_hex(response, digest_bytes(a), hex);
	const int n = snprintf(out, UAC_REGISTER_MORE,
	        "%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%.*s\", uri=\"%s\", "
	        "response=\"%.*s\", algorithm=%.*s, cnonce=\"5p2y\", qop=auth, nc=%s\r\n",
	        c->proxy ? "Proxy-Authorization" : "Authorization", who.user, r->realm,
	        STR_ARG(d.nonce), who.uri, (int)(2 * digest_bytes(a)), hex, STR_ARG(digest_name(a)),
	        nc);

	return n > 0 && n < UAC_REGISTER_MORE ? (size_t)n : 0;
}

size_t uac_register_write(struct generator *g, const struct mark *m, char *out)
{
	const struct template *t = &g->template[TEMPLATE_REGISTER];
	struct challenge *c = challenge_of(g, m->call);
	char text[TEMPLATE_ROOM], more[UAC_REGISTER_MORE];
	struct template_words words;
	size_t n = 0;

	order_words(g, m, &words);
	template_write(t, &words, text);
	if (c->count > 0)
		n = write_credentials(g, m, c, more);
	// behind the start line
	memcpy(out, text, t->head_len);
	memcpy(out + t->head_len, more, n);
	memcpy(out + t->head_len + n, text + t->head_len, (size_t)t->len - t->head_len);
	return t->len + n;
}
