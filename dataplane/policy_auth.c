// Digest authentication on the worker (RFC 3261 §22, RFC 8760). What costs least comes first: is
// there a nonce we made for that address, not long ago; may the source, the user have another try;
// only then the password. Unknown users cost and get the same as wrong passwords (RELIABILITY rule
// 8). Reads what parse filled; fills realm and reply_status.
#include "dataplane/policy_auth.h"

#include <stdlib.h>
#include <sys/random.h>

#include "dataplane/live/bucket.h"
#include "dataplane/live/window.h"
#include "dataplane/proxy.h"
#include "dataplane/recall.h"
#include "dataplane/seal.h"
#include "dataplane/sip/charset.h"
#include "dataplane/sip/nonce.h"
#include "dataplane/table/auth.h"
#include "dataplane/table/domain.h"
#include "dataplane/table/user.h"

enum {
	// Wrong passwords of a source: at most 10 in any second; for a user from sources that had
	// others wrong: at most 20 in any minute (RELIABILITY A3). All workers together.
	SOURCE_BURST = 5,
	SOURCE_PERIOD_MS = 200,
	USER_BURST = 10,
	USER_PERIOD_MS = 6000,
};

// A nonce is good on the worker that made it only: so each count is seen by who has to know it.
struct auth_state {
	_Alignas(64) struct digest *digest;
	struct {
		struct hash_key nonce, nobody, hash;
	} key;
	struct bucket sources, users;
	unsigned n_workers;
	uint64_t crowd_us; // what all sources together have used, as a clock (see bucket.h)
	struct window window;
};

struct auth_state *auth_state_create(unsigned n_workers)
{
	struct auth_state *a = aligned_alloc(64, sizeof(*a)); // no line of another worker
	unsigned n = n_workers > 0 ? n_workers : 1;

	if (a == NULL)
		return NULL;
	memset(a, 0, sizeof(*a));
	a->digest = digest_create();
	if (a->digest == NULL || getrandom(&a->key, sizeof(a->key), 0) != sizeof(a->key)) {
		auth_state_destroy(a);
		return NULL;
	}
	a->n_workers = n;
	bucket_init(&a->sources, SOURCE_PERIOD_MS * n, SOURCE_BURST / n);
	bucket_init(&a->users, USER_PERIOD_MS * n, USER_BURST / n);
	return a;
}

void auth_state_destroy(struct auth_state *a)
{
	if (a != NULL)
		digest_destroy(a->digest);
	free(a);
}

// Only grows, also when this process starts again.
static uint64_t now_ms(const struct worker *w)
{
	return 1 + (w->tsc_hz >= 1000 ? w->tsc / (w->tsc_hz / 1000) : 0);
}

// Nonces made before that are too old.
static uint64_t oldest_ms(const struct worker *w, uint64_t now)
{
	uint64_t life = UINT64_C(1000) * auth_get(&w->config->view)->lifetime_s;

	return now > life ? now - life : 0;
}

// The name of the domain row a host has, STR_NONE without one. A wildcard's is what is above it.
static struct str domain_of(const struct worker *w, struct str host)
{
	const struct domain *d = recall_domain(w, host);
	struct str name;

	if (d == NULL)
		return STR_NONE;
	name = domain_name(&w->config->view, d);
	if (str_eq(name, STR("default")))
		return STR_NONE;
	return name.p[0] == '*' ? str_skip(name, 2) : name;
}

static bool from_uri(const struct packet *p, struct uri *out)
{
	struct nameaddr from;

	return nameaddr_parse(message_value(&p->message, HEADER_FROM), &from) &&
	       uri_parse(from.uri, out);
}

// The registrar challenges as the user agent server it is (401), the proxy as a proxy (407).
static bool is_registrar(const struct packet *p, struct str domain)
{
	return p->message.method == METHOD_REGISTER && domain.len > 0;
}

// The sender's domain when it is ours, else the one the request is for, else our own name.
static struct str choose_realm(const struct worker *w, const struct packet *p, struct str domain)
{
	struct str realm = auth_realm(&w->config->view);
	struct uri from;

