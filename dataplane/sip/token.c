// Sealed tokens: a few bytes of routing state, an AES-CMAC tag, and base32. The bytes are
//   kind << 4 | epoch, tag (8), fields
// with every number in big endian. A Contact's, a flow's and a GRUU's fields are enciphered, the
// tag being the IV (SIV).
#include "dataplane/sip/token.h"

#include <endian.h>
#include <stdlib.h>
#include <openssl/crypto.h>

#include "dataplane/base/aes.h"
#include "dataplane/base/base32.h"

enum {
	TAG_AT = 1,
	TAG_BYTES = 8,
	FIELDS_AT = TAG_AT + TAG_BYTES,
	VIA_FIELDS = 16,          // leg_in 2, leg_out 2, branch 8, loop 4
	RECORD_ROUTE_FIELDS = 4,  // leg_in 2, leg_out 2
	FLOW_FIELDS_IPV4 = 10,    // leg_in 2, leg_out 2, port 2, ip 4
	FLOW_FIELDS_IPV6 = 22,    // leg_in 2, leg_out 2, port 2, ip 16
	CONTACT_FIELDS_IPV4 = 8,  // leg 2, port 2, ip 4
	CONTACT_FIELDS_IPV6 = 20, // leg 2, port 2, ip 16
	CONTACT_FIELDS_NAME = 21, // leg 2, port 2, name: at least 17, filled up with zeros
	GRUU_FIELDS_HEAD = 12,    // branch 8, loop 4, AoR: at least 20, filled up with zeros
	GRUU_NAME_MIN = 20,
	FIELDS_MAX = 4 + TOKEN_NAME_MAX,
	FIELDS_SHORT = 32, // nearly all are
	BYTES_MAX = FIELDS_AT + FIELDS_MAX,
	EPOCHS = 16,

	// A tag's input: first byte, length of the fields, length of the context (2), fields,
	// context; of a context longer than this its CMAC stands there.
	INPUT_HEAD = 4,
	CONTEXT_MAX = 128,
	INPUT_MAX = (INPUT_HEAD + FIELDS_MAX + CONTEXT_MAX + AES_BLOCK - 1) / AES_BLOCK * AES_BLOCK,
	BLOCKS_MAX = INPUT_MAX / AES_BLOCK,
	STREAM_BLOCKS = (FIELDS_MAX + AES_BLOCK - 1) / AES_BLOCK,
};

struct ring_key {
	struct cmac_key mac;
	struct aes_key cipher;
	uint8_t epoch;
	bool usable;
};

// A token that waits for its tag.
struct job {
	_Alignas(AES_BLOCK) uint8_t input[INPUT_MAX + AES_BLOCK];
	uint8_t bytes[BYTES_MAX + BASE32_BEHIND];
	uint8_t len;        // of the fields
	uint8_t digits;     // of the text
	uint8_t blocks;     // of the input
	uint16_t input_len; // without padding
	char *out;
};

struct token_ring {
	struct ring_key *sealing;
	struct ring_key *epoch[EPOCHS];
	struct ring_key keys[TOKEN_KEYS_MAX];
	struct job *next; // the first one that is free
	bool failed;      // some of the jobs since token_seal_all() were
	struct job jobs[TOKEN_JOBS_MAX];
};
_Static_assert(BYTES_MAX <= TOKEN_TEXT_MAX / BASE32_DIGITS * BASE32_BYTES, "groups have room");

// 1 to 8 bytes, a number known when this is compiled.
static inline void put_be(uint8_t *at, uint64_t v, unsigned bytes)
{
	v = htobe64(v << (64 - 8 * bytes));
	memcpy(at, &v, bytes);
}

// By bytes: a wide load of what narrow stores just wrote would wait for them.
static inline uint64_t get_be(const uint8_t *at, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | at[i];
	return v;
}

