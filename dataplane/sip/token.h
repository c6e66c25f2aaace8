// Sealed tokens (DESIGN §3): what a stateless node must know later, written into the message itself
// (Via branch, Record-Route and Contact parameter), authenticated with a key every node shares, in
// base32 (RFC 4648 alphabet in lower case, no padding, read in any case).
//
// A tag is AES-CMAC (RFC 4493) over (kind, fields, the caller's context), cut to 64 bits. Where the
// other side must not read the fields (Contact: the address it hides) they are also encrypted: SIV
// construction (Rogaway and Shrimpton 2006), the tag being the synthetic IV of AES-128-CTR.
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/base/hash.h"

enum token_kind {
	TOKEN_VIA = 1,          // leg_in, leg_out, branch id, loop hash
	TOKEN_RECORD_ROUTE = 2, // leg_in, leg_out
	TOKEN_CONTACT = 3,      // leg (in leg_in), addr: sealed and hidden
	TOKEN_GRUU = 4,         // branch, loop, name: sealed and hidden (RFC 5627 temporary GRUU)
};

enum {
	TOKEN_KEYS_MAX = 4,   // keys in the ring; the epoch picks one
	TOKEN_NAME_MAX = 64,  // longest host name a Contact token can hide
	TOKEN_AOR_MAX = 54,   // longest address-of-record a temporary GRUU can hide
	TOKEN_TEXT_MAX = 128, // longest token in base32, no NUL
	TOKEN_JOBS_MAX = 40,  // tokens sealed at once
};

// One shared secret of the ring, as control publishes it.
struct token_key {
	uint8_t epoch;  // 0..15, unique in the ring
	uint8_t usable; // 0 = empty row
	uint8_t reserved[6];
	struct hash_key mac;
	uint8_t cipher[16]; // AES-128 key
};

// A ring made ready for one thread: has room for work of its own.
struct token_ring;
// The first usable key seals, all open (a row with an epoch over 15 or one seen before is not
// usable). Returns NULL when out of memory or no key is usable.
struct token_ring *token_ring_create(const struct token_key *keys, unsigned n);
void token_ring_destroy(struct token_ring *r);
// The key that seals, for hashes that are to be the same on all nodes: of inputs whose first byte
// is less than 16, which no token's is.
struct cmac_key;
const struct cmac_key *token_ring_mac(const struct token_ring *r);

struct token {
	enum token_kind kind;
	uint16_t leg_in, leg_out; // leg ids (stable hash of the leg's name, see table/leg.h)
	uint64_t branch;          // TOKEN_VIA: transaction hash; TOKEN_GRUU: instance and Call-ID
	uint32_t loop; // TOKEN_VIA: loop-detection hash (RFC 3261 §16.6 step 8); TOKEN_GRUU: salt
	struct addr addr; // TOKEN_CONTACT: original host and port; TOKEN_RECORD_ROUTE: flow
	uint8_t name_len; // of name
	// TOKEN_CONTACT: the host when it is no address (addr.family ADDR_NONE); TOKEN_GRUU: the
	// AoR
	char name[TOKEN_NAME_MAX];
};

// Writes the token's text to out (TOKEN_TEXT_MAX bytes of room), returns its length. `context` is
// bound by the tag but not carried: the same bytes must be given to open it. Deterministic.
// 0 for an unknown kind, a contact without an address, a GRUU whose AoR is too long.
size_t token_seal(struct token_ring *r, const struct token *t, struct str context, char *out);

// The same in two steps: the text is written by token_seal_all(), for all tokens at once, which
// takes a fraction of the time. Until then `out` has to stay.
size_t token_seal_later(struct token_ring *r, const struct token *t, struct str context, char *out);
// False when libcrypto failed: none is written.
bool token_seal_all(struct token_ring *r);

// True and *out filled when the text is a token of that kind under a key of the ring and this
// context. Anything else (forged, altered, other kind, unknown epoch) is false.
bool token_open(struct token_ring *r, enum token_kind kind, struct str text, struct str context,
        struct token *out);
