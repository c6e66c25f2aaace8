// The one row of sizes: see sanity.h.
#include "dataplane/table/sanity.h"

int sanity_set(struct table_builder *b, const struct sanity *s, struct error *e)
{
	if (b->section[TABLE_SANITY].count > 0)
		return error_set(e, "sanity: said twice");
	table_append(b, TABLE_SANITY, s, 1, sizeof(*s));
	return b->failed ? error_set(e, "sanity: out of memory") : 0;
}

bool sanity_check(const struct table_view *v, struct error *e)
{
	if (v->count[TABLE_SANITY] <= 1)
		return true;
	error_set(e, "more than one row of sizes");
	return false;
}
