// Answers challenges: what a user agent with that password would do.
#include "tests/pipeline/credentials.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/digest.h"

enum { CHALLENGED_MAX = 8192 };

static char challenged[CHALLENGED_MAX]; // the last message with challenges

struct answer {
	char user[128], password[128], realm[256], nonce[64], uri[256], cnonce[64];
	char qop[8], nc[16];
	struct digest_credentials c;
};

void credentials_learn(struct str message)
{
	char text[CHALLENGED_MAX];

	snprintf(text, sizeof(text), "%.*s", STR_ARG(message));
	if (strstr(text, "-Authenticate: Digest ") != NULL)
		memcpy(challenged, text, sizeof(text));
}

// The challenge for an algorithm (DIGEST_ALGORITHMS = the first).
static bool read_challenge(struct answer *a, enum digest_algorithm want)
{
	const char *at = challenged;
	char name[32];

	while ((at = strstr(at, "-Authenticate: Digest ")) != NULL) {
		at += strlen("-Authenticate: Digest ");
		if (sscanf(at, "realm=\"%255[^\"]\", nonce=\"%63[^\"]\", algorithm=%31[^,\r]",
		            a->realm, a->nonce, name) != 3)
			return false;
		a->c.algorithm = digest_find(str_of(name));
		if (want == DIGEST_ALGORITHMS || want == a->c.algorithm)
			return true;
	}
	a->c.algorithm = want; // one that was not offered
	return want != DIGEST_ALGORITHMS && a->nonce[0] != '\0';
}

static void take_word(struct answer *a, const char *word)
{
	sscanf(word, "realm=%255s", a->realm);
	sscanf(word, "nonce=%63s", a->nonce);
	sscanf(word, "uri=%255s", a->uri);
	sscanf(word, "cnonce=%63s", a->cnonce);
	if (strncmp(word, "nc=", 3) == 0)
		snprintf(a->nc, sizeof(a->nc), "%08x", (unsigned)atoi(word + 3));
	if (strcmp(word, "noqop") == 0)
		a->qop[0] = '\0';
}

static bool compute(struct answer *a, struct str method, char *response)
{
	const struct str who[3] = {str_of(a->user), str_of(a->realm), str_of(a->password)};
	uint8_t ha1[DIGEST_BYTES_MAX], hash[DIGEST_BYTES_MAX];
	struct digest *d = digest_create();
	bool ok;

	a->c.nonce = str_of(a->nonce);
	a->c.uri = str_of(a->uri);
	a->c.cnonce = str_of(a->cnonce);
	a->c.nc = str_of(a->nc);
	a->c.qop = str_of(a->qop);
	ok = digest_ha1(d, a->c.algorithm, who, ha1) &&
	     digest_response(d, &a->c, method, ha1, hash);
	digest_hex(hash, digest_bytes(a->c.algorithm), response);
	response[2 * digest_bytes(a->c.algorithm)] = '\0';
	digest_destroy(d);
	return ok;
}

// One {auth ...}, without the braces.
static size_t answer(struct str words, struct str message, char *out, size_t room)
{
	char text[1024], method[32], response[2 * DIGEST_BYTES_MAX + 1], *word, *save = NULL;
	struct answer a = {.cnonce = "c", .qop = "auth", .nc = "00000001"};
	enum digest_algorithm want = DIGEST_ALGORITHMS;
	int n;

	snprintf(text, sizeof(text), "%.*s", STR_ARG(words));
	for (word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		if (digest_find(str_of(word)) != DIGEST_ALGORITHMS)
			want = digest_find(str_of(word));
	if (sscanf(message.p, "%31s %255s", method, a.uri) != 2 || !read_challenge(&a, want))
		return 0;
	snprintf(text, sizeof(text), "%.*s", STR_ARG(words));
	if (sscanf(text, "auth %127s %127s", a.user, a.password) != 2)
		return 0;
	for (word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		take_word(&a, word);
	if (!compute(&a, str_of(method), response))
		return 0;
	n = snprintf(out, room,
	        "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
	        "algorithm=%s",
	        a.user, a.realm, a.nonce, a.uri, response, digest_name(a.c.algorithm).p);
	if (a.qop[0] != '\0' && n > 0 && (size_t)n < room)
		n += snprintf(out + n, room - (size_t)n, ", qop=auth, nc=%s, cnonce=\"%s\"", a.nc,
		        a.cnonce);
	return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

size_t credentials_fill(struct str message, char *out, size_t room)
{
	struct str rest = message;
	size_t len = 0;

	while (rest.len > 0) {
		size_t n = 1, put = 1;

		if (len + 1 >= room)
			return 0;
		if (rest.len > 6 && memcmp(rest.p, "{auth ", 6) == 0) {
			n = str_find(rest, '}') + 1;
			put = answer(
			        (struct str){rest.p + 1, n - 2}, message, out + len, room - len);
			if (put == 0)
				return 0;
		} else {
			out[len] = rest.p[0];
		}
		len += put;
		rest = str_skip(rest, n);
	}
	return len;
}