static bool ring_key_init(struct ring_key *k, const struct token_key *key)
{
	uint8_t mac[AES_BLOCK];

	_Static_assert(sizeof(key->mac) == sizeof(mac), "a key of AES-128");
	memcpy(mac, &key->mac, sizeof(mac));
	k->usable = true;
	k->epoch = key->epoch;
	return cmac_key_init(&k->mac, mac) && aes_key_init(&k->cipher, key->cipher);
}

struct token_ring *token_ring_create(const struct token_key *keys, unsigned n)
{
	struct token_ring *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->next = r->jobs;
	for (unsigned i = 0; i < n && i < TOKEN_KEYS_MAX; i++) {
		if (!keys[i].usable || keys[i].epoch >= EPOCHS || r->epoch[keys[i].epoch] != NULL)
			continue;
		if (!ring_key_init(&r->keys[i], &keys[i])) {
			token_ring_destroy(r);
			return NULL;
		}
		r->epoch[keys[i].epoch] = &r->keys[i];
		if (r->sealing == NULL)
			r->sealing = &r->keys[i];
	}
	if (r->sealing == NULL) {
		token_ring_destroy(r);
		return NULL;
	}
	return r;
}

void token_ring_destroy(struct token_ring *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < TOKEN_KEYS_MAX; i++)
		if (r->keys[i].usable) {
			cmac_key_fini(&r->keys[i].mac);
			aes_key_fini(&r->keys[i].cipher);
		}
	OPENSSL_cleanse(r, sizeof(*r));
	free(r);
}

const struct cmac_key *token_ring_mac(const struct token_ring *r)
{
	return &r->sealing->mac;
}

// Puts the context where it stands in the tag's input, and how long it is said to be. The lengths
// make that unambiguous.
static inline void job_context(struct job *j, struct str context, size_t said)
{
	put_be(j->input + 2, said, 2);
	str_put((char *)j->input + INPUT_HEAD + j->len, context);
	j->input_len = (uint16_t)(INPUT_HEAD + j->len + context.len);
	j->blocks = (uint8_t)((j->input_len + AES_BLOCK - 1) / AES_BLOCK);
}

// What stands there of a long one. False when libcrypto fails.
static bool digest_context(const struct ring_key *k, struct str *context, uint8_t mac[AES_BLOCK])
{
	if (!cmac(&k->mac, *context, mac))
		return false;
	*context = (struct str){(const char *)mac, AES_BLOCK};
	return true;
}

static size_t said_len(struct str context)
{
	return context.len < UINT16_MAX ? context.len : UINT16_MAX;
}

// Makes a chain of the fields and the context.
static inline void job_chain(struct job *j, const struct ring_key *k, struct aes_chain *c)
{
	j->input[0] = j->bytes[0];
	j->input[1] = j->len;
	c->in = j->input;
	c->blocks = cmac_pad(&k->mac, j->input, j->input_len);
	memset(c->state, 0, sizeof(c->state));
}

// With what is behind them: fields before the context is put there, or zeros.
static inline void copy_fields(uint8_t *to, const uint8_t *fields, size_t len)
{
	memcpy(to, fields, FIELDS_SHORT);
	if (len > FIELDS_SHORT)
		memcpy(to + FIELDS_SHORT, fields + FIELDS_SHORT, FIELDS_MAX - FIELDS_SHORT);
}

// The blocks of AES-128-CTR a token's fields are enciphered with: tag, zeros, block number.
static void stream_blocks(const uint8_t *bytes, uint8_t *stream, unsigned blocks)
{
	for (unsigned i = 0; i < blocks; i++, stream += AES_BLOCK) {
		memcpy(stream, bytes + TAG_AT, TAG_BYTES);
		put_be(stream + TAG_BYTES, i, AES_BLOCK - TAG_BYTES);
	}
}

static unsigned stream_len(size_t fields)
{
	return (unsigned)(fields + AES_BLOCK - 1) / AES_BLOCK;
}

// By words, of which the last one may reach behind the fields.
static void add_stream(uint8_t *fields, size_t len, const uint8_t *stream)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word, key;

		memcpy(&word, fields + i, 8);
		memcpy(&key, stream + i, 8);
		if (len - i < 8)
			key &= htole64((UINT64_C(1) << 8 * (len - i)) - 1);
		word ^= key;
		memcpy(fields + i, &word, 8);
	}
}

