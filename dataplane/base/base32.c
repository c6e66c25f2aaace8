// Base32: sixteen digits at a time, by the multiplications that shift each word by its own number
// of bits (Mula and Lemire 2018, for base64). SSE4.1, which every CPU this is built for has.
#include "dataplane/base/base32.h"

#include <smmintrin.h>

enum {
	AT_ONCE_BYTES = 2 * BASE32_BYTES,
	AT_ONCE_DIGITS = 2 * BASE32_DIGITS,
	NUMBER = 26,                // first value whose digit is no letter
	NUMBER_TEXT = '2' - NUMBER, // what makes '2' of it
};

// Two groups of values from 0 to 31 of their bytes. A word of two bytes holds the ten bits of two
// values, which lie two bits lower from word to word of a group.
static inline __m128i values_of(__m128i bytes)
{
	const __m128i pick = _mm_setr_epi8(1, 0, 2, 1, 3, 2, 4, 3, 6, 5, 7, 6, 8, 7, 9, 8);
	const __m128i words = _mm_shuffle_epi8(bytes, pick);
	const __m128i first = _mm_mulhi_epu16(words,
	        _mm_setr_epi16(1 << 5, 1 << 7, 1 << 9, 1 << 11, 1 << 5, 1 << 7, 1 << 9, 1 << 11));
	const __m128i second = _mm_mullo_epi16(words,
	        _mm_setr_epi16(1 << 2, 1 << 4, 1 << 6, 1 << 8, 1 << 2, 1 << 4, 1 << 6, 1 << 8));

	return _mm_or_si128(_mm_and_si128(first, _mm_set1_epi16(0x001f)),
	        _mm_and_si128(second, _mm_set1_epi16(0x1f00)));
}

static inline __m128i write_some(const uint8_t *p)
{
	const __m128i values = values_of(_mm_loadu_si128((const __m128i *)(const void *)p));
	const __m128i number = _mm_cmpgt_epi8(values, _mm_set1_epi8(NUMBER - 1));

	return _mm_add_epi8(_mm_add_epi8(values, _mm_set1_epi8('a')),
	        _mm_and_si128(number, _mm_set1_epi8(NUMBER_TEXT - 'a')));
}

void base32_write(const uint8_t *p, size_t digits, char *out)
{
	const __m128i count = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	__m128i *to = (__m128i *)(void *)out;

	for (; digits > AT_ONCE_DIGITS; digits -= AT_ONCE_DIGITS, p += AT_ONCE_BYTES)
		_mm_storeu_si128(to++, write_some(p));
	_mm_storeu_si128(to, _mm_blendv_epi8(_mm_loadu_si128(to), write_some(p),
	                             _mm_cmpgt_epi8(_mm_set1_epi8((char)digits), count)));
}

static inline __m128i between(__m128i bytes, char first, char last)
{
	return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(first - 1))),
	        _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), bytes));
}

// Ten bytes, and six of no meaning. *all loses what is set for bytes that are digits.
static inline void read_some(const char *p, uint8_t *out, __m128i *all)
{
	const __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
	const __m128i lower = _mm_or_si128(text, _mm_set1_epi8(0x20));
	const __m128i letter = between(lower, 'a', 'z'), number = between(text, '2', '7');
	const __m128i values =
	        _mm_or_si128(_mm_and_si128(letter, _mm_sub_epi8(lower, _mm_set1_epi8('a'))),
	                _mm_and_si128(number, _mm_sub_epi8(text, _mm_set1_epi8(NUMBER_TEXT))));
	// 10, 20 and at last 40 bits, in the low ones of each half
	const __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi16(1 << 8 | 1 << 5));
	const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 1 << 10));
	const __m128i groups = _mm_or_si128(_mm_slli_epi64(fours, 20), _mm_srli_epi64(fours, 32));
	const __m128i order =
	        _mm_setr_epi8(4, 3, 2, 1, 0, 12, 11, 10, 9, 8, -1, -1, -1, -1, -1, -1);

	_mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(groups, order));
	*all = _mm_and_si128(*all, _mm_or_si128(letter, number));
}

size_t base32_read(struct str s, uint8_t *out, size_t max)
{
	const size_t len = s.len * 5 / 8;
	const unsigned rest = (unsigned)s.len * 5 % 8; // bits of the last digit that mean nothing
	__m128i all = _mm_set1_epi8(-1);
	char last[AT_ONCE_DIGITS];

	if (len > max || rest >= 5)
		return 0;
	for (uint8_t *at = out; s.len > 0; at += AT_ONCE_BYTES) {
		if (s.len < AT_ONCE_DIGITS) {
			memset(last, 'a', sizeof(last)); // zeros
			str_put(last, s);
			read_some(last, at, &all);
			break;
		}
		read_some(s.p, at, &all);
		s = str_skip(s, AT_ONCE_DIGITS);
	}
	// one text for one token: no digit too many, no bit set that means nothing
	if (_mm_movemask_epi8(all) != 0xffff || (rest > 0 && out[len] != 0))
		return 0;
	return len;
}
