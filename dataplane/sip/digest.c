// Digest credentials and challenges: see digest.h.
#include "dataplane/sip/digest.h"

#include <stdlib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "dataplane/sip/charset.h"

enum { GATHER = 512, A2_MAX = 192 };

// The last H(method:uri) made: phones of a domain all ask for the same.
struct a2 {
	size_t len;
	char text[A2_MAX];
	char hex[2 * DIGEST_BYTES_MAX];
};

struct digest {
	EVP_MD *md[DIGEST_ALGORITHMS];
	EVP_MD_CTX *ctx[DIGEST_ALGORITHMS];
	struct a2 a2[DIGEST_ALGORITHMS];
};

static const struct {
	struct str name;
	const char *libcrypto;
	size_t bytes;
} algorithms[DIGEST_ALGORITHMS] = {
        [DIGEST_MD5] = {STR("MD5"), "MD5", 16},
        [DIGEST_SHA256] = {STR("SHA-256"), "SHA256", 32},
        [DIGEST_SHA512_256] = {STR("SHA-512-256"), "SHA512-256", 32},
};

size_t digest_bytes(enum digest_algorithm a)
{
	return algorithms[a].bytes;
}

struct str digest_name(enum digest_algorithm a)
{
	return algorithms[a].name;
}

enum digest_algorithm digest_find(struct str name)
{
	unsigned a = 0;

	while (a < DIGEST_ALGORITHMS && !str_eq_nocase(algorithms[a].name, name))
		a++;
	return (enum digest_algorithm)a;
}

struct digest *digest_create(void)
{
	struct digest *d = calloc(1, sizeof(*d));

	for (unsigned a = 0; d != NULL && a < DIGEST_ALGORITHMS; a++) {
		d->md[a] = EVP_MD_fetch(NULL, algorithms[a].libcrypto, NULL);
		d->ctx[a] = EVP_MD_CTX_new();
		if (d->md[a] == NULL || d->ctx[a] == NULL) {
			digest_destroy(d);
			return NULL;
		}
	}
	return d;
}

void digest_destroy(struct digest *d)
{
	for (unsigned a = 0; d != NULL && a < DIGEST_ALGORITHMS; a++) {
		EVP_MD_CTX_free(d->ctx[a]);
		EVP_MD_free(d->md[a]);
	}
	free(d);
}

// Parts with colons between them, side by side. Their length, 0 when that is more than GATHER.
static size_t gather(const struct str *part, unsigned n, char out[GATHER])
{
	char *at = out;
	size_t len = n - 1;

	for (unsigned i = 0; i < n; i++)
		len += part[i].len;
	if (len > GATHER)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			*at++ = ':';
		at = str_put(at, part[i]);
	}
	return len;
}

static bool hash(struct digest *d, enum digest_algorithm a, struct str text, uint8_t *out)
{
	EVP_MD_CTX *ctx = d->ctx[a];

	return EVP_DigestInit_ex2(ctx, d->md[a], NULL) == 1 &&
	       EVP_DigestUpdate(ctx, text.p, text.len) == 1 &&
	       EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

// Of parts that are too long to be put side by side.
static bool hash_long(
        struct digest *d, enum digest_algorithm a, const struct str *part, unsigned n, uint8_t *out)
{
	EVP_MD_CTX *ctx = d->ctx[a];
	bool ok = EVP_DigestInit_ex2(ctx, d->md[a], NULL) == 1;

	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			ok = EVP_DigestUpdate(ctx, ":", 1) == 1 && ok;
		if (part[i].len > 0)
			ok = EVP_DigestUpdate(ctx, part[i].p, part[i].len) == 1 && ok;
	}
	return EVP_DigestFinal_ex(ctx, out, NULL) == 1 && ok;
}

// Hash of the parts with colons between them. One call of libcrypto for all that fits, not eleven:
// a check took about a quarter less time (tests/bench/bench_auth).
static bool hash_parts(
        struct digest *d, enum digest_algorithm a, const struct str *part, unsigned n, uint8_t *out)
{
	char together[GATHER];
	const size_t len = gather(part, n, together);

	return len > 0 ? hash(d, a, (struct str){together, len}, out)
	               : hash_long(d, a, part, n, out);
}

