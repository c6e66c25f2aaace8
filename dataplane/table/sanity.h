// Sizes beyond which a message is refused although it is well-formed, and how much spry answers:
// one row of the configuration (RELIABILITY rules 6 and 12).
#pragma once

#include "dataplane/table/table.h"

struct sanity {
	uint32_t message, body, uri; // bytes
	uint32_t headers, vias, routes;
	uint32_t reply_rate,
	        reply_burst; // to a source that has not proved its address; 0 = no bound
};

int sanity_set(struct table_builder *b, const struct sanity *s, struct error *e);
bool sanity_check(const struct table_view *v, struct error *e);
// The row, or NULL: no bounds but the parser's.
static inline const struct sanity *sanity_get(const struct table_view *v)
{
	return v->rows[TABLE_SANITY];
}
