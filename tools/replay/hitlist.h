// Which rules of policy a message met, by name.
#pragma once

#include "dataplane/table/hits.h"
#include "dataplane/table/table.h"

// "acl world, pattern scanners": those with a hit, whose cells are emptied. out is empty when there
// are none.
void hitlist_take(const struct table_view *v, struct hit *hits, char *out, size_t room);
