// The kernel's links, routes and neighbours as the workers read them (mirrored by control,
// control/mirror.c). Routes are disjoint address ranges in sorted order: lookup is one binary
// search.
#pragma once

#include "dataplane/table/table.h"

// A twin (or a VLAN interface on it): where a port's traffic is, seen from the kernel.
struct link_row {
	char ifname[16];
	uint32_t ifindex;
	uint8_t port; // index into setup.port
	uint8_t up;
	uint16_t vlan; // 0 = untagged
	uint32_t mtu;
};

struct route_range {
	uint8_t first[16], last[16]; // inclusive; IPv4 in the first four bytes
	uint32_t hop;                // in HOPS
	uint32_t reserved;
};

enum hop_kind {
	HOP_UNICAST,
	HOP_LOCAL,     // one of our own addresses, or of all on a link
	HOP_BLACKHOLE, // blackhole, unreachable, prohibit, or by an interface that is not ours
};

struct route_hop {
	struct addr gateway; // family ADDR_NONE = the destination is on the link
	uint32_t link;       // in LINKS
	uint8_t kind;        // enum hop_kind
	uint8_t reserved[3];
};

struct neighbour {
	struct addr addr; // port 0
	uint32_t link;    // in LINKS
	uint8_t mac[6];
	uint16_t reserved;
};

// One route of the kernel, before ranges are made of them.
struct nexthop_route {
	struct addr prefix;
	uint8_t prefix_len;
	uint32_t metric; // lowest wins among equal prefixes
	struct route_hop hop;
};

size_t nexthop_add_link(struct table_builder *b, const struct link_row *l);
int nexthop_add_neighbour(struct table_builder *b, const struct neighbour *n, struct error *e);
// All routes at once, of both families (sorted in place): longest prefix wins, then lowest metric.
int nexthop_add_routes(
        struct table_builder *b, struct nexthop_route *routes, size_t n, struct error *e);
// Makes the neighbour index, after the last neighbour.
void nexthop_index(struct table_builder *b);
bool nexthop_check(const struct table_view *v, struct error *e);

enum nexthop_result {
	NEXTHOP_OK,
	NEXTHOP_NO_ROUTE,   // none, blackhole, or by an interface that is no twin
	NEXTHOP_LOCAL,      // one of our own addresses, or of all on a link
	NEXTHOP_UNRESOLVED, // route known (port, vlan, via set), link address not
};

struct nexthop {
	struct addr via; // on the link: the gateway, or the destination itself; port 0
	uint8_t port;
	uint8_t up;
	uint16_t vlan;
	uint32_t mtu;
	uint8_t mac[6];
};

// For a packet to dst (of several equal routes only the table's one is looked at). In two steps:
// the route, NULL when there is none; the link address of the next hop of one that is HOP_UNICAST,
// which is the same for all destinations when it has a gateway.
const struct route_hop *nexthop_route_to(const struct table_view *v, const struct addr *dst);
enum nexthop_result nexthop_resolve(const struct table_view *v, const struct route_hop *hop,
        const struct addr *dst, struct nexthop *out);
enum nexthop_result nexthop_lookup(
        const struct table_view *v, const struct addr *dst, struct nexthop *out);
