// Where requests go by the host of their Request-URI (or of a Route that names no address).
#pragma once

#include "dataplane/table/table.h"

enum domain_action {
	DOMAIN_FORWARD,   // to the host itself (an address)
	DOMAIN_GROUP,     // to a member of `group`
	DOMAIN_PREFIX,    // by number prefix of the user part
	DOMAIN_REJECT,    // with `status`
	DOMAIN_REGISTRAR, // to where its users registered; `group` is a row of HOMES
};

struct domain {
	uint32_t name; // offset in TEXT, lower case; "*.example.com" matches names below it
	uint16_t name_len;
	uint8_t action; // enum domain_action
	uint8_t reserved;
	uint16_t group;  // index into GROUPS, DOMAIN_REGISTRAR: into HOMES
	uint16_t status; // DOMAIN_REJECT: 300..699
};

// `name` in any case, a wildcard with at most 16 labels behind its "*."; "default" is the row for
// everything else. -1 when it is there already.
int domain_add(struct table_builder *b, struct str name, enum domain_action action, uint16_t group,
        uint16_t status, struct error *e);
// Completes the index, after the last add.
void domain_index(struct table_builder *b);
bool domain_check(const struct table_view *v, struct error *e);

// Exact name (any case, a trailing dot ignored), then "*." of each upper domain. NULL when none.
const struct domain *domain_lookup(const struct table_view *v, struct str host);
// The "default" row, or NULL.
const struct domain *domain_default(const struct table_view *v);

static inline struct str domain_name(const struct table_view *v, const struct domain *d)
{
	return table_text(v, d->name, d->name_len);
}
