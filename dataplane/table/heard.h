// When something last came from an address: a worker writes, control reads and need not ping who
// speaks. Direct-mapped; whose place another address took is pinged once too often, no more.
#pragma once

#include <stdatomic.h>

#include "dataplane/base/addr.h"
#include "dataplane/base/hash.h"

enum { HEARD_WORDS = 1 << 16 };

// Words {tag 32 bits, second of CLOCK_BOOTTIME 32 bits}; 0 = nobody.
struct heard {
	_Atomic uint64_t word[HEARD_WORDS];
};

static inline uint64_t heard_hash(const struct addr *a)
{
	return hash_13((struct hash_key){0, 0}, a, sizeof(*a));
}

static inline void heard_note(struct heard *s, const struct addr *from, uint32_t now_s)
{
	const uint64_t h = heard_hash(from), value = (h >> 32) << 32 | now_s;
	_Atomic uint64_t *word = &s->word[h % HEARD_WORDS];

	// Once a second and address: nobody else's cache line is taken for less.
	if (atomic_load_explicit(word, memory_order_relaxed) != value)
		atomic_store_explicit(word, value, memory_order_relaxed);
}

// The second, 0 = not known.
static inline uint32_t heard_at(const struct heard *s, const struct addr *from)
{
	const uint64_t h = heard_hash(from);
	const uint64_t word = atomic_load_explicit(&s->word[h % HEARD_WORDS], memory_order_relaxed);

	return word >> 32 == h >> 32 ? (uint32_t)word : 0;
}
