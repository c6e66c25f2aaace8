// AES-128 by the CPU's instructions (Gueron, "Intel Advanced Encryption Standard Instructions",
// 2010). A round takes four cycles but two can begin in each: eight chains side by side keep it
// busy.
#include "dataplane/base/aes.h"

#include <immintrin.h>

enum { LANES = 8, ROUNDS = AES_ROUND_KEYS - 1 };

static inline __m128i load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline void store(uint8_t *p, __m128i x)
{
	_mm_storeu_si128((__m128i *)(void *)p, x);
}

// The next round key of the one before and what aeskeygenassist made of it (FIPS 197 §5.2).
static inline __m128i next_key(__m128i key, __m128i assist)
{
	key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
	key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
	return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

bool aes_ni_key(struct aes_key *k, const uint8_t key[AES_BLOCK])
{
	__m128i r = load(key);

	store(k->round[0], r);
	// The round constant is part of the instruction.
#define NEXT(i, constant)                                        \
	r = next_key(r, _mm_aeskeygenassist_si128(r, constant)); \
	store(k->round[i], r)
	NEXT(1, 0x01);
	NEXT(2, 0x02);
	NEXT(3, 0x04);
	NEXT(4, 0x08);
	NEXT(5, 0x10);
	NEXT(6, 0x20);
	NEXT(7, 0x40);
	NEXT(8, 0x80);
	NEXT(9, 0x1b);
	NEXT(10, 0x36);
#undef NEXT
	return true;
}

static inline __attribute__((always_inline)) void encipher(
        const struct aes_key *k, __m128i *s, unsigned lanes)
{
	__m128i key = load(k->round[0]);

	for (unsigned i = 0; i < lanes; i++)
		s[i] = _mm_xor_si128(s[i], key);
	for (unsigned round = 1; round < ROUNDS; round++) {
		key = load(k->round[round]);
		for (unsigned i = 0; i < lanes; i++)
			s[i] = _mm_aesenc_si128(s[i], key);
	}
	key = load(k->round[ROUNDS]);
	for (unsigned i = 0; i < lanes; i++)
		s[i] = _mm_aesenclast_si128(s[i], key);
}

bool aes_ni_blocks(const struct aes_key *k, uint8_t *at, unsigned n)
{
	__m128i s[LANES];

	for (; n >= LANES; n -= LANES, at += LANES * AES_BLOCK) {
		for (unsigned i = 0; i < LANES; i++)
			s[i] = load(at + i * AES_BLOCK);
		encipher(k, s, LANES);
		for (unsigned i = 0; i < LANES; i++)
			store(at + i * AES_BLOCK, s[i]);
	}
	for (; n > 0; n--, at += AES_BLOCK) {
		s[0] = load(at);
		encipher(k, s, 1);
		store(at, s[0]);
	}
	return true;
}

// One chain alone, or the rest of one.
static void chain_alone(const struct aes_key *k, struct aes_chain *c)
{
	__m128i s = load(c->state);

	for (unsigned i = 0; i < c->blocks; i++) {
		s = _mm_xor_si128(s, load(c->in + (size_t)i * AES_BLOCK));
		encipher(k, &s, 1);
	}
	store(c->state, s);
}

// `lanes` chains in step: first as far as all of them go. Then those that are shorter than others
// go on with a block they have had: what comes of it is not kept.
static inline __attribute__((always_inline)) void chain_lanes(
        const struct aes_key *k, struct aes_chain *c, unsigned lanes)
{
	unsigned shortest = c[0].blocks, longest = c[0].blocks, step;
	__m128i s[LANES];

	for (unsigned i = 0; i < lanes; i++) {
		s[i] = load(c[i].state);
		shortest = c[i].blocks < shortest ? c[i].blocks : shortest;
		longest = c[i].blocks > longest ? c[i].blocks : longest;
	}
	for (step = 0; step < shortest; step++) {
		for (unsigned i = 0; i < lanes; i++)
			s[i] = _mm_xor_si128(s[i], load(c[i].in + (size_t)step * AES_BLOCK));
		encipher(k, s, lanes);
	}
	for (unsigned i = 0; i < lanes; i++)
		store(c[i].state, s[i]);
	for (; step < longest; step++) {
		for (unsigned i = 0; i < lanes; i++) {
			const size_t at = step < c[i].blocks ? step : 0;

			s[i] = _mm_xor_si128(s[i], load(c[i].in + at * AES_BLOCK));
		}
		encipher(k, s, lanes);
		for (unsigned i = 0; i < lanes; i++)
			if (step < c[i].blocks)
				store(c[i].state, s[i]);
	}
}

bool aes_ni_chains(const struct aes_key *k, struct aes_chain *c, unsigned n)
{
	for (; n >= LANES; n -= LANES, c += LANES)
		chain_lanes(k, c, LANES);
	for (; n >= 4; n -= 4, c += 4)
		chain_lanes(k, c, 4);
	for (; n >= 2; n -= 2, c += 2)
		chain_lanes(k, c, 2);
	if (n > 0)
		chain_alone(k, c);
	return true;
}
