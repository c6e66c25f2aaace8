// How often rules of the configuration were met: a cell a rule in each worker's area, found by the
// slot that control gave the rule. The worker alone writes, anybody reads; a cell that still has
// another rule's name (of an older configuration) begins anew.
#pragma once

#include <stdint.h>

enum { HITS_MAX = 8192 }; // a power of two

// What a rule's row holds.
struct hit_ref {
	uint64_t id; // of its kind and name, never 0
	uint32_t slot;
	uint32_t reserved;
};

struct hit {
	uint64_t id;
	uint64_t count;
};

static inline void hits_add(struct hit *hits, const struct hit_ref *r)
{
	struct hit *h = &hits[r->slot & (HITS_MAX - 1)];
	uint64_t count = h->id == r->id ? h->count : 0;

	// A reader may see the new name with the old number for a moment.
	__atomic_store_n(&h->count, count + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&h->id, r->id, __ATOMIC_RELAXED);
}

static inline uint64_t hits_read(const struct hit *hits, const struct hit_ref *r)
{
	const struct hit *h = &hits[r->slot & (HITS_MAX - 1)];

	return __atomic_load_n(&h->id, __ATOMIC_RELAXED) == r->id
	               ? __atomic_load_n(&h->count, __ATOMIC_RELAXED)
	               : 0;
}

// All cells, of a worker that goes on counting.
static inline void hits_copy(const struct hit *from, struct hit *to)
{
	for (unsigned i = 0; i < HITS_MAX; i++) {
		to[i].id = __atomic_load_n(&from[i].id, __ATOMIC_RELAXED);
		to[i].count = __atomic_load_n(&from[i].count, __ATOMIC_RELAXED);
	}
}
