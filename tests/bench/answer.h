// What a phone answers to a challenge, in the benchmarks: all users have the password "secret".
#pragma once

#include "dataplane/sip/digest.h"

enum { ANSWER_MAX = 512, ANSWER_NONCE_MAX = 64 };

struct answer {
	const char *user, *realm;
	const char *nonce; // that of the challenge
	enum digest_algorithm algorithm;
	uint32_t count; // how many times the nonce was used, this time too
};

// The nonce of the first challenge in a reply, with a NUL behind it. False when there is none.
bool answer_nonce(struct str reply, char nonce[ANSWER_NONCE_MAX]);
// The Authorization field of a REGISTER to the realm: length, 0 when libcrypto fails.
size_t answer_write(struct digest *d, const struct answer *a, char out[ANSWER_MAX]);
// The line of configuration with the hash of a user's password, its length.
size_t answer_user(struct digest *d, const struct answer *a, char out[ANSWER_MAX]);
