// Sources that proved their address by a round trip lately: they answered what was sent to them.
// Those who write a wrong address into their packets never get in, so they can't crowd out the ones
// who are in. Bounded: the one not heard of longest makes room. Owned by one worker.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { KNOWN_SETS = 1 << 14, KNOWN_WAYS = 4 }; // a power of two

struct known {
	struct {
		uint64_t who;  // 0 = empty
		uint64_t seen; // when it proved it last
	} entry[KNOWN_SETS][KNOWN_WAYS];
};

// `who` (a keyed hash) proved its address now.
void known_add(struct known *k, uint64_t who, uint64_t now);
// Did it, after `oldest`?
bool known_has(const struct known *k, uint64_t who, uint64_t oldest);
