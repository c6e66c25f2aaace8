// What a worker remembers of its last lookups: most messages of a while are for a few domains and
// go to a few addresses. An answer holds for the generation of tables it was found in.
#pragma once

#include "dataplane/net/head.h"
#include "dataplane/table/domain.h"
#include "dataplane/worker.h"

struct recall;
struct recall *recall_create(int socket);
void recall_destroy(struct recall *r);
// At the start of a turn: forgets what was found in other tables.
void recall_turn(struct worker *w);

// domain_lookup() and nexthop_lookup() in the tables of this turn.
const struct domain *recall_domain(const struct worker *w, struct str host);
enum nexthop_result recall_nexthop(
        const struct worker *w, const struct addr *dst, struct nexthop *out);

// How datagrams of a leg leave by a next hop (tx.c).
struct recall_way {
	struct head head;
	uint32_t most; // bytes of payload that go whole
};
// NULL when it is not known; then recall_way_add() gives the place to say it in.
const struct recall_way *recall_way(
        const struct worker *w, const struct leg *leg, const struct nexthop *hop);
struct recall_way *recall_way_add(
        const struct worker *w, const struct leg *leg, const struct nexthop *hop);
