// AES-128 (FIPS 197) and AES-CMAC (RFC 4493) of many short inputs at once: one block waits for the
// one before it in its own chain only, so chains of several tokens go through the CPU side by side.
// Two variants: the CPU's AES instructions, and libcrypto where it has none. Chosen when a key is
// made, forced by the environment (SPRY_AES=libcrypto|aesni) so that tests can compare them.
#pragma once

#include "dataplane/base/str.h"

enum { AES_BLOCK = 16, AES_ROUND_KEYS = 11 };
typedef uint64_t aes_word __attribute__((vector_size(AES_BLOCK))); // a block in a register

struct aes_variant;

// For one thread: libcrypto's contexts are not shared.
struct aes_key {
	_Alignas(16) uint8_t round[AES_ROUND_KEYS][AES_BLOCK]; // (aesni)
	const struct aes_variant *variant;
	void *ecb, *cbc; // (libcrypto) contexts, else NULL
};

// Whole blocks in cipher block chaining, of which only the last one is wanted.
struct aes_chain {
	const uint8_t *in;
	unsigned blocks;          // at least one
	uint8_t state[AES_BLOCK]; // before the first block: zeros; after the last: the result
};

// False when libcrypto fails.
bool aes_key_init(struct aes_key *k, const uint8_t key[AES_BLOCK]);
void aes_key_fini(struct aes_key *k);
// Enciphers n blocks in place, each for itself.
bool aes_blocks(const struct aes_key *k, uint8_t *at, unsigned n);
// Runs n chains, best in the order of their length.
bool aes_chains(const struct aes_key *k, struct aes_chain *c, unsigned n);

struct cmac_key {
	struct aes_key aes;
	uint8_t subkey[2][AES_BLOCK]; // K1, K2
};

bool cmac_key_init(struct cmac_key *k, const uint8_t key[AES_BLOCK]);
void cmac_key_fini(struct cmac_key *k);
// Makes the `len` bytes of `in` an input of aes_chains(), in place: room for one block more than
// they fill. Returns how many blocks it has.
static inline unsigned cmac_pad(const struct cmac_key *k, uint8_t *in, size_t len)
{
	const unsigned blocks = (unsigned)((len + AES_BLOCK - 1) / AES_BLOCK) + (len == 0);
	uint8_t *last = in + (blocks - 1) * (size_t)AES_BLOCK;
	aes_word text, subkey;

	memset(in + len, 0, AES_BLOCK);
	in[len] = 0x80;
	memcpy(&text, last, AES_BLOCK);
	memcpy(&subkey, k->subkey[len % AES_BLOCK != 0 || len == 0], AES_BLOCK);
	text ^= subkey;
	memcpy(last, &text, AES_BLOCK);
	return blocks;
}
// The MAC of any bytes.
bool cmac(const struct cmac_key *k, struct str in, uint8_t out[AES_BLOCK]);

struct aes_variant {
	const char *name;
	bool (*usable)(void);
	bool (*key)(struct aes_key *k, const uint8_t key[AES_BLOCK]);
	bool (*blocks)(const struct aes_key *k, uint8_t *at, unsigned n);
	bool (*chains)(const struct aes_key *k, struct aes_chain *c, unsigned n);
};
// All variants of this build, libcrypto first, ended by a row with name NULL.
extern const struct aes_variant aes_variants[];

// Of the CPU's instructions (aes_ni.c): not every CPU can run them.
bool aes_ni_key(struct aes_key *k, const uint8_t key[AES_BLOCK]);
bool aes_ni_blocks(const struct aes_key *k, uint8_t *at, unsigned n);
bool aes_ni_chains(const struct aes_key *k, struct aes_chain *c, unsigned n);