// A Contact's host: an address by its length, else a name, longer than any address.
static size_t write_host(const struct token *t, uint8_t *at)
{
	const size_t len = t->name_len, fill = CONTACT_FIELDS_NAME - 4;

	if (t->addr.family == ADDR_IPV4 || t->addr.family == ADDR_IPV6) {
		memcpy(at, t->addr.ip, sizeof(t->addr.ip));
		return addr_ip_len(&t->addr);
	}
	if (len == 0 || len > TOKEN_NAME_MAX)
		return 0;
	memcpy(at, t->name, sizeof(t->name));
	memset(at + len, 0, fill);
	return len > fill ? len : fill;
}

static void read_host(struct token *t, const uint8_t *at, size_t len)
{
	if (len < CONTACT_FIELDS_NAME - 4) {
		t->addr.family = len == 4 ? ADDR_IPV4 : ADDR_IPV6;
		memcpy(t->addr.ip, at, len);
		return;
	}
	memcpy(t->name, at, len);
	t->name_len = (uint8_t)strnlen(t->name, len);
}

// Filled up, so that the length of short names does not show.
static size_t write_gruu(const struct token *t, uint8_t *at)
{
	size_t len = t->name_len;

	if (len == 0 || len > TOKEN_AOR_MAX)
		return 0;
	put_be(at, t->branch, 8);
	put_be(at + 8, t->loop, 4);
	memcpy(at + GRUU_FIELDS_HEAD, t->name, sizeof(t->name));
	memset(at + GRUU_FIELDS_HEAD + len, 0, GRUU_NAME_MIN);
	return GRUU_FIELDS_HEAD + (len > GRUU_NAME_MIN ? len : GRUU_NAME_MIN);
}

static void read_gruu(struct token *t, const uint8_t *at, size_t len)
{
	t->branch = get_be(at, 8);
	t->loop = (uint32_t)get_be(at + 8, 4);
	memcpy(t->name, at + GRUU_FIELDS_HEAD, len - GRUU_FIELDS_HEAD);
	t->name_len = (uint8_t)strnlen(t->name, len - GRUU_FIELDS_HEAD);
}

// Length of the fields, 0 when the token cannot be sealed. Addresses and names are copied with all
// of their room: what follows the fields is put there later.
static size_t write_fields(const struct token *t, uint8_t *at)
{
	const uint64_t legs = (uint32_t)t->leg_in << 16 | t->leg_out;
	size_t len;

	if (t->kind == TOKEN_GRUU)
		return write_gruu(t, at);
	switch (t->kind) {
	case TOKEN_VIA:
		put_be(at, legs << 32 | t->branch >> 32, 8);
		put_be(at + 8, t->branch << 32 | t->loop, 8);
		return VIA_FIELDS;
	case TOKEN_RECORD_ROUTE:
		put_be(at, legs, 4);
		if (t->addr.family == ADDR_NONE)
			return RECORD_ROUTE_FIELDS;
		put_be(at + 4, t->addr.port, 2);
		memcpy(at + 6, t->addr.ip, sizeof(t->addr.ip));
		return 6 + addr_ip_len(&t->addr);
	case TOKEN_CONTACT:
		put_be(at, t->leg_in, 2);
		put_be(at + 2, t->addr.port, 2);
		len = write_host(t, at + 4);
		return len == 0 ? 0 : 4 + len;
	case TOKEN_GRUU:
		break;
	}
	return 0;
}

