// A generation: one immutable image of flat tables with a checksum. Control builds it (table_begin,
// the <x>_add functions, table_finish), the dataplane's main lcore copies, checks (table_open) and
// hands it to the workers as a struct tables. Offsets, never pointers, inside the image.
#pragma once

#include "dataplane/base/error.h"
#include "dataplane/sip/token.h"

#define TABLE_MAGIC "SPRYTABL"

// Sections; which ones are present depends on the chain.
#define table_rows(X)                                                     \
	X(SETUP)             /* struct setup, one */                      \
	X(KEYS)              /* struct token_key */                       \
	X(LEGS)              /* struct leg */                             \
	X(LEG_INDEX)         /* uint8_t: LEG_SLOTS hash slots, row + 1 */ \
	X(DOMAINS)           /* struct domain */                          \
	X(DOMAIN_INDEX)      /* uint32_t: hash slots, row + 1 */          \
	X(HOMES)             /* struct home */                            \
	X(HOME_SOURCES)      /* struct home_source */                     \
	X(PREFIXES)          /* struct prefix_node */                     \
	X(GROUPS)            /* struct group */                           \
	X(MEMBERS)           /* struct member */                          \
	X(MAGLEV)            /* uint16_t: member of a group's slot */     \
	X(AUTH)              /* struct auth, one */                       \
	X(SANITY)            /* struct sanity, one */                     \
	X(OVERLOAD)          /* struct overload, one */                   \
	X(LIMITS)            /* struct limit */                           \
	X(PATTERNS)          /* struct pattern */                         \
	X(PATTERN_DATABASES) /* struct pattern_database, one a place */   \
	X(PATTERN_BYTES)     /* bytes of the databases */                 \
	X(TRUST_HEADERS)     /* struct trust_header */                    \
	X(ACL_RULES)         /* struct acl_rule */                        \
	X(ACL_NETWORKS)      /* struct acl_network */                     \
	X(ACL_REFS)          /* uint32_t: rules of a network */           \
	X(ACL4)              /* struct acl_range4 */                      \
	X(ACL6)              /* struct acl_range6 */                      \
	X(USERS)             /* struct user */                            \
	X(USER_INDEX)        /* struct user_bucket */                     \
	X(USER_HA1)          /* 16 bytes of a hash */                     \
	X(LINKS)             /* struct link_row */                        \
	X(ROUTES4)           /* struct route_range */                     \
	X(ROUTES6)           /* struct route_range */                     \
	X(HOPS)              /* struct route_hop */                       \
	X(NEIGHBOURS)        /* struct neighbour */                       \
	X(NEIGHBOUR_INDEX)   /* uint32_t: hash slots, row + 1 */          \
	X(TEXT)              /* bytes that rows point into */

enum table_section {
#define X(id) TABLE_##id,
	table_rows(X)
#undef X
	        TABLE_SECTIONS,
};

struct table_header {
	char magic[8];
	uint32_t layout; // ROOT_LAYOUT
	uint32_t chain;  // enum root_chain
	uint64_t generation;
	uint64_t bytes;           // of the whole image
	uint64_t checksum;        // SipHash-2-4, zero key, over the image with this field 0
	struct hash_key hash_key; // of the hash indices in this image
	struct {
		uint64_t offset;
		uint64_t count; // rows
		uint64_t row;   // bytes a row
	} section[TABLE_SECTIONS];
};

// Building (control; malloc).
struct table_builder {
	struct hash_key hash_key; // set before the first row is added
	struct {
		void *rows;
		size_t count, room, row;
	} section[TABLE_SECTIONS];
	bool failed; // out of memory: table_finish fails
};

void table_begin(struct table_builder *b, struct hash_key key);
void table_abandon(struct table_builder *b);
// Appends n rows (zeroed when rows is NULL), returns the first's index.
size_t table_append(struct table_builder *b, enum table_section s, const void *rows, size_t n,
        size_t row_bytes);
// The image (64-byte aligned; free() it), *len set. Frees the builder's memory.
void *table_finish(
        struct table_builder *b, unsigned chain, uint64_t generation, size_t *len, struct error *e);

// Reading. `image` stays the caller's and must stay 64-byte aligned and alive.
enum { TABLE_HOSTS = 512 };
struct table_view {
	const struct table_header *header;
	const void *rows[TABLE_SECTIONS];
	uint32_t count[TABLE_SECTIONS];
	// Bits of the hosts that legs have: most of those that are asked for have none (leg.h).
	uint64_t leg_hosts[TABLE_HOSTS / 64];
};

// Bytes of TEXT that a row refers to (and <x>_check() has looked at). Without any there may be no
// TEXT at all.
static inline struct str table_text(const struct table_view *v, uint32_t offset, size_t len)
{
	return len == 0 ? STR("") : (struct str){(const char *)v->rows[TABLE_TEXT] + offset, len};
}

// Checks magic, layout, chain, checksum, bounds and alignment of every section, then every table's
// own rows (<x>_check: each index inside its section, each text inside TEXT, enums in range). After
// it no lookup can leave the image.
int table_open(
        struct table_view *v, const void *image, size_t len, unsigned chain, struct error *e);
