// The hashes of requests: what seal.h says of request_hash and branch_hash. Both are AES-CMACs of
// what they are of, each part with its length, under the key that seals; those of several requests
// are made side by side.
#include "dataplane/seal.h"

#include <endian.h>

#include "dataplane/base/aes.h"

enum {
	HASH_REQUEST = 0, // first bytes no token begins with
	HASH_BRANCH = 1,
	HASH_PART_MAX = 64,
	HASH_INPUT_MAX = 256,
	HASH_AT_ONCE = 8,
};

struct input {
	size_t len;
	_Alignas(AES_BLOCK) uint8_t bytes[HASH_INPUT_MAX + AES_BLOCK];
};

static void input_start(struct input *in, uint8_t first)
{
	in->bytes[0] = first;
	in->len = 1;
}

static struct str digest(const struct cmac_key *k, struct str s, uint8_t out[AES_BLOCK])
{
	if (!cmac(k, s, out))
		memset(out, 0, AES_BLOCK); // then no token is sealed either
	return (struct str){(const char *)out, AES_BLOCK};
}

static inline void input_put(struct input *in, uint16_t said, struct str part)
{
	said = htobe16(said);
	memcpy(in->bytes + in->len, &said, sizeof(said));
	str_put((char *)in->bytes + in->len + sizeof(said), part);
	in->len += sizeof(said) + part.len;
}

// A long part's CMAC stands for it, and that of all before where there is no room.
static void input_add_long(const struct cmac_key *k, struct input *in, struct str part)
{
	const uint16_t said = (uint16_t)part.len;
	uint8_t mac[AES_BLOCK];

	if (part.len > HASH_PART_MAX)
		part = digest(k, part, mac);
	if (in->len + sizeof(said) + part.len > HASH_INPUT_MAX) {
		uint8_t before[AES_BLOCK];

		digest(k, (struct str){(const char *)in->bytes, in->len}, before);
		memset(in->bytes + 1, 0xff, sizeof(said)); // the length of nothing in a datagram
		memcpy(in->bytes + 1 + sizeof(said), before, AES_BLOCK);
		in->len = 1 + sizeof(said) + AES_BLOCK;
	}
	input_put(in, said, part);
}

static inline void input_add(const struct cmac_key *k, struct input *in, struct str part)
{
	if (part.len <= HASH_PART_MAX && in->len + sizeof(uint16_t) + part.len <= HASH_INPUT_MAX)
		input_put(in, (uint16_t)part.len, part);
	else
		input_add_long(k, in, part);
}

static void input_add_number(const struct cmac_key *k, struct input *in, uint64_t n)
{
	n = htobe64(n);
	input_add(k, in, (struct str){(const char *)&n, sizeof(n)});
}

static void input_request(const struct cmac_key *k, struct input *in, const struct packet *p)
{
	struct value_iter it;

	input_start(in, HASH_REQUEST);
	input_add(k, in, p->message.request_uri);
	input_add(k, in, p->from_tag);
	input_add(k, in, p->call_id);
	input_add_number(k, in, p->cseq.number);
	if (p->n_routes == 0)
		return;
	value_iter_start(&it, &p->message, HEADER_ROUTE);
	while (value_iter_next(&it))
		input_add(k, in, it.value);
}

// RFC 3261 §16.11: a client before RFC 3261 has no unique branch; then its whole Via counts.
static void input_branch(const struct cmac_key *k, struct input *in, const struct packet *p)
{
	const struct str cookie = STR(SEAL_COOKIE);
	const bool unique = str_eq_nocase(str_head(p->via.branch, cookie.len), cookie);

	input_start(in, HASH_BRANCH);
	input_add(k, in, unique ? p->via.branch : p->via.all);
	input_add(k, in, p->via.sent_by);
	input_add_number(k, in, p->request_hash);
}

// Hashes of up to HASH_AT_ONCE inputs.
static void run(const struct cmac_key *k, struct input *in, unsigned n, uint64_t *out)
{
	struct aes_chain c[HASH_AT_ONCE];

	for (unsigned i = 0; i < n; i++) {
		c[i].in = in[i].bytes;
		c[i].blocks = cmac_pad(k, in[i].bytes, in[i].len);
		memset(c[i].state, 0, sizeof(c[i].state));
	}
	if (!aes_chains(&k->aes, c, n))
		return;
	for (unsigned i = 0; i < n; i++) {
		memcpy(&out[i], c[i].state, sizeof(out[i]));
		out[i] = be64toh(out[i]);
	}
}

uint64_t seal_request(const struct worker *w, const struct packet *p)
{
	const struct cmac_key *k = token_ring_mac(w->tokens);
	struct input in;
	uint64_t hash = 0;

	input_request(k, &in, p);
	run(k, &in, 1, &hash);
	return hash;
}

static void seal_some(const struct cmac_key *k, struct packet *const *p, unsigned n)
{
	struct input in[HASH_AT_ONCE];
	uint64_t hash[HASH_AT_ONCE] = {0};

	for (unsigned i = 0; i < n; i++)
		input_request(k, &in[i], p[i]);
	run(k, in, n, hash);
	for (unsigned i = 0; i < n; i++) {
		p[i]->request_hash = hash[i];
		input_branch(k, &in[i], p[i]);
	}
	run(k, in, n, hash);
	for (unsigned i = 0; i < n; i++)
		p[i]->branch_hash = hash[i];
}

void seal_requests(const struct worker *w, struct packet *const *p, unsigned n)
{
	struct packet *request[HASH_AT_ONCE];
	unsigned wanted = 0;

	for (unsigned i = 0; i < n; i++) {
		if (p[i]->message.is_request)
			request[wanted++] = p[i];
		if (wanted == HASH_AT_ONCE || (i + 1 == n && wanted > 0)) {
			seal_some(token_ring_mac(w->tokens), request, wanted);
			wanted = 0;
		}
	}
}
