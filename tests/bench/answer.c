// Answers to challenges: see answer.h.
#include "tests/bench/answer.h"

#include <stdio.h>

static const char *const keyword[DIGEST_ALGORITHMS] = {
        [DIGEST_MD5] = "ha1-md5",
        [DIGEST_SHA256] = "ha1-sha256",
        [DIGEST_SHA512_256] = "ha1-sha512-256",
};

bool answer_nonce(struct str reply, char nonce[ANSWER_NONCE_MAX])
{
	const struct str name = STR("nonce=\"");
	const char *at = memmem(reply.p, reply.len, name.p, name.len);
	struct str text;

	if (at == NULL)
		return false;
	at += name.len;
	text = (struct str){at, (size_t)(str_end(reply) - at)};
	text = str_head(text, str_find(text, '"'));
	if (text.len >= ANSWER_NONCE_MAX)
		return false;
	memcpy(nonce, text.p, text.len);
	nonce[text.len] = '\0';
	return true;
}

static bool ha1(struct digest *d, const struct answer *a, uint8_t out[DIGEST_BYTES_MAX])
{
	const struct str parts[3] = {str_of(a->user), str_of(a->realm), STR("secret")};

	return digest_ha1(d, a->algorithm, parts, out);
}

size_t answer_write(struct digest *d, const struct answer *a, char out[ANSWER_MAX])
{
	char uri[128], nc[9], hex[2 * DIGEST_BYTES_MAX];
	uint8_t secret[DIGEST_BYTES_MAX], response[DIGEST_BYTES_MAX];
	const int hex_len = (int)(2 * digest_bytes(a->algorithm));
	int n;

	snprintf(uri, sizeof(uri), "sip:%s", a->realm);
	snprintf(nc, sizeof(nc), "%08x", a->count);
	const struct digest_credentials c = {.nonce = str_of(a->nonce),
	        .uri = str_of(uri),
	        .cnonce = STR("0a4f113b"),
	        .nc = str_of(nc),
	        .qop = STR("auth"),
	        .algorithm = a->algorithm};
	if (!ha1(d, a, secret) || !digest_response(d, &c, STR("REGISTER"), secret, response))
		return 0;
	digest_hex(response, digest_bytes(a->algorithm), hex);
	n = snprintf(out, ANSWER_MAX,
	        "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
	        "response=\"%.*s\", algorithm=%s, qop=auth, nc=%s, cnonce=\"0a4f113b\"\r\n",
	        a->user, a->realm, a->nonce, uri, hex_len, hex, digest_name(a->algorithm).p, nc);
	return n < ANSWER_MAX ? (size_t)n : 0;
}

size_t answer_user(struct digest *d, const struct answer *a, char out[ANSWER_MAX])
{
	const int hex_len = (int)(2 * digest_bytes(a->algorithm));
	uint8_t secret[DIGEST_BYTES_MAX];
	char hex[2 * DIGEST_BYTES_MAX];
	int n;

	if (!ha1(d, a, secret))
		return 0;
	digest_hex(secret, digest_bytes(a->algorithm), hex);
	n = snprintf(out, ANSWER_MAX, "set user %s@%s %s %.*s\n", a->user, a->realm,
	        keyword[a->algorithm], hex_len, hex);
	return n < ANSWER_MAX ? (size_t)n : 0;
}