static void read_fields(struct token *t, const uint8_t *at, size_t len)
{
	if (t->kind == TOKEN_GRUU) {
		read_gruu(t, at, len);
		return;
	}
	t->leg_in = (uint16_t)get_be(at, 2);
	if (t->kind == TOKEN_CONTACT) {
		t->addr.port = (uint16_t)get_be(at + 2, 2);
		read_host(t, at + 4, len - 4);
		return;
	}
	t->leg_out = (uint16_t)get_be(at + 2, 2);
	if (t->kind == TOKEN_RECORD_ROUTE && len > RECORD_ROUTE_FIELDS) {
		t->addr.family = len == FLOW_FIELDS_IPV4 ? ADDR_IPV4 : ADDR_IPV6;
		t->addr.port = (uint16_t)get_be(at + 4, 2);
		memcpy(t->addr.ip, at + 6, len - 6);
	}
	if (t->kind == TOKEN_VIA) {
		t->branch = get_be(at + 4, 8);
		t->loop = (uint32_t)get_be(at + 12, 4);
	}
}

static bool fields_len_ok(enum token_kind kind, size_t len)
{
	switch (kind) {
	case TOKEN_VIA:
		return len == VIA_FIELDS;
	case TOKEN_RECORD_ROUTE:
		return len == RECORD_ROUTE_FIELDS || len == FLOW_FIELDS_IPV4 ||
		       len == FLOW_FIELDS_IPV6;
	case TOKEN_CONTACT:
		return len == CONTACT_FIELDS_IPV4 || len == CONTACT_FIELDS_IPV6 ||
		       (len >= CONTACT_FIELDS_NAME && len <= FIELDS_MAX);
	case TOKEN_GRUU:
		return len >= GRUU_FIELDS_HEAD + GRUU_NAME_MIN &&
		       len <= GRUU_FIELDS_HEAD + TOKEN_AOR_MAX;
	}
	return false;
}

static enum token_kind kind_of(const uint8_t *bytes)
{
	return (enum token_kind)(bytes[0] >> 4);
}

// Whoever reads the message is not to read these.
static bool is_hidden(enum token_kind kind, size_t len)
{
	return kind == TOKEN_CONTACT || kind == TOKEN_GRUU ||
	       (kind == TOKEN_RECORD_ROUTE && len > RECORD_ROUTE_FIELDS);
}

// The fields, for the text, and the chain of what its tag is of.
static inline void job_start(struct job *j, const struct ring_key *k, struct aes_chain *c)
{
	copy_fields(j->bytes + FIELDS_AT, j->input + INPUT_HEAD, j->len);
	memset(j->bytes + FIELDS_AT + j->len, 0, BASE32_BYTES - 1);
	job_chain(j, k, c);
}

// Tags of all jobs. Chains run beside each other: best those of one length.
static bool make_tags(struct token_ring *r)
{
	const struct job *end = r->next;
	struct aes_chain c[TOKEN_JOBS_MAX];
	struct job *of[TOKEN_JOBS_MAX]; // job of a chain
	const struct ring_key *k = r->sealing;
	uint8_t start[BLOCKS_MAX + 2] = {0};
	unsigned n = 0;

	for (const struct job *j = r->jobs; j < end; j++)
		start[j->blocks + 1]++;
	for (unsigned blocks = 1; blocks <= BLOCKS_MAX; blocks++)
		start[blocks] = (uint8_t)(start[blocks] + start[blocks - 1]);
	for (struct job *j = r->jobs; j < end; j++, n++) {
		const unsigned at = start[j->blocks]++;

		job_start(j, k, &c[at]);
		of[at] = j;
	}
	if (!aes_chains(&r->sealing->mac.aes, c, n))
		return false;
	for (unsigned i = 0; i < n; i++)
		memcpy(of[i]->bytes + TAG_AT, c[i].state, TAG_BYTES);
	return true;
}

static bool hide_fields(struct token_ring *r)
{
	const struct job *end = r->next;
	struct job *hidden[TOKEN_JOBS_MAX];
	uint8_t stream[TOKEN_JOBS_MAX * STREAM_BLOCKS * AES_BLOCK];
	unsigned blocks = 0, n = 0;

	for (struct job *j = r->jobs; j < end; j++) {
		if (!is_hidden(kind_of(j->bytes), j->len))
			continue;
		stream_blocks(j->bytes, stream + blocks * AES_BLOCK, stream_len(j->len));
		blocks += stream_len(j->len);
		hidden[n++] = j;
	}
	if (blocks == 0)
		return true;
	if (!aes_blocks(&r->sealing->cipher, stream, blocks))
		return false;
	blocks = 0;
	for (unsigned i = 0; i < n; i++) {
		struct job *j = hidden[i];

		add_stream(j->bytes + FIELDS_AT, j->len, stream + blocks * AES_BLOCK);
		blocks += stream_len(j->len);
	}
	return true;
}

