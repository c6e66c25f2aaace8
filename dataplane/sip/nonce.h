// Nonces that need no memory: the time they were made, a salt, and a SipHash-2-4 tag that binds
// both to the address and port they were made for, 22 characters of base64url (RFC 4648 §5).
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/base/hash.h"

enum { NONCE_LEN = 22 };

struct nonce {
	uint64_t time_ms; // any clock that only grows; 40 bits of it
	uint32_t salt;    // 24 bits: two nonces of one millisecond differ
	uint64_t tag;
};

// Writes NONCE_LEN characters.
void nonce_write(
        struct hash_key key, uint64_t time_ms, uint32_t salt, const struct addr *to, char *out);
// False when it was not made here, with that key, for that address and port. How old it may be is
// the caller's business.
bool nonce_read(struct hash_key key, struct str text, const struct addr *from, struct nonce *out);
