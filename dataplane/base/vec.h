// Windows of 32 bytes: how the grammar looks at text, many bytes in one step. AVX2 where the build
// is for CPUs that have it, else two halves of SSE (what DPDK needs too). Each question gives a
// mask, one bit a byte; the bits of bytes behind the text mean nothing: vec_low() cuts them off.
#pragma once

#include <immintrin.h>

#include "dataplane/base/str.h"

enum { VEC_BYTES = 32, VEC_PAIR_BYTES = 2 * VEC_BYTES, VEC_PAGE = 4096 };

#if defined(__SANITIZE_ADDRESS__)
#define VEC_EXACT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VEC_EXACT 1
#endif
#endif

#ifdef __AVX2__
struct vec {
	__m256i bytes;
};
#else
struct vec {
	__m128i low, high;
};
#endif

// A set of ASCII characters: bit h of row[l] says whether the character 16 * h + l is in it.
struct vec_set {
	uint8_t row[16];
};

#ifdef __AVX2__

static inline struct vec vec_read(const char *p)
{
	return (struct vec){_mm256_loadu_si256((const void *)p)};
}

static inline void vec_write(char *p, struct vec v)
{
	_mm256_storeu_si256((void *)p, v.bytes);
}

static inline struct vec vec_fill(char c)
{
	return (struct vec){_mm256_set1_epi8(c)};
}

static inline struct vec vec_or(struct vec a, struct vec b)
{
	return (struct vec){_mm256_or_si256(a.bytes, b.bytes)};
}

// Bytes that are the same in both.
static inline uint32_t vec_same(struct vec a, struct vec b)
{
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a.bytes, b.bytes));
}

// Bytes from 0x80 on.
static inline uint32_t vec_high(struct vec v)
{
	return (uint32_t)_mm256_movemask_epi8(v.bytes);
}

// Bytes up to c (unsigned).
static inline uint32_t vec_up_to(struct vec v, unsigned char c)
{
	const __m256i low = _mm256_min_epu8(v.bytes, _mm256_set1_epi8((char)c));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, v.bytes));
}

// Bytes that are not in the set.
static inline uint32_t vec_out(struct vec v, __m128i set)
{
	const __m256i bits = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0,
	        1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i upper =
	        _mm256_and_si256(_mm256_srli_epi16(v.bytes, 4), _mm256_set1_epi8(0x0f));
	const __m256i row = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(set), v.bytes);
	const __m256i in = _mm256_and_si256(row, _mm256_shuffle_epi8(bits, upper));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(in, _mm256_setzero_si256()));
}

#else

static inline struct vec vec_read(const char *p)
{
	return (struct vec){
	        _mm_loadu_si128((const void *)p), _mm_loadu_si128((const void *)(p + 16))};
}

static inline void vec_write(char *p, struct vec v)
{
	_mm_storeu_si128((void *)p, v.low);
	_mm_storeu_si128((void *)(p + 16), v.high);
}

static inline uint32_t vec_join(__m128i low, __m128i high)
{
	return (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
}

static inline struct vec vec_fill(char c)
{
	return (struct vec){_mm_set1_epi8(c), _mm_set1_epi8(c)};
}

static inline struct vec vec_or(struct vec a, struct vec b)
{
	return (struct vec){_mm_or_si128(a.low, b.low), _mm_or_si128(a.high, b.high)};
}

// Bytes that are the same in both.
static inline uint32_t vec_same(struct vec a, struct vec b)
{
	return vec_join(_mm_cmpeq_epi8(a.low, b.low), _mm_cmpeq_epi8(a.high, b.high));
}

// Bytes from 0x80 on.
static inline uint32_t vec_high(struct vec v)
{
	return vec_join(v.low, v.high);
}

// Bytes up to c (unsigned).
static inline uint32_t vec_up_to(struct vec v, unsigned char c)
{
	const __m128i max = _mm_set1_epi8((char)c);

	return vec_join(_mm_cmpeq_epi8(_mm_min_epu8(v.low, max), v.low),
	        _mm_cmpeq_epi8(_mm_min_epu8(v.high, max), v.high));
}

static inline __m128i vec_out_half(__m128i v, __m128i set)
{
	const __m128i bits = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m128i upper = _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(0x0f));
	const __m128i in = _mm_and_si128(_mm_shuffle_epi8(set, v), _mm_shuffle_epi8(bits, upper));

	return _mm_cmpeq_epi8(in, _mm_setzero_si128());
}

// Bytes that are not in the set.
static inline uint32_t vec_out(struct vec v, __m128i set)
{
	return vec_join(vec_out_half(v.low, set), vec_out_half(v.high, set));
}

#endif

static inline uint32_t vec_eq(struct vec v, char c)
{
	return vec_same(v, vec_fill(c));
}

// The first n bytes' bits (n <= 32).
static inline uint32_t vec_low(size_t n)
{
	return (uint32_t)(((uint64_t)1 << n) - 1);
}

