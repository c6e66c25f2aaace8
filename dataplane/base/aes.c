// AES by libcrypto, the choice of a variant, and CMAC above either.
#include "dataplane/base/aes.h"

#include <stdlib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

static bool usable_always(void)
{
	return true;
}

// Stands here and not beside its code, which must not run before it is known that it can.
static bool usable_ni(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("avx");
}

static EVP_CIPHER_CTX *context(const EVP_CIPHER *cipher, const uint8_t *key)
{
	static const uint8_t zero[AES_BLOCK];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c != NULL && EVP_EncryptInit_ex(c, cipher, NULL, key, zero) == 1 &&
	        EVP_CIPHER_CTX_set_padding(c, 0) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

static bool libcrypto_key(struct aes_key *k, const uint8_t key[AES_BLOCK])
{
	k->ecb = context(EVP_aes_128_ecb(), key);
	k->cbc = context(EVP_aes_128_cbc(), key);
	return k->ecb != NULL && k->cbc != NULL;
}

static bool libcrypto_blocks(const struct aes_key *k, uint8_t *at, unsigned n)
{
	int done;

	return EVP_EncryptUpdate(k->ecb, at, &done, at, (int)n * AES_BLOCK) == 1 &&
	       done == (int)n * AES_BLOCK;
}

// Its result is the last block: the others are written somewhere.
static bool libcrypto_chain(const struct aes_key *k, struct aes_chain *c)
{
	enum { AT_ONCE = 16 };
	uint8_t out[AT_ONCE * AES_BLOCK];
	const uint8_t *in = c->in;
	unsigned left = c->blocks;
	int done;

	if (EVP_EncryptInit_ex(k->cbc, NULL, NULL, NULL, c->state) != 1)
		return false;
	while (left > 0) {
		const unsigned now = left < AT_ONCE ? left : AT_ONCE;

		if (EVP_EncryptUpdate(k->cbc, out, &done, in, (int)now * AES_BLOCK) != 1 ||
		        done != (int)now * AES_BLOCK)
			return false;
		in += now * AES_BLOCK;
		left -= now;
		memcpy(c->state, out + (now - 1) * AES_BLOCK, AES_BLOCK);
	}
	return true;
}

static bool libcrypto_chains(const struct aes_key *k, struct aes_chain *c, unsigned n)
{
	bool ok = true;

	for (unsigned i = 0; i < n; i++)
		ok &= libcrypto_chain(k, &c[i]);
	return ok;
}

const struct aes_variant aes_variants[] = {
        {"libcrypto", usable_always, libcrypto_key, libcrypto_blocks, libcrypto_chains},
        {"aesni", usable_ni, aes_ni_key, aes_ni_blocks, aes_ni_chains},
        {NULL, NULL, NULL, NULL, NULL},
};

static const struct aes_variant *choose(void)
{
	const char *forced = getenv("SPRY_AES");
	const struct aes_variant *best = aes_variants;

	for (const struct aes_variant *v = aes_variants; v->name != NULL; v++)
		if ((forced == NULL || strcmp(v->name, forced) == 0) && v->usable())
			best = v;
	return best;
}

bool aes_key_init(struct aes_key *k, const uint8_t key[AES_BLOCK])
{
	memset(k, 0, sizeof(*k));
	k->variant = choose();
	if (k->variant->key(k, key))
		return true;
	aes_key_fini(k);
	return false;
}

void aes_key_fini(struct aes_key *k)
{
	EVP_CIPHER_CTX_free(k->ecb);
	EVP_CIPHER_CTX_free(k->cbc);
	OPENSSL_cleanse(k, sizeof(*k));
}

bool aes_blocks(const struct aes_key *k, uint8_t *at, unsigned n)
{
	return k->variant->blocks(k, at, n);
}

bool aes_chains(const struct aes_key *k, struct aes_chain *c, unsigned n)
{
	return k->variant->chains(k, c, n);
}

// Times x in the field of RFC 4493 §2.3.
static void double_block(const uint8_t *in, uint8_t *out)
{
	const unsigned carry = in[0] >> 7;

	for (unsigned i = 0; i < AES_BLOCK; i++)
		out[i] = (uint8_t)(in[i] << 1 | (i + 1 < AES_BLOCK ? in[i + 1] >> 7 : 0));
	out[AES_BLOCK - 1] ^= (uint8_t)(carry * 0x87);
}

bool cmac_key_init(struct cmac_key *k, const uint8_t key[AES_BLOCK])
{
	uint8_t l[AES_BLOCK] = {0};

	if (!aes_key_init(&k->aes, key))
		return false;
	if (!aes_blocks(&k->aes, l, 1)) {
		cmac_key_fini(k);
		return false;
	}
	double_block(l, k->subkey[0]);
	double_block(k->subkey[0], k->subkey[1]);
	return true;
}

void cmac_key_fini(struct cmac_key *k)
{
	aes_key_fini(&k->aes);
	OPENSSL_cleanse(k, sizeof(*k));
}

bool cmac(const struct cmac_key *k, struct str in, uint8_t out[AES_BLOCK])
{
	// All but the last block are chained where they are.
	const size_t front = in.len > AES_BLOCK ? (in.len - 1) / AES_BLOCK * AES_BLOCK : 0;
	struct aes_chain c = {(const uint8_t *)in.p, (unsigned)(front / AES_BLOCK), {0}};
	uint8_t last[2 * AES_BLOCK];

	if (front > 0 && !aes_chains(&k->aes, &c, 1))
		return false;
	if (in.len > front)
		memcpy(last, in.p + front, in.len - front);
	c.in = last;
	c.blocks = cmac_pad(k, last, in.len - front);
	if (!aes_chains(&k->aes, &c, 1))
		return false;
	memcpy(out, c.state, AES_BLOCK);
	return true;
}