	if (realm.len == 0 && p->message.method != METHOD_REGISTER && from_uri(p, &from))
		realm = domain_of(w, from.host);
	if (realm.len == 0)
		realm = domain;
	if (realm.len == 0) {
		realm = leg_sent_by(p->leg_in);
		realm.len = charset_span_host(realm);
	}
	return realm;
}

static bool is_own_options(const struct worker *w, const struct packet *p)
{
	return p->message.method == METHOD_OPTIONS && p->uri.user.len == 0 &&
	       seal_own_uri(w, &p->uri, NULL);
}

// In a dialog that we let begin, to the Contact of the other side: our Record-Route token is good
// for its Call-ID only. Not to a domain or number of ours: whoever was called has the token too,
// and is not to call others with it.
static bool is_in_dialog(struct worker *w, const struct packet *p)
{
	const struct header *h = message_first(&p->message, HEADER_ROUTE);
	struct value_iter it;
	struct nameaddr route;
	struct token t;
	struct uri uri;
	struct str cut;

	if (h == NULL || p->to_tag.len == 0 || p->message.method == METHOD_REGISTER)
		return false;
	value_iter_start(&it, &p->message, HEADER_ROUTE);
	if (!value_iter_next(&it) || !nameaddr_parse(it.value, &route) ||
	        !uri_parse(route.uri, &uri) || !seal_own_uri(w, &uri, NULL) ||
	        seal_open_route(w, p, &uri, &t) != SEAL_OPEN)
		return false;
	if (seal_own_uri(w, &p->uri, NULL))
		return seal_open_contact(w, &p->uri, &t, &cut) == SEAL_OPEN;
	return p->uri.addr.family != ADDR_NONE;
}

// The domain of ours a request is for. Phones that know us by address register there: To says it.
static struct str request_domain(const struct worker *w, struct packet *p)
{
	struct str domain = domain_of(w, p->uri.host);
	const struct uri *to;

	if (domain.len == 0 && p->message.method == METHOD_REGISTER &&
	        seal_own_uri(w, &p->uri, NULL) && (to = packet_to_uri(p)) != NULL)
		domain = domain_of(w, to->host);
	return domain;
}

// Has it to authenticate, for which realm? An ACK cannot be answered, a CANCEL not be sent again
// with other headers (RFC 3261 §22.1).
static bool must_authenticate(struct worker *w, struct packet *p)
{
	struct str domain;

	if ((p->leg_in->flags & (LEG_AUTH_REGISTER | LEG_AUTH_ALL)) == 0 ||
	        auth_get(&w->config->view) == NULL || p->message.method == METHOD_ACK ||
	        p->message.method == METHOD_CANCEL || is_own_options(w, p) || is_in_dialog(w, p))
		return false;
	domain = request_domain(w, p);
	if (!is_registrar(p, domain)) {
		if ((p->leg_in->flags & LEG_AUTH_ALL) == 0)
			return false;
		p->reply_status = 407;
	}
	p->realm = choose_realm(w, p, domain);
	return true;
}

bool policy_auth_is_ours(const struct packet *p, struct str credentials)
{
	struct digest_credentials c;

	return p->realm.len > 0 && digest_parse(credentials, &c) &&
	       str_eq_nocase(c.realm, p->realm);
}

// The first credentials for our realm.
static bool find_credentials(const struct packet *p, struct digest_credentials *out)
{
	const struct message *m = &p->message;
	const struct header *h = message_first(
	        m, p->reply_status == 407 ? HEADER_PROXY_AUTHORIZATION : HEADER_AUTHORIZATION);

	for (unsigned i = 0; h != NULL && i < DIGEST_CREDENTIALS_MAX; i++) {
		if (digest_parse(header_value(m, h), out) && str_eq_nocase(out->realm, p->realm))
			return true;
		h = message_next(m, h);
	}
	return false;
}

static bool is_offered(const struct auth *a, enum digest_algorithm algorithm)
{
	for (unsigned i = 0; i < a->n_algorithms; i++) {
		if (a->algorithm[i] == algorithm)
			return true;
	}
	return false;
}

