// What a worker remembers of its last lookups: most messages of a while are for a few domains and
// go to a few addresses. An answer holds for the generation of tables it was found in.
#pragma once

#include "dataplane/table/domain.h"
#include "dataplane/worker.h"

struct recall;
struct recall *recall_create(int socket);
void recall_destroy(struct recall *r);

// domain_lookup() and nexthop_lookup() in the tables of this turn.
const struct domain *recall_domain(const struct worker *w, struct str host);
enum nexthop_result recall_nexthop(
        const struct worker *w, const struct addr *dst, struct nexthop *out);
