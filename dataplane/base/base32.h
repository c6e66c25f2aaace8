// Base32 (RFC 4648 §6) in lower case, without padding, read in any case. Both directions work on
// groups: 5 bytes are 8 digits, the last group may be shorter.
#pragma once

#include "dataplane/base/str.h"

enum {
	BASE32_BYTES = 5,
	BASE32_DIGITS = 8,
	BASE32_BEHIND = 16, // read or written by the way
};

// Digits of n bytes.
static inline size_t base32_len(size_t n)
{
	return (n * 8 + 4) / 5;
}

// Writes the base32_len() digits of as many bytes, which are followed by a zero and any others up
// to BASE32_BEHIND. `out` has room for whole sixteens of digits, but what stands there stays.
void base32_write(const uint8_t *p, size_t digits, char *out);

// Number of bytes, 0 on any text base32_write does not make (but for its case) and on more than
// `max` bytes. `out` has room for BASE32_BEHIND bytes more.
size_t base32_read(struct str s, uint8_t *out, size_t max);
