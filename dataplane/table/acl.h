// Access lists: what a source may do, by the longest network that holds it. Control turns the
// networks into disjoint ranges, so that a lookup is one binary search, however many there are.
#pragma once

#include "dataplane/table/hits.h"
#include "dataplane/table/table.h"

enum acl_action {
	ACL_PERMIT,
	ACL_DROP,   // silence
	ACL_EXEMPT, // permit, and no limit counts it
	ACL_ACTIONS,
};

struct acl_rule {
	struct hit_ref hit;
	uint32_t name; // offset in TEXT
	uint8_t name_len;
	uint8_t action;    // enum acl_action
	uint8_t transport; // TRANSPORT_NONE = any
	uint8_t reserved;
	uint16_t leg;                   // LEG_NONE = any
	uint16_t first_port, last_port; // of the source
	uint16_t reserved2;
};

// A network: its rules are REFS[first .. first+count); where none of them fits, those of the
// network around it are asked.
struct acl_network {
	uint32_t around; // row + 1, 0 = none; always an earlier row
	uint32_t first, count;
};

// From here to the next row's address: a network, row + 1, 0 = none. The first row is address 0.
struct acl_range4 {
	uint32_t first;
	uint32_t network;
};
struct acl_range6 {
	uint64_t high, low;
	uint32_t network;
	uint32_t reserved;
};

// For acl_build.
struct acl_source {
	struct addr ip; // host bits and port are ignored
	uint8_t len;
	uint32_t rule;
};

// Adds a rule; its index. -1 = out of memory, or a value is out of range.
int acl_add(struct table_builder *b, struct acl_rule r, struct str name, struct error *e);
// Once, after the rules: which sources they are for (sorted in place). Of the rules of one network
// the ones that say more (port, then leg, then transport) come first, then the earlier.
int acl_build(struct table_builder *b, struct acl_source *sources, size_t n, struct error *e);
bool acl_check(const struct table_view *v, struct error *e);

static inline bool acl_any(const struct table_view *v)
{
	return v->count[TABLE_ACL_RULES] > 0;
}
// The rule for what `src` sends to a leg, NULL = none fits.
const struct acl_rule *acl_lookup(
        const struct table_view *v, const struct addr *src, uint16_t leg, uint8_t transport);
struct str acl_name(const struct table_view *v, const struct acl_rule *r);
