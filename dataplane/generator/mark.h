// The mark of a generated message: '~' and 40 hex digits in the branch of its Via, by which
// whatever comes back is known in constant time: what it is, when it was sent, which call it
// belongs to. A check over all of it, keyed for each run, tells altered and alien ones.
#pragma once

#include "dataplane/base/str.h"

enum { MARK_LEN = 41, MARK_DIGITS = 40, MARK_CHAR = '~', MARK_FAR = 1024 };

struct mark {
	uint64_t sequence; // 40 bits
	uint64_t tsc;      // 40 bits: when it was sent
	uint32_t call;     // of its Call-ID
	uint16_t index;    // in the call, from 0
	uint8_t kind;      // enum bench_kind, 4 bits
	uint8_t worker;    // that sent it, 4 bits
};

// The mark's digits (without '~') into out[5]: words to be stored as they are, on any machine.
void mark_digits(const struct mark *m, uint64_t key, uint64_t out[5]);

// Reads MARK_LEN bytes. False when it is none of ours, or altered. A case that was folded does not
// matter.
bool mark_read(const char *p, uint64_t key, struct mark *out);

// Where a mark may begin in a message (its first MARK_FAR bytes), NULL = nowhere.
static inline const char *mark_find(struct str bytes)
{
	const size_t len = bytes.len < MARK_FAR ? bytes.len : MARK_FAR;

	return len > MARK_LEN ? memchr(bytes.p, MARK_CHAR, len - MARK_LEN) : NULL;
}

// Eight hex digits of a number, the highest first; seven decimal digits behind a character. Words
// to be stored as they are.
uint64_t mark_hex(uint32_t n);
uint64_t mark_decimal(char first, uint32_t n);

// Cycles from a mark's time to now, both cut to 40 bits.
static inline uint64_t mark_age(const struct mark *m, uint64_t tsc)
{
	return (tsc - m->tsc) & (((uint64_t)1 << 40) - 1);
}
