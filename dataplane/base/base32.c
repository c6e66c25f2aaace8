// Base32: eight digits at a time, each in its byte of a word.
#include "dataplane/base/base32.h"

#include <endian.h>

// 40 bits, the first digit's on top, become eight bytes of 5, the first digit's at the bottom.
static inline uint64_t spread(uint64_t bits)
{
	bits = bits >> 20 | (bits & 0xfffff) << 32;
	bits = (bits >> 10 & 0x000003ff000003ff) | (bits & 0x000003ff000003ff) << 16;
	return (bits >> 5 & 0x001f001f001f001f) | (bits & 0x001f001f001f001f) << 8;
}

// The digits of eight values below 32: 'a' to 'z', '2' to '7'.
static inline uint64_t digits_of(uint64_t values)
{
	const uint64_t each = 0x0101010101010101;
	// Bit 5 of each byte: is it 26 or more. From there on it is 'a' + 26 - '2' less.
	const uint64_t number = (values + 6 * each) >> 5 & each;

	return values + 'a' * each - number * ('a' + 26 - '2');
}

static inline uint64_t write_group(const uint8_t *p)
{
	uint64_t bits;

	memcpy(&bits, p, 8);
	return htole64(digits_of(spread(be64toh(bits) >> 24)));
}

size_t base32_write(const uint8_t *p, size_t len, char *out)
{
	const size_t digits = base32_len(len), rest = digits % BASE32_DIGITS;
	const char *end = out + digits - rest;
	char last[16]; // (str_put may be looked at as if it copied that much)
	uint64_t text;

	for (; out < end; out += BASE32_DIGITS, p += BASE32_BYTES) {
		text = write_group(p);
		memcpy(out, &text, 8);
	}
	if (rest > 0) {
		text = write_group(p);
		memcpy(last, &text, 8);
		str_put(out, (struct str){last, rest});
	}
	return digits;
}

// A digit's value + 1, 0 for a byte that is none.
#define DIGIT(lower, upper, value) [lower] = value + 1, [upper] = value + 1
// clang-format off
static const uint8_t digit_value[256] = {
	DIGIT('a', 'A', 0), DIGIT('b', 'B', 1), DIGIT('c', 'C', 2), DIGIT('d', 'D', 3),
	DIGIT('e', 'E', 4), DIGIT('f', 'F', 5), DIGIT('g', 'G', 6), DIGIT('h', 'H', 7),
	DIGIT('i', 'I', 8), DIGIT('j', 'J', 9), DIGIT('k', 'K', 10), DIGIT('l', 'L', 11),
	DIGIT('m', 'M', 12), DIGIT('n', 'N', 13), DIGIT('o', 'O', 14), DIGIT('p', 'P', 15),
	DIGIT('q', 'Q', 16), DIGIT('r', 'R', 17), DIGIT('s', 'S', 18), DIGIT('t', 'T', 19),
	DIGIT('u', 'U', 20), DIGIT('v', 'V', 21), DIGIT('w', 'W', 22), DIGIT('x', 'X', 23),
	DIGIT('y', 'Y', 24), DIGIT('z', 'Z', 25),
	['2'] = 27, ['3'] = 28, ['4'] = 29, ['5'] = 30, ['6'] = 31, ['7'] = 32,
};
// clang-format on
#undef DIGIT

// The digits' values in a row; all ones when one is no digit.
static inline uint64_t read_digits(const char *p, unsigned digits)
{
	uint64_t bits = 0;
	unsigned bad = 0;

	for (unsigned i = 0; i < digits; i++) {
		const unsigned value = digit_value[(uint8_t)p[i]] - 1u;

		bad |= value;
		bits = bits << 5 | (value & 31);
	}
	return bad > 31 ? UINT64_MAX : bits;
}

// Five bytes of the low 40 bits, the highest first.
static inline void put_group(uint8_t *at, uint64_t bits)
{
	bits = htobe64(bits << 24);
	memcpy(at, &bits, BASE32_BYTES);
}

size_t base32_read(struct str s, uint8_t *out, size_t max)
{
	uint8_t *at = out;
	const unsigned rest = (unsigned)s.len * 5 % 8; // bits of the last digit that mean nothing
	uint64_t bits;

	if (s.len * 5 / 8 > max || rest >= 5)
		return 0;
	for (; s.len >= BASE32_DIGITS; s = str_skip(s, BASE32_DIGITS), at += BASE32_BYTES) {
		bits = read_digits(s.p, BASE32_DIGITS);
		if (bits == UINT64_MAX)
			return 0;
		put_group(at, bits);
	}
	if (s.len == 0)
		return (size_t)(at - out);
	bits = read_digits(s.p, (unsigned)s.len);
	// one text for one token: no digit too many, no bit set that means nothing
	if (bits == UINT64_MAX || (bits & ((1U << rest) - 1)) != 0)
		return 0;
	put_group(at, bits << 5 * (BASE32_DIGITS - s.len));
	return (size_t)(at - out) + s.len * 5 / 8;
}
