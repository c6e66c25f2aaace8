// Keyed hash (SipHash, Aumasson and Bernstein 2012): for tables that strangers can fill and for the
// tags of sealed tokens. Incremental, so that several views hash as if they stood side by side.
#pragma once

#include "dataplane/base/str.h"

struct hash_key {
	uint64_t k0, k1;
};

struct hash_state {
	uint64_t v0, v1, v2, v3;
	uint64_t tail; // bytes not yet hashed, little endian
	uint64_t len;  // bytes so far
	int rounds;    // compression rounds: 1 (SipHash-1-3) or 2 (SipHash-2-4)
};

// SipHash-1-3 for hash tables, SipHash-2-4 where the result is a message authentication code.
void hash_start_13(struct hash_state *s, struct hash_key key);
void hash_start_24(struct hash_state *s, struct hash_key key);
void hash_add(struct hash_state *s, const void *p, size_t len);
// Adds the bytes in ASCII lower case.
void hash_add_nocase(struct hash_state *s, struct str text);
// A view with its length first, so that ("ab","c") and ("a","bc") differ.
void hash_add_str(struct hash_state *s, struct str text);
uint64_t hash_end(struct hash_state *s);

uint64_t hash_13(struct hash_key key, const void *p, size_t len);
uint64_t hash_24(struct hash_key key, const void *p, size_t len);
