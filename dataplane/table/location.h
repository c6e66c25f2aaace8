// Registered bindings: the one table edited in place (DESIGN §2). Readers (workers) are wait-free;
// the single writer is spryd; either may die at any instant. It lies in one file of the shared
// region and survives both.
//
//   bucket   one cache line: 8 words {tag 32 bits, slot + 1 32 bits}; 0 = empty. A key has two.
//   slot     320 bytes; a record (all contacts of one AoR) is a chain of slots, each contact begins
//            a new slot, long texts go on in further ones.
//
// The writer fills free slots, then publishes the chain with one atomic store into a bucket
// (release); the chain it replaces is reused only after every live worker passed a quiescent point.
// So a reader sees the old record or the new one whole, and a writer killed anywhere leaves a valid
// table: location_create() finds the slots it had taken (mark and sweep).
//
// A worker's quiescent point must be a full barrier: what it reads afterwards it reads after the
// writer can see the new epoch. And it beats before its first lookup.
#pragma once

#include <stdatomic.h>

#include "dataplane/base/error.h"
#include "dataplane/base/hash.h"
#include "dataplane/sip/transport.h"
#include "dataplane/table/root.h"

enum {
	LOCATION_CONTACTS_MAX = 16, // of an AoR
	LOCATION_TEXT_MAX = 4096,   // all texts of one contact together
	LOCATION_SLOT = 320,
};

// 128-bit keyed hash of the canonical AoR: what a record is found by.
struct location_key {
	uint64_t h[2];
};

// One binding, as given to the writer and as seen by a reader. Texts are views (the writer copies
// them; a reader's point into the table, or into its scratch when they lie in several slots).
struct location_contact {
	struct str aor;        // canonical
	struct str uri;        // Contact URI as registered
	struct str path;       // Path values as one Route value list, empty = none
	struct str instance;   // +sip.instance, without quotes; empty = none
	struct str user_agent; // may be cut
	struct str params;     // of the Contact header, as registered: ";video;+g.x"; empty = none
	struct str call_id;
	struct addr received;  // where the REGISTER came from
	uint64_t flow;         // of a stream transport, 0 = UDP
	uint32_t registered_s; // when the binding was made or changed (CLOCK_BOOTTIME, seconds)
	uint32_t expires_s;    // the same clock: the binding is gone from this second on
	uint32_t cseq;
	uint32_t reg_id;   // RFC 5626; 0 = none
	uint32_t methods;  // bit 1 << enum method of the Allow-like ";methods="; 0 = not said
	uint16_t leg;      // leg id
	uint16_t q;        // thousandths
	uint8_t transport; // enum transport
	uint8_t flags;     // enum location_flag
};

enum location_flag {
	LOCATION_NAT = 1,      // received differs from the Contact's (or Path's) host: send there
	LOCATION_OUTBOUND = 2, // RFC 5626
};

// A process's handle. The writer's private lists (free slots, slots waiting for readers) live in
// its own memory and are made anew by location_create().
struct location;

// Control: makes the file for n slots in the region when it is not there (huge pages where
// possible, else tmpfs), or attaches to what is there (the size is the file's; another n is said in
// *e and the old one kept; *e is empty when there is nothing to say). Recovers: gives back slots
// nobody points at, drops entries that point at nonsense; *leaked and *records (may be NULL) say
// how many. NULL with *e: no room, another layout, damaged. One writer at a time: the caller sees
// to it.
struct location *location_create(
        struct region *r, uint64_t n, uint64_t *records, uint64_t *leaked, struct error *e);
// The dataplane: attaches as a reader. NULL with *e when there is none (errno ENOENT) or it is not
// this program's.
struct location *location_attach(struct region *r, struct error *e);
// Frees the handle; the file stays.
void location_detach(struct location *l);

void location_make_key(
        const struct location *l, struct str canonical_aor, struct location_key *out);

// Reader. Finds up to LOCATION_CONTACTS_MAX contacts, best first (q, then newest; the writer sorted
// them). Views hold until the worker's next quiescent point; `scratch` (LOCATION_TEXT_MAX a contact
// wanted) takes texts that lie in several slots. Expired ones (expires_s <= now_s) are left out.
// Returns the number; -1 when there is no record at all.
int location_lookup(const struct location *l, const struct location_key *key, uint32_t now_s,
        struct location_contact *out, unsigned max, char *scratch);
// Loads what n lookups will touch: all first buckets at once, then the second ones of those keys
// the first bucket does not have, and the slots. One call before the lookups of a burst.
void location_prefetch(const struct location *l, const struct location_key *keys, unsigned n);

// A refresh that changes nothing but time: one atomic 64-bit store {expires_s, cseq} on the contact
// with that URI and Call-ID whose cseq is lower. By a worker or by the writer. Does not look at the
// old expiry. False when there is none. A refresh while the writer replaces the record may be lost
// with the old record: the writer learns of it by the event and puts it right.
bool location_refresh(struct location *l, const struct location_key *key, struct str uri,
        struct str call_id, uint32_t cseq, uint32_t expires_s);

// Writer. Replaces the record of the key by these contacts (0 = removes it). -1 with *e, and
// nothing has changed: table full (no slot or both buckets full; errno ENOSPC), or more contacts or
// longer texts than allowed (EINVAL). A user_agent is cut to 64 bytes, or to what saves a slot.
// Contacts may be views that location_walk() or location_lookup() gave.
int location_put(struct location *l, const struct location_key *key,
        const struct location_contact *contacts, unsigned n, struct error *e);
// Writer: gives back slots that every live worker has left behind. epochs of root; a worker without
// a heartbeat for LOCATION_DEAD_MS before at_ns (now_ns()) counts as dead. Call often; cheap when
// nothing waits.
enum { LOCATION_DEAD_MS = 2000 };
void location_reclaim(struct location *l, const struct root *root, uint64_t at_ns);
// Writer: goes through n buckets from `from` (0 to begin) and calls for each record, expired
// contacts included: sweeping, show, export. fn may put, and returns false to stop (that record
// counts as seen). Returns where to go on, 0 when the end was reached.
typedef bool (*location_fn)(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n);
uint64_t location_walk(struct location *l, uint64_t from, uint64_t n, location_fn fn, void *arg);

// A reader knows slots, buckets and bytes only. `longest_bucket` since the writer attached,
// `leaked` and `damaged` what it found then: slots nobody pointed at, and words that pointed at
// nonsense, each a record that is gone.
struct location_fill {
	uint64_t slots, used, waiting, buckets, records, longest_bucket, leaked, damaged, bytes;
};
void location_fill(const struct location *l, struct location_fill *out);
