// One's complement sums (RFC 1071) over the bytes as they lie in the packet, 32 of them a step:
// AVX2 where the build is for CPUs that have it, as in base/vec.h.
#pragma once

#include "dataplane/base/vec.h"

// Sums of 16-bit words in lanes of 32 bits. Words are added as if they were signed, 0x8000 less
// each: that is how the CPU adds two and two of them at once.
#ifdef __AVX2__
struct sum {
	__m256i lanes;
};
#else
struct sum {
	__m128i low, high;
};
#endif

#ifdef __AVX2__

static inline struct sum sum_start(void)
{
	return (struct sum){_mm256_setzero_si256()};
}

static inline struct sum sum_add(struct sum s, struct vec v)
{
	const __m256i words = _mm256_xor_si256(v.bytes, _mm256_set1_epi16(INT16_MIN));

	return (struct sum){
	        _mm256_add_epi32(s.lanes, _mm256_madd_epi16(words, _mm256_set1_epi16(1)))};
}

static inline struct sum sum_both(struct sum a, struct sum b)
{
	return (struct sum){_mm256_add_epi32(a.lanes, b.lanes)};
}

static inline struct vec sum_mask(struct vec v, struct vec mask)
{
	return (struct vec){_mm256_and_si256(v.bytes, mask.bytes)};
}

// 16 bytes each.
static inline struct vec sum_pair(const void *a, const void *b)
{
	return (struct vec){_mm256_set_m128i(_mm_loadu_si128(b), _mm_loadu_si128(a))};
}

static inline __m128i sum_halves(struct sum s)
{
	return _mm_add_epi32(_mm256_castsi256_si128(s.lanes), _mm256_extracti128_si256(s.lanes, 1));
}

#else

static inline struct sum sum_start(void)
{
	return (struct sum){_mm_setzero_si128(), _mm_setzero_si128()};
}

static inline __m128i sum_add_half(__m128i lanes, __m128i bytes)
{
	const __m128i words = _mm_xor_si128(bytes, _mm_set1_epi16(INT16_MIN));

	return _mm_add_epi32(lanes, _mm_madd_epi16(words, _mm_set1_epi16(1)));
}

static inline struct sum sum_add(struct sum s, struct vec v)
{
	return (struct sum){sum_add_half(s.low, v.low), sum_add_half(s.high, v.high)};
}

static inline struct sum sum_both(struct sum a, struct sum b)
{
	return (struct sum){_mm_add_epi32(a.low, b.low), _mm_add_epi32(a.high, b.high)};
}

static inline struct vec sum_mask(struct vec v, struct vec mask)
{
	return (struct vec){_mm_and_si128(v.low, mask.low), _mm_and_si128(v.high, mask.high)};
}

static inline struct vec sum_pair(const void *a, const void *b)
{
	return (struct vec){_mm_loadu_si128(a), _mm_loadu_si128(b)};
}

static inline __m128i sum_halves(struct sum s)
{
	return _mm_add_epi32(s.low, s.high);
}

#endif

// Bytes of `len`; a last odd one counts as if a zero came behind it.
static inline struct sum sum_bytes(struct sum s, const void *bytes, size_t len)
{
	static const char keep[2 * VEC_BYTES] = {
	        [0 ... VEC_BYTES - 1] = -1}; // from VEC_BYTES - n on: the first n
	const char *p = bytes;

	for (; len >= 4 * VEC_BYTES; p += 4 * VEC_BYTES, len -= 4 * VEC_BYTES) {
		struct sum four = sum_add(sum_start(), vec_read(p));

		four = sum_add(four, vec_read(p + VEC_BYTES));
		four = sum_add(four, vec_read(p + 2 * VEC_BYTES));
		four = sum_add(four, vec_read(p + 3 * VEC_BYTES));
		s = sum_both(s, four);
	}
	for (; len >= VEC_BYTES; p += VEC_BYTES, len -= VEC_BYTES)
		s = sum_add(s, vec_read(p));
	if (len == 0)
		return s;
	return sum_add(
	        s, sum_mask(vec_load((struct str){p, len}), vec_read(keep + VEC_BYTES - len)));
}

// Steps of sum_bytes().
static inline uint32_t sum_steps(size_t len)
{
	return (uint32_t)((len + VEC_BYTES - 1) / VEC_BYTES);
}

// The lanes together, of so many steps: the plain sum, exact where it fits 32 bits.
static inline uint32_t sum_end(struct sum s, uint32_t steps)
{
	__m128i four = sum_halves(s);

	four = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
	four = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(2, 3, 0, 1)));
	return (uint32_t)_mm_cvtsi128_si32(four) + steps * (VEC_BYTES / 2 * 0x8000);
}
