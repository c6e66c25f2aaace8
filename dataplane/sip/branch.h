// What binds the token in a Via branch of ours (TOKEN_VIA) to its transaction: who the request was
// sent to, Call-ID, CSeq number and From tag. So only he can answer it (RELIABILITY A11).
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/base/hash.h"

#define BRANCH_COOKIE "z9hG4bK" // RFC 3261 §8.1.1.7

enum { BRANCH_TEXTS_MAX = 88, BRANCH_CONTEXT_MAX = 32 + BRANCH_TEXTS_MAX };

struct branch_context {
	char bytes[BRANCH_CONTEXT_MAX];
};

// The context of token_seal(): family and address, CSeq, length of the Call-ID, and both texts. Of
// long ones a hash stands there: it only makes them short, the token's tag is what authenticates,
// so its key may be known.
static inline struct str branch_context(struct branch_context *c, const struct addr *peer,
        uint32_t cseq, struct str call_id, struct str from_tag)
{
	const uint64_t len = call_id.len;
	char *at = c->bytes;

	*at++ = (char)peer->family;
	at = str_put(at, (struct str){(const char *)peer->ip, addr_ip_len(peer)});
	memcpy(at, &cseq, sizeof(cseq));
	memcpy(at + sizeof(cseq), &len, 3);
	at += sizeof(cseq) + 3;
	if (call_id.len + from_tag.len <= BRANCH_TEXTS_MAX) {
		at = str_put(str_put(at, call_id), from_tag);
	} else {
		struct hash_state h;
		uint64_t hash;

		hash_start_24(&h, (struct hash_key){0, 0});
		hash_add_str(&h, call_id);
		hash_add_str(&h, from_tag);
		hash = hash_end(&h);
		// One byte more than texts that short can have: neither is taken for the other.
		memset(at, 0, BRANCH_TEXTS_MAX + 1);
		memcpy(at, &hash, sizeof(hash));
		at += BRANCH_TEXTS_MAX + 1;
	}
	return (struct str){c->bytes, (size_t)(at - c->bytes)};
}
