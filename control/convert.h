// From the kernel's objects (libnl) to rows of the next-hop tables. Pure functions.
#pragma once

#include <netlink/route/link.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>

#include "dataplane/table/nexthop.h"
#include "dataplane/table/setup.h"

// A twin of one of the ports, or a VLAN interface on a twin that is in `links` already. False for
// any other interface.
bool convert_link(struct rtnl_link *l, const struct setup *setup, const struct link_row *links,
        size_t n, struct link_row *out);

// A route of the tables main and local. Of several paths the first by a twin counts (the dataplane
// has no multipath). A route by no twin becomes a blackhole that loses against a twin's route to
// the same prefix: a worker can't send by other interfaces. False when it is no route for the
// dataplane.
bool convert_route(
        struct rtnl_route *r, const struct link_row *links, size_t n, struct nexthop_route *out);

// A neighbour on one of the links. *usable = its link address may be used now.
bool convert_neighbour(struct rtnl_neigh *neigh, const struct link_row *links, size_t n,
        struct neighbour *out, bool *usable);