// The digest's uri names what the request asks for (RFC 7616 §3.4.6); proxies before us may have
// changed its parameters.
static bool uri_fits(const struct packet *p, struct str text)
{
	struct uri u;

	if (str_eq(text, p->message.request_uri))
		return true;
	return uri_parse(text, &u) && charset_eq_escaped(u.user, p->uri.user, false) &&
	       str_eq_nocase(u.host, p->uri.host);
}

static uint64_t source_hash(const struct auth_state *a, const struct addr *src)
{
	// Of IPv6 the network: one host has as many addresses as it likes.
	return hash_13(a->key.hash, src->ip, src->family == ADDR_IPV6 ? 8 : 4);
}

static uint64_t user_hash(const struct auth_state *a, const struct digest_credentials *c)
{
	struct hash_state h;

	hash_start_13(&h, a->key.hash);
	hash_add_str(&h, c->username);
	hash_add_nocase(&h, c->realm);
	return hash_end(&h);
}

// Each worker has its share of the wrong passwords a second.
static void crowd_take(struct worker *w, uint64_t now_us)
{
	const unsigned share =
	        w->auth->n_workers * 1000000 / auth_get(&w->config->view)->wrong_per_s;
	uint64_t *clock = &w->auth->crowd_us;

	*clock = (*clock > now_us ? *clock : now_us) + share;
}

// What the checks of one request share.
struct attempt {
	struct digest_credentials c;
	struct nonce nonce;
	uint64_t now_ms, oldest_ms;
};

// May a source have another try? The nonce proves that it is who it says: it can be held to
// account, and no user is locked out by strangers (RELIABILITY A7). Too many wrong passwords of a
// user, or in all (A4), stop those who had some wrong before; phones that know theirs never wait.
static bool may_try(const struct auth_state *a, const struct attempt *t, uint64_t source)
{
	const uint64_t now = t->now_ms, second = 1000000;

	if (!bucket_used(&a->sources, source, now))
		return true;
	return !bucket_full(&a->sources, source, now) &&
	       !bucket_full(&a->users, user_hash(a, &t->c), now) &&
	       a->crowd_us <= now * 1000 + second;
}

// A wrong password counts for the source and for the user.
static void count_wrong(struct worker *w, const struct attempt *t, uint64_t source)
{
	struct auth_state *a = w->auth;

	bucket_take(&a->sources, source, t->now_ms);
	bucket_take(&a->users, user_hash(a, &t->c), t->now_ms);
	crowd_take(w, t->now_ms * 1000);
}

static enum verdict check_password(
        struct worker *w, const struct packet *p, const struct attempt *t)
{
	const struct str name_realm[2] = {t->c.username, p->realm};
	const struct auth_state *a = w->auth;
	const uint64_t source = source_hash(a, &p->src);
	uint8_t ha1[DIGEST_BYTES_MAX];

	if (!may_try(a, t, source))
		return VERDICT_AUTH_LIMIT;
	user_ha1(&w->users->view, a->key.nobody, name_realm, t->c.algorithm, ha1);
	if (digest_check(a->digest, &t->c, p->message.method_name, ha1) && uri_fits(p, t->c.uri))
		return VERDICT_NONE;
	count_wrong(w, t, source);
	return VERDICT_AUTH_WRONG;
}

// Is the user part who authenticated, its host the realm (or ours, where all have one realm)?
static bool is_identity(
        const struct worker *w, const struct packet *p, struct str username, const struct uri *who)
{
	size_t at = str_find(username, '@');
	struct str domain = domain_of(w, who->host);

	if (!charset_eq_escaped(who->user, str_head(username, at), false))
		return false;
	if (at < username.len)
		return str_eq_nocase(who->host, str_skip(username, at + 1));
	return domain.len > 0 ? auth_realm(&w->config->view).len > 0 || str_eq(domain, p->realm)
	                      : str_eq_nocase(who->host, p->realm);
}

