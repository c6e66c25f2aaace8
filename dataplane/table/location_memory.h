// Between the files of the location table (location.c, location_file.c, location_recover.c,
// location_write.c): what lies in the file, and the one way to follow a link. Both processes map it
// writable, so whoever reads it loads each value once and checks it before use.
#pragma once

#include "dataplane/table/location.h"
#include "dataplane/table/region.h"

#define LOCATION_MAGIC "SPRYLOCA"
enum {
	LOCATION_WORDS = 8, // of a bucket
	LOCATION_TEXTS = 7,
	LOCATION_HEADER = 4096,
	LOCATION_TEXT_FIRST = 228,   // of a contact's own slot
	LOCATION_TEXT_FURTHER = 288, // of each slot its texts go on in
	LOCATION_CONTACT_SLOTS =
	        1 + (LOCATION_TEXT_MAX - LOCATION_TEXT_FIRST + LOCATION_TEXT_FURTHER - 1) /
	                    LOCATION_TEXT_FURTHER,
	LOCATION_CHAIN_MAX = LOCATION_CONTACTS_MAX * LOCATION_CONTACT_SLOTS,
};
#define LOCATION_SLOTS_MAX ((uint64_t)1 << 30)

// The file: this header, n_buckets buckets, n slots.
struct location_header {
	char magic[8];
	uint32_t layout; // ROOT_LAYOUT
	uint32_t slot;   // LOCATION_SLOT
	uint64_t n, n_buckets, bytes;
	struct hash_key hash_key[2];
	// Writer: slots taken and not given back (what recovery finds reachable is less by those a
	// killed writer left behind), and where slots begin that were never taken.
	_Alignas(64) _Atomic uint64_t taken;
	_Atomic uint64_t fresh;
};

// Words {tag 32 bits, link 32 bits}; a link is slot + 1, 0 = none.
struct location_bucket {
	_Alignas(64) _Atomic uint64_t word[LOCATION_WORDS];
};

enum location_kind {
	LOCATION_RECORD = 1, // the first contact of a record
	LOCATION_FURTHER,    // another contact of it
	LOCATION_TEXT,       // texts going on
};

// In the order of use: routing a call needs the first three lines.
struct location_slot {
	uint64_t key[2];
	_Atomic uint64_t time; // expires_s << 32 | cseq: all that changes in a published slot
	uint32_t next;         // link
	uint8_t kind;          // enum location_kind
	uint8_t n_contacts;    // of a record
	uint8_t transport, flags;
	union {
		struct {
			uint16_t len[LOCATION_TEXTS]; // in the order of location_texts()
			uint16_t leg, q;
			uint16_t reserved;
			struct addr received;
			uint64_t flow;
			uint32_t reg_id;
			uint32_t registered_s;
			uint32_t methods;
			char text[LOCATION_TEXT_FIRST];
		};
		char further[LOCATION_TEXT_FURTHER];
	};
};

_Static_assert(sizeof(struct location_slot) == LOCATION_SLOT, "no holes in a slot");
_Static_assert(sizeof(struct location_header) <= LOCATION_HEADER, "the header fits its page");

// The writer's own: nothing of it is shared, all of it is made anew by recovery.
// `queue` is a ring of slot numbers, each slot in it at most once:
//   [given, clean) free   [clean, waiting) readers of the last snapshot may use them
//   [waiting, retired) retired since. Slots from `fresh` on were never in it and are free too.
struct location_writer {
	uint32_t *queue;
	uint64_t given, clean, waiting, retired;
	uint64_t fresh;
	uint64_t taken, swept; // slots in use or waiting, but for those swept up by recovery
	uint64_t *used;        // bit = slot is in a chain: what keeps a slot from being freed twice
	uint64_t epoch[ROOT_WORKERS_MAX]; // snapshot
	unsigned n_workers;
	uint64_t records, longest_bucket, leaked, damaged;
	char *scratch; // LOCATION_TEXT_MAX each of LOCATION_CONTACTS_MAX
};

struct location {
	struct location_header *header;
	struct location_bucket *buckets;
	struct location_slot *slots;
	// Private copies of what the header said when it was checked.
	uint64_t n, n_buckets, bytes;
	struct hash_key hash_key[2];
	struct location_writer *writer; // NULL in a reader
};

static inline uint32_t location_link(uint64_t word)
{
	return (uint32_t)word;
}

static inline uint32_t location_tag(const struct location_key *key)
{
	return (uint32_t)key->h[0];
}

static inline uint64_t location_word(const struct location_key *key, uint64_t slot)
{
	return (uint64_t)location_tag(key) << 32 | (slot + 1);
}

// One of the two buckets of a key; the tag has the other bits of the first half.
static inline uint64_t location_bucket(
        const struct location *l, const struct location_key *key, unsigned half)
{
	return (uint64_t)((unsigned __int128)key->h[half] * l->n_buckets >> 64);
}

// NULL for 0 and for what lies outside.
static inline struct location_slot *location_slot(const struct location *l, uint32_t link)
{
	return link - (uint64_t)1 < l->n ? &l->slots[link - 1] : NULL;
}

static inline uint32_t location_next(const struct location_slot *s)
{
	return __atomic_load_n(&s->next, __ATOMIC_RELAXED);
}

static inline unsigned location_n_contacts(const struct location_slot *record)
{
	unsigned n = __atomic_load_n(&record->n_contacts, __ATOMIC_RELAXED);

	return n < LOCATION_CONTACTS_MAX ? n : LOCATION_CONTACTS_MAX;
}

static inline bool location_has_key(const struct location_slot *s, const struct location_key *key)
{
	return s->key[0] == key->h[0] && s->key[1] == key->h[1];
}

// The texts of a contact in the order they are stored.
static inline void location_texts(struct location_contact *c, struct str *text[LOCATION_TEXTS])
{
	text[0] = &c->uri;
	text[1] = &c->path;
	text[2] = &c->call_id;
	text[3] = &c->aor;
	text[4] = &c->instance;
	text[5] = &c->params;
	text[6] = &c->user_agent;
}

// Where the key's record is published, NULL when it has none; *link is its first slot.
_Atomic uint64_t *location_find(
        const struct location *l, const struct location_key *key, uint32_t *link);
// Reads the contact at *link into *out (may be NULL: pass over it) and moves *link behind its last
// slot. False when that is not a contact of this key.
bool location_read(const struct location *l, const struct location_key *key, uint32_t *link,
        struct location_contact *out, char *scratch);
// Makes the writer's lists from what the buckets point at and clears words that point at nonsense.
int location_recover(struct location *l, struct error *e);
void location_writer_free(struct location_writer *w);