static void run_jobs(struct token_ring *r)
{
	const struct job *end = r->next;
	const bool ok = make_tags(r) && hide_fields(r);

	for (const struct job *j = r->jobs; ok && j < end; j++)
		base32_write(j->bytes, j->digits, j->out);
	r->next = r->jobs;
	r->failed |= !ok;
}

// There is always one that is free.
static inline size_t add_job(
        struct token_ring *r, const struct token *t, struct str context, size_t said, char *out)
{
	struct job *j = r->next;
	const size_t len = write_fields(t, j->input + INPUT_HEAD);
	const size_t digits = base32_len(FIELDS_AT + len);

	if (len == 0)
		return 0;
	j->bytes[0] = (uint8_t)((unsigned)t->kind << 4 | r->sealing->epoch);
	j->len = (uint8_t)len;
	j->digits = (uint8_t)digits;
	j->out = out;
	job_context(j, context, said);
	r->next = j + 1;
	if (r->next == r->jobs + TOKEN_JOBS_MAX)
		run_jobs(r);
	return digits;
}

static size_t add_long_job(
        struct token_ring *r, const struct token *t, struct str context, char *out)
{
	const size_t said = said_len(context);
	uint8_t mac[AES_BLOCK];

	return digest_context(r->sealing, &context, mac) ? add_job(r, t, context, said, out) : 0;
}

size_t token_seal_later(struct token_ring *r, const struct token *t, struct str context, char *out)
{
	if (context.len > CONTEXT_MAX)
		return add_long_job(r, t, context, out);
	return add_job(r, t, context, context.len, out);
}

bool token_seal_all(struct token_ring *r)
{
	if (r->next != r->jobs)
		run_jobs(r);
	const bool ok = !r->failed;

	r->failed = false;
	return ok;
}

size_t token_seal(struct token_ring *r, const struct token *t, struct str context, char *out)
{
	const size_t len = token_seal_later(r, t, context, out);

	return token_seal_all(r) ? len : 0;
}

bool token_open(struct token_ring *r, enum token_kind kind, struct str text, struct str context,
        struct token *out)
{
	const size_t said = said_len(context);
	uint8_t stream[STREAM_BLOCKS * AES_BLOCK], mac[AES_BLOCK];
	struct ring_key *k;
	struct aes_chain c;
	struct job j;
	size_t len = text.len <= TOKEN_TEXT_MAX ? base32_read(text, j.bytes, BYTES_MAX) : 0;

	if (len <= FIELDS_AT || kind_of(j.bytes) != kind)
		return false;
	len -= FIELDS_AT;
	k = r->epoch[j.bytes[0] & 15];
	if (k == NULL || !fields_len_ok(kind, len))
		return false;
	j.len = (uint8_t)len;
	if (is_hidden(kind, len)) {
		stream_blocks(j.bytes, stream, stream_len(len));
		if (!aes_blocks(&k->cipher, stream, stream_len(len)))
			return false;
		add_stream(j.bytes + FIELDS_AT, len, stream);
	}
	copy_fields(j.input + INPUT_HEAD, j.bytes + FIELDS_AT, len);
	if (context.len > CONTEXT_MAX && !digest_context(k, &context, mac))
		return false;
	job_context(&j, context, said);
	job_chain(&j, k, &c);
	if (!aes_chains(&k->mac.aes, &c, 1) ||
	        CRYPTO_memcmp(c.state, j.bytes + TAG_AT, TAG_BYTES) != 0)
		return false;
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	read_fields(out, j.bytes + FIELDS_AT, len);
	return true;
}