static bool identity_ok(const struct worker *w, struct packet *p, struct str username)
{
	const struct uri *who;
	struct uri from;

	if (auth_get(&w->config->view)->any_identity)
		return true;
	if (p->message.method == METHOD_REGISTER)
		who = packet_to_uri(p);
	else
		who = from_uri(p, &from) ? &from : NULL;
	return who != NULL && is_identity(w, p, username, who);
}

// An authenticated request must not be one that was seen before.
static enum verdict check_count(struct worker *w, const struct packet *p, const struct attempt *t)
{
	const struct window_use use = {
	        .tag = t->nonce.tag,
	        .made_ms = t->nonce.time_ms,
	        .oldest_ms = t->oldest_ms,
	        .now_ms = t->now_ms,
	        .count = t->c.count > 0 ? t->c.count : 1, // without qop a nonce is good once
	        .request = hash_13(w->auth->key.hash, p->bytes.p, p->bytes.len),
	};

	return window_take(&w->auth->window, &use) ? VERDICT_NONE : VERDICT_AUTH_STALE;
}

enum verdict policy_auth(struct worker *w, struct packet *p)
{
	struct attempt t;
	enum verdict v;

	if (!must_authenticate(w, p))
		return VERDICT_NONE;
	if (w->users == NULL) {
		p->reply_status = 0;
		return VERDICT_AUTH_UNREADY;
	}
	if (!find_credentials(p, &t.c) || !is_offered(auth_get(&w->config->view), t.c.algorithm))
		return VERDICT_AUTH_REQUIRED;
	t.now_ms = now_ms(w);
	t.oldest_ms = oldest_ms(w, t.now_ms);
	if (!nonce_read(w->auth->key.nonce, t.c.nonce, &p->src, &t.nonce) ||
	        t.nonce.time_ms < t.oldest_ms)
		return VERDICT_AUTH_STALE;
	window_prefetch(&w->auth->window, t.nonce.tag);
	v = check_password(w, p, &t);
	if (v == VERDICT_NONE)
		v = check_count(w, p, &t);
	if (v != VERDICT_NONE)
		return v;
	p->reply_status = 0;
	p->username = t.c.username;
	return identity_ok(w, p, t.c.username) ? VERDICT_NONE : VERDICT_AUTH_IDENTITY;
}

// The same for a request and its retransmissions, so that the challenge is too.
static uint32_t nonce_salt(const struct worker *w, const struct packet *p)
{
	struct hash_state h;

	hash_start_13(&h, w->auth->key.hash);
	hash_add_str(&h, p->call_id);
	hash_add_str(&h, p->via.branch);
	hash_add(&h, &p->cseq.number, sizeof(p->cseq.number));
	return (uint32_t)hash_end(&h);
}

size_t policy_auth_challenges(const struct worker *w, const struct packet *p, char *out)
{
	struct digest_challenge c = {.realm = p->realm, .stale = p->verdict == VERDICT_AUTH_STALE};
	const struct auth *settings = auth_get(&w->config->view);
	enum header_id id = HEADER_WWW_AUTHENTICATE;
	char nonce[NONCE_LEN], *at = out;

	if (p->verdict != VERDICT_AUTH_REQUIRED && p->verdict != VERDICT_AUTH_STALE &&
	        p->verdict != VERDICT_AUTH_WRONG)
		return 0;
	if (p->reply_status == 407)
		id = HEADER_PROXY_AUTHENTICATE;
	nonce_write(w->auth->key.nonce, now_ms(w), nonce_salt(w, p), &p->src, nonce);
	c.nonce = (struct str){nonce, sizeof(nonce)};
	for (unsigned i = 0; i < settings->n_algorithms; i++) {
		struct str name = header_name(id);

		memcpy(at, name.p, name.len);
		memcpy(at + name.len, ": ", 2);
		at += name.len + 2;
		c.algorithm = (enum digest_algorithm)settings->algorithm[i];
		at += digest_challenge(&c, at);
		memcpy(at, "\r\n", 2);
		at += 2;
	}
	return (size_t)(at - out);
}
