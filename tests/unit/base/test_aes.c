// aes: the vectors of NIST SP 800-38A and RFC 4493 on every variant, and each compared with the
// CMAC of libcrypto, alone and in chains side by side.
#include "tests/unit/unit.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "dataplane/base/aes.h"

enum { LONGEST = 300, CHAINS = 23 };

static const uint8_t key[AES_BLOCK] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
        0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const uint8_t plain[] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e,
        0x11, 0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7,
        0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4, 0x11, 0xe5,
        0xfb, 0xc1, 0x19, 0x1a, 0x0a, 0x52, 0xef, 0xf6, 0x9f, 0x24, 0x45, 0xdf, 0x4f, 0x9b, 0x17,
        0xad, 0x2b, 0x41, 0x7b, 0xe6, 0x6c, 0x37, 0x10};

static void each_variant(void (*check)(void))
{
	for (const struct aes_variant *v = aes_variants; v->name != NULL; v++) {
		struct aes_key k;

		if (!v->usable()) {
			print_message(
			        "[  SKIPPED ] variant %s: this CPU has not its instructions\n",
			        v->name);
			continue;
		}
		setenv("SPRY_AES", v->name, 1);
		assert_true(aes_key_init(&k, key));
		assert_ptr_equal(k.variant, v);
		aes_key_fini(&k);
		check();
	}
	unsetenv("SPRY_AES");
}

// NIST SP 800-38A F.1.1, and as many blocks as take all ways through the code.
static void check_blocks(void)
{
	static const uint8_t want[2][AES_BLOCK] = {
	        {0x3a, 0xd7, 0x7b, 0xb4, 0x0d, 0x7a, 0x36, 0x60, 0xa8, 0x9e, 0xca, 0xf3, 0x24, 0x66,
	                0xef, 0x97},
	        {0xf5, 0xd3, 0xd5, 0x85, 0x03, 0xb9, 0x69, 0x9d, 0xe7, 0x85, 0x89, 0x5a, 0x96, 0xfd,
	                0xba, 0xaf}};
	uint8_t text[CHAINS * AES_BLOCK];
	struct aes_key k;

	assert_true(aes_key_init(&k, key));
	for (unsigned n = 1; n <= CHAINS; n++) {
		for (unsigned i = 0; i < n; i++)
			memcpy(text + i * AES_BLOCK, plain + i % 2 * AES_BLOCK, AES_BLOCK);
		assert_true(aes_blocks(&k, text, n));
		for (unsigned i = 0; i < n; i++)
			assert_memory_equal(text + i * AES_BLOCK, want[i % 2], AES_BLOCK);
	}
	aes_key_fini(&k);
}

static void blocks(void **state)
{
	(void)state;
	each_variant(check_blocks);
}

// RFC 4493 §4
static void check_vectors(void)
{
	static const uint8_t subkey[2][AES_BLOCK] = {
	        {0xfb, 0xee, 0xd6, 0x18, 0x35, 0x71, 0x33, 0x66, 0x7c, 0x85, 0xe0, 0x8f, 0x72, 0x36,
	                0xa8, 0xde},
	        {0xf7, 0xdd, 0xac, 0x30, 0x6a, 0xe2, 0x66, 0xcc, 0xf9, 0x0b, 0xc1, 0x1e, 0xe4, 0x6d,
	                0x51, 0x3b}};
	static const struct {
		size_t len;
		uint8_t want[AES_BLOCK];
	} rows[] = {
	        {0, {0xbb, 0x1d, 0x69, 0x29, 0xe9, 0x59, 0x37, 0x28, 0x7f, 0xa3, 0x7d, 0x12, 0x9b,
	                    0x75, 0x67, 0x46}},
	        {16, {0x07, 0x0a, 0x16, 0xb4, 0x6b, 0x4d, 0x41, 0x44, 0xf7, 0x9b, 0xdd, 0x9d, 0xd0,
	                     0x4a, 0x28, 0x7c}},
	        {40, {0xdf, 0xa6, 0x67, 0x47, 0xde, 0x9a, 0xe6, 0x30, 0x30, 0xca, 0x32, 0x61, 0x14,
	                     0x97, 0xc8, 0x27}},
	        {64, {0x51, 0xf0, 0xbe, 0xbf, 0x7e, 0x3b, 0x9d, 0x92, 0xfc, 0x49, 0x74, 0x17, 0x79,
	                     0x36, 0x3c, 0xfe}},
	};
	struct cmac_key k;
	uint8_t got[AES_BLOCK];

	assert_true(cmac_key_init(&k, key));
	assert_memory_equal(k.subkey, subkey, sizeof(subkey));
	for (size_t i = 0; i < unit_rows(rows); i++) {
		assert_true(cmac(&k, (struct str){(const char *)plain, rows[i].len}, got));
		assert_memory_equal(got, rows[i].want, AES_BLOCK);
	}
	cmac_key_fini(&k);
}

static void vectors(void **state)
{
	(void)state;
	each_variant(check_vectors);
}

static void libcrypto_cmac(const uint8_t *p, size_t len, uint8_t out[AES_BLOCK])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
	char name[] = "AES-128-CBC";
	OSSL_PARAM params[] = {
	        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0), OSSL_PARAM_END};
	size_t n;

	assert_int_equal(EVP_MAC_init(c, key, sizeof(key), params), 1);
	assert_int_equal(EVP_MAC_update(c, p, len), 1);
	assert_int_equal(EVP_MAC_final(c, out, &n, AES_BLOCK), 1);
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(mac);
}

static uint8_t text[LONGEST], wanted[LONGEST + 1][AES_BLOCK];

static void check_lengths(void)
{
	uint8_t got[AES_BLOCK];
	struct cmac_key k;

	assert_true(cmac_key_init(&k, key));
	for (size_t len = 0; len <= LONGEST; len++) {
		assert_true(cmac(&k, (struct str){(const char *)text, len}, got));
		assert_memory_equal(got, wanted[len], AES_BLOCK);
	}
	cmac_key_fini(&k);
}

// Chains of all lengths beside each other.
static void check_chains(void)
{
	static uint8_t in[CHAINS][LONGEST + 2 * AES_BLOCK];
	struct aes_chain c[CHAINS];
	size_t len[CHAINS];
	struct cmac_key k;

	assert_true(cmac_key_init(&k, key));
	for (unsigned turn = 0; turn < 300; turn++) {
		const unsigned n = turn % CHAINS + 1;

		for (unsigned i = 0; i < n; i++) {
			len[i] = (turn * 31 + i * 53) % (LONGEST + 1);
			memcpy(in[i], text, len[i]);
			c[i] = (struct aes_chain){in[i], cmac_pad(&k, in[i], len[i]), {0}};
		}
		assert_true(aes_chains(&k.aes, c, n));
		for (unsigned i = 0; i < n; i++)
			assert_memory_equal(c[i].state, wanted[len[i]], AES_BLOCK);
	}
	cmac_key_fini(&k);
}

static void like_libcrypto(void **state)
{
	(void)state;
	for (size_t i = 0; i < LONGEST; i++)
		text[i] = (uint8_t)(i * 167 + i / 7);
	for (size_t len = 0; len <= LONGEST; len++)
		libcrypto_cmac(text, len, wanted[len]);
	each_variant(check_lengths);
	each_variant(check_chains);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(blocks),
	        cmocka_unit_test(vectors),
	        cmocka_unit_test(like_libcrypto),
	};

	return cmocka_run_group_tests_name("aes", tests, NULL, NULL);
}