// Whether `size` bytes at p can be read though they may not all belong to us: they lie in one page.
// (Sanitizers want it exact.)
static inline bool vec_readable(const char *p, size_t size)
{
#ifdef VEC_EXACT
	(void)p;
	(void)size;
	return false;
#else
	return ((uintptr_t)p & (VEC_PAGE - 1)) <= VEC_PAGE - size;
#endif
}

// The compiler is not to know which bytes p points to: more of them are read than there may be.
static inline const char *vec_blind(const char *p)
{
	__asm__("" : "+r"(p));
	return p;
}

// The first 32 bytes of s. What lies behind its end is not looked at, or anything.
static inline struct vec vec_load(struct str s)
{
	char whole[VEC_BYTES];

	if (__builtin_expect(vec_readable(s.p, VEC_BYTES) || s.len >= VEC_BYTES, true))
		return vec_read(vec_blind(s.p));
	memset(whole, 0, sizeof(whole));
	memcpy(whole, s.p, s.len);
	return vec_read(whole);
}

// Two windows, one behind the other: 64 bytes, and masks of 64 bits.
struct vec_pair {
	struct vec low, high;
};

// The first 64 bytes of s. What lies behind its end is not looked at, or anything.
static inline struct vec_pair vec_load_pair(struct str s)
{
	char whole[VEC_PAIR_BYTES];
	const char *p = vec_blind(s.p);

	if (__builtin_expect(!vec_readable(p, VEC_PAIR_BYTES) && s.len < VEC_PAIR_BYTES, false)) {
		memset(whole, 0, sizeof(whole));
		memcpy(whole, s.p, s.len);
		p = whole;
	}
	return (struct vec_pair){vec_read(p), vec_read(p + VEC_BYTES)};
}

static inline uint64_t vec_pair_eq(struct vec_pair v, char c)
{
	return vec_eq(v.low, c) | (uint64_t)vec_eq(v.high, c) << VEC_BYTES;
}

static inline struct vec_pair vec_pair_or(struct vec_pair v, char c)
{
	return (struct vec_pair){vec_or(v.low, vec_fill(c)), vec_or(v.high, vec_fill(c))};
}

// Bytes up to c (unsigned).
static inline uint64_t vec_pair_up_to(struct vec_pair v, unsigned char c)
{
	return vec_up_to(v.low, c) | (uint64_t)vec_up_to(v.high, c) << VEC_BYTES;
}

// Bytes that are not in the set.
static inline uint64_t vec_pair_out(struct vec_pair v, __m128i set)
{
	return vec_out(v.low, set) | (uint64_t)vec_out(v.high, set) << VEC_BYTES;
}

// The bits from the n-th on (n <= 64).
static inline uint64_t vec_pair_from(size_t n)
{
	return n < VEC_PAIR_BYTES ? ~(uint64_t)0 << n : 0;
}

// Number of the first bit that is set, 64 when there is none.
static inline size_t vec_pair_first(uint64_t mask)
{
#ifdef __BMI__
	return _tzcnt_u64(mask);
#else
	return mask != 0 ? (size_t)__builtin_ctzll(mask) : VEC_PAIR_BYTES;
#endif
}

// Up to 8 bytes of s as a number, each with the bit set that makes letters small; zeros behind its
// end. What is longer is 0. Compared with VEC_WORD("name") it says whether s is that word of
// letters, in any case.
static inline uint64_t vec_word(struct str s)
{
	const uint64_t small = 0x2020202020202020;
	uint64_t w = 0;

	if (s.len - 1 >= 8)
		return 0;
	if (__builtin_expect(vec_readable(s.p, 8), true))
		memcpy(&w, vec_blind(s.p), 8);
	else
		memcpy(&w, s.p, s.len);
	return (w | small) << (64 - 8 * s.len) >> (64 - 8 * s.len);
}

#define VEC_WORD(literal) vec_word_of((literal), sizeof(literal) - 1)
static inline uint64_t vec_word_of(const char *p, size_t len)
{
	uint64_t w = 0;

	for (size_t i = len; i-- > 0;)
		w = w << 8 | (uint8_t)p[i];
	return w;
}

// Number of the first bit that is set, 32 when there is none.
static inline size_t vec_first(uint32_t mask)
{
#ifdef __BMI__
	return _tzcnt_u32(mask);
#else
	return (size_t)__builtin_ctzll((uint64_t)1 << 32 | mask);
#endif
}

// Position of the first `c`, or s.len: str_find for what is short.
static inline size_t vec_find(struct str s, char c)
{
	size_t n;

	if (s.len == 0)
		return 0;
	n = vec_first(vec_eq(vec_load(s), c));
	if (__builtin_expect(n == VEC_BYTES && s.len > VEC_BYTES, false))
		return n + str_find(str_skip(s, n), c);
	return n < s.len ? n : s.len;
}