bool digest_ha1(struct digest *d, enum digest_algorithm a, const struct str user_realm_password[3],
        uint8_t *out)
{
	char together[GATHER];
	const size_t len = gather(user_realm_password, 3, together);
	const bool ok = len > 0 ? hash(d, a, (struct str){together, len}, out)
	                        : hash_long(d, a, user_realm_password, 3, out);

	OPENSSL_cleanse(together, len); // the password is in it
	return ok;
}

void digest_hex(const uint8_t *p, size_t len, char *out)
{
	static const char digits[16] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
}

static unsigned hex_value(char c)
{
	return char_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(char_lower(c) - 'a') + 10;
}

bool digest_unhex(struct str text, uint8_t *out, size_t len)
{
	if (text.len != 2 * len || charset_span(text, CHARSET_HEX) != text.len)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(hex_value(text.p[2 * i]) << 4 | hex_value(text.p[2 * i + 1]));
	return true;
}

// H(method:uri) in hex. NULL when libcrypto fails.
static const char *a2_hex(struct digest *d, const struct digest_credentials *c, struct str method)
{
	const struct str parts[2] = {method, c->uri};
	struct a2 *a2 = &d->a2[c->algorithm];
	char text[GATHER];
	const size_t len = gather(parts, 2, text);
	uint8_t hash_of[DIGEST_BYTES_MAX];

	if (len > 0 && len == a2->len && memcmp(text, a2->text, len) == 0)
		return a2->hex;
	if (!hash_parts(d, c->algorithm, parts, 2, hash_of))
		return NULL;
	digest_hex(hash_of, digest_bytes(c->algorithm), a2->hex);
	a2->len = len <= A2_MAX ? len : 0;
	memcpy(a2->text, text, a2->len);
	return a2->hex;
}

bool digest_response(struct digest *d, const struct digest_credentials *c, struct str method,
        const uint8_t *ha1, uint8_t *out)
{
	const size_t len = digest_bytes(c->algorithm);
	const char *a2 = a2_hex(d, c, method);
	char a1[2 * DIGEST_BYTES_MAX];
	struct str parts[6];
	unsigned n = 0;

	if (a2 == NULL)
		return false;
	digest_hex(ha1, len, a1);
	parts[n++] = (struct str){a1, 2 * len};
	parts[n++] = c->nonce;
	if (c->qop.len > 0) {
		parts[n++] = c->nc;
		parts[n++] = c->cnonce;
		parts[n++] = c->qop;
	}
	parts[n++] = (struct str){a2, 2 * len};
	return hash_parts(d, c->algorithm, parts, n, out);
}

bool digest_check(
        struct digest *d, const struct digest_credentials *c, struct str method, const uint8_t *ha1)
{
	const size_t len = digest_bytes(c->algorithm);
	uint8_t want[DIGEST_BYTES_MAX], got[DIGEST_BYTES_MAX];
	bool ok = digest_response(d, c, method, ha1, want);

	return digest_unhex(c->response, got, len) && ok && CRYPTO_memcmp(want, got, len) == 0;
}

// Parsing.

// What the parameters say; `seen` has a bit for each.
enum param_id {
	PARAM_USERNAME,
	PARAM_REALM,
	PARAM_NONCE,
	PARAM_URI,
	PARAM_RESPONSE,
	PARAM_CNONCE,
	PARAM_NC,
	PARAM_QOP,
	PARAM_ALGORITHM,
	PARAM_COUNT,
};

static const struct str param_names[PARAM_COUNT] = {
        [PARAM_USERNAME] = STR("username"),
        [PARAM_REALM] = STR("realm"),
        [PARAM_NONCE] = STR("nonce"),
        [PARAM_URI] = STR("uri"),
        [PARAM_RESPONSE] = STR("response"),
        [PARAM_CNONCE] = STR("cnonce"),
        [PARAM_NC] = STR("nc"),
        [PARAM_QOP] = STR("qop"),
        [PARAM_ALGORITHM] = STR("algorithm"),
};

