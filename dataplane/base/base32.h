// Base32 (RFC 4648 §6) in lower case, without padding, read in any case. Both directions work on
// groups: 5 bytes are 8 digits, the last group may be shorter.
#pragma once

#include "dataplane/base/str.h"

enum { BASE32_BYTES = 5, BASE32_DIGITS = 8 };

// Digits of n bytes.
static inline size_t base32_len(size_t n)
{
	return (n * 8 + 4) / 5;
}

// Returns the number of digits. `p` holds zeros up to the end of its last group, and any three
// bytes behind it.
size_t base32_write(const uint8_t *p, size_t len, char *out);

// Number of bytes, 0 on any text base32_write does not make (but for its case) and on more than
// `max` bytes. Writes whole groups.
size_t base32_read(struct str s, uint8_t *out, size_t max);
