// Mirrors the kernel's links, routes and neighbours into the tables of the ROOT_NEXTHOP chain.
// Events only say what changed in kind; the kind is then dumped anew, so that a lost event
// (ENOBUFS) and a seen one take the same way. Changes within 20 ms make one generation.
#pragma once

#include "control/publish.h"
#include "dataplane/table/nexthop.h"

struct mirror;

// `settled` is called when the dataplane has taken up new next hops.
struct mirror *mirror_create(struct event_base *base, struct publish *publish,
        void (*settled)(void *arg), void *arg, struct error *e);
void mirror_destroy(struct mirror *m);

// The ports may have changed: look at everything again, now.
void mirror_refresh(struct mirror *m);
// A worker wants the link address of addr on (port, vlan).
void mirror_want(struct mirror *m, uint8_t port, uint16_t vlan, const struct addr *addr);
// The tables the dataplane has acknowledged (or will start with): NULL before the first.
const struct table_view *mirror_view(const struct mirror *m);
// Can a packet to addr leave now?
bool mirror_resolved(const struct mirror *m, const struct addr *addr);