// One `name = value` off the front of *s, and the comma behind it. False when there is none.
static bool next_param(struct str *s, struct str *name, struct str *value)
{
	size_t n = charset_span(*s, CHARSET_TOKEN);

	*name = str_head(*s, n);
	*s = charset_skip_space(str_skip(*s, n));
	if (n == 0 || s->len == 0 || s->p[0] != '=')
		return false;
	*s = charset_skip_space(str_skip(*s, 1));
	n = charset_span_quoted(*s);
	if (n > 0) {
		*value = (struct str){s->p + 1, n - 2};
	} else {
		n = charset_span(*s, CHARSET_TOKEN);
		*value = str_head(*s, n);
		if (n == 0)
			return false;
	}
	*s = charset_skip_space(str_skip(*s, n));
	if (s->len == 0)
		return true;
	if (s->p[0] != ',')
		return false;
	*s = charset_skip_space(str_skip(*s, 1));
	return s->len > 0;
}

// PARAM_COUNT when it is none of ours.
static unsigned find_param(struct str name)
{
	unsigned i = 0;

	while (i < PARAM_COUNT &&
	        (name.len != param_names[i].len || char_lower(name.p[0]) != param_names[i].p[0] ||
	                !str_eq_nocase(name, param_names[i])))
		i++;
	return i;
}

static bool read_params(struct str s, struct str value[PARAM_COUNT], unsigned *seen)
{
	struct str name, v;
	unsigned i;

	do {
		if (!next_param(&s, &name, &v))
			return false;
		i = find_param(name);
		if (i == PARAM_COUNT)
			continue;
		if ((*seen & 1u << i) != 0)
			return false;
		*seen |= 1u << i;
		value[i] = v;
	} while (s.len > 0);
	return true;
}

// qop, nc and cnonce belong together.
static bool qop_ok(struct digest_credentials *c, unsigned seen)
{
	const unsigned together = 1u << PARAM_NC | 1u << PARAM_CNONCE;
	uint8_t count[4];

	if ((seen & 1u << PARAM_QOP) == 0) {
		c->nc = c->cnonce = STR_NONE; // hashed only with a qop
		return c->algorithm == DIGEST_MD5;
	}
	if ((seen & together) != together || c->cnonce.len == 0 ||
	        !str_eq_nocase(c->qop, STR("auth")) || !digest_unhex(c->nc, count, sizeof(count)))
		return false;
	c->count = (uint32_t)count[0] << 24 | (uint32_t)count[1] << 16 | (uint32_t)count[2] << 8 |
	           count[3];
	return c->count > 0;
}

bool digest_parse(struct str field, struct digest_credentials *out)
{
	const unsigned needed = 1u << PARAM_USERNAME | 1u << PARAM_REALM | 1u << PARAM_NONCE |
	                        1u << PARAM_URI | 1u << PARAM_RESPONSE;
	struct str value[PARAM_COUNT] = {{NULL, 0}}, s = str_trim(field);
	size_t n = charset_span(s, CHARSET_TOKEN);
	unsigned seen = 0;

	if (!str_eq_nocase(str_head(s, n), STR("Digest")) || n == s.len ||
	        !charset_has(s.p[n], CHARSET_SPACE))
		return false;
	if (!read_params(charset_skip_space(str_skip(s, n)), value, &seen) ||
	        (seen & needed) != needed)
		return false;
	*out = (struct digest_credentials){
	        .username = value[PARAM_USERNAME],
	        .realm = value[PARAM_REALM],
	        .nonce = value[PARAM_NONCE],
	        .uri = value[PARAM_URI],
	        .response = value[PARAM_RESPONSE],
	        .cnonce = value[PARAM_CNONCE],
	        .nc = value[PARAM_NC],
	        .qop = value[PARAM_QOP],
	        .algorithm = DIGEST_MD5,
	};
	if ((seen & 1u << PARAM_ALGORITHM) != 0)
		out->algorithm = digest_find(value[PARAM_ALGORITHM]);
	return qop_ok(out, seen);
}

// Writing.

static char *put(char *at, struct str s)
{
	memcpy(at, s.p, s.len);
	return at + s.len;
}

size_t digest_challenge(const struct digest_challenge *c, char *out)
{
	char *at = put(out, STR("Digest realm=\""));

	at = put(at, str_head(c->realm, DIGEST_REALM_MAX));
	at = put(at, STR("\", nonce=\""));
	at = put(at, str_head(c->nonce, 64));
	at = put(at, STR("\", algorithm="));
	at = put(at, digest_name(c->algorithm));
	at = put(at, STR(", qop=\"auth\""));
	if (c->stale)
		at = put(at, STR(", stale=true"));
	return (size_t)(at - out);
}
