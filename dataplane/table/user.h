// Who may authenticate: users and the H(user:realm:password) of theirs, in a chain of its own
// (ROOT_USERS), since there may be millions. Names are in it as keyed hashes only.
#pragma once

#include "dataplane/sip/digest.h"
#include "dataplane/table/table.h"

struct user_key {
	uint64_t h[2];
};

struct user {
	struct user_key key;
	uint32_t ha1;  // first row in USER_HA1: of each known algorithm, in its order
	uint8_t known; // bit 1 << enum digest_algorithm
	uint8_t reserved[3];
};

// USER_INDEX: each user is in one of two buckets, which his key chooses; filled from the front.
enum { USER_BUCKET = 8 };

struct user_bucket {
	_Alignas(16) uint32_t tag[USER_BUCKET]; // of the key; no two in a bucket are the same
	uint32_t row[USER_BUCKET];              // + 1; 0 = nobody
};

// USER_HA1: rows of 16 bytes, a longer hash has several.
enum { USER_HA1_ROW = 16 };

struct user_secret {
	uint8_t known; // as in struct user; at least one
	uint8_t ha1[DIGEST_ALGORITHMS][DIGEST_BYTES_MAX];
};

// Case of the name matters, that of the realm does not.
void user_key_make(struct hash_key key, struct str name, struct str realm, struct user_key *out);

// 0; 1 when the user is there already (nothing is added); -1 out of memory.
int user_add(struct table_builder *b, struct str name, struct str realm,
        const struct user_secret *s, struct error *e);
bool user_check(const struct table_view *v, struct error *e);

// The HA1 of a user into `out` (DIGEST_BYTES_MAX). For a user or hash nobody knows it is one made
// of `nobody`, with the same work (RELIABILITY rule 8). True when it is a real one. `v` may be
// NULL.
bool user_ha1(const struct table_view *v, struct hash_key nobody, const struct str name_realm[2],
        enum digest_algorithm a, uint8_t *out);
// For control: is there such a user?
bool user_known(const struct table_view *v, struct str name, struct str realm);
