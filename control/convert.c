// From the kernel's objects to rows of the next-hop tables: see convert.h.
#include "control/convert.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/link/vlan.h>
#include <netlink/route/nexthop.h>
#include <stdio.h>

#include "control/netlink.h"

// Added to the metric of routes by interfaces that are not ours.
#define FOREIGN_METRIC 0x80000000u

static const struct link_row *link_of(const struct link_row *links, size_t n, int ifindex)
{
	for (size_t i = 0; i < n; i++)
		if (ifindex > 0 && links[i].ifindex == (uint32_t)ifindex)
			return &links[i];
	return NULL;
}

static bool twin_port(const char *ifname, const struct setup *setup, uint8_t *port)
{
	for (uint8_t i = 0; i < setup->n_ports && i < SETUP_PORTS_MAX; i++) {
		char twin[32];

		snprintf(twin, sizeof(twin), "spry-%.15s", setup->port[i].name);
		if (strcmp(twin, ifname) == 0) {
			*port = i;
			return true;
		}
	}
	return false;
}

bool convert_link(struct rtnl_link *l, const struct setup *setup, const struct link_row *links,
        size_t n, struct link_row *out)
{
	const char *name = rtnl_link_get_name(l);
	struct link_row row = {.ifindex = (uint32_t)rtnl_link_get_ifindex(l)};

	if (name == NULL)
		return false;
	if (rtnl_link_is_vlan(l)) {
		const struct link_row *parent = link_of(links, n, rtnl_link_get_link(l));
		int vlan = rtnl_link_vlan_get_id(l);

		// A tag on a tag is nothing the dataplane knows.
		if (parent == NULL || parent->vlan != 0 || vlan <= 0 || vlan > 4094)
			return false;
		row.port = parent->port;
		row.vlan = (uint16_t)vlan;
	} else if (!twin_port(name, setup, &row.port)) {
		return false;
	}
	snprintf(row.ifname, sizeof(row.ifname), "%s", name);
	row.up = (rtnl_link_get_flags(l) & IFF_UP) != 0;
	row.mtu = rtnl_link_get_mtu(l);
	*out = row;
	return true;
}

// The first path by a twin.
static bool pick_path(
        struct rtnl_route *r, const struct link_row *links, size_t n, struct route_hop *hop)
{
	for (int i = 0; i < rtnl_route_get_nnexthops(r); i++) {
		struct rtnl_nexthop *nh = rtnl_route_nexthop_n(r, i);
		const struct link_row *l = link_of(links, n, rtnl_route_nh_get_ifindex(nh));
		const struct nl_addr *gateway = rtnl_route_nh_get_gateway(nh);

		if (l == NULL || (rtnl_route_nh_get_flags(nh) & RTNH_F_DEAD) != 0)
			continue;
		if (gateway == NULL)
			gateway = rtnl_route_nh_get_via(nh); // of the other family (RFC 5549)
		if (gateway != NULL && !netlink_addr_get(gateway, &hop->gateway))
			continue;
		hop->kind = HOP_UNICAST;
		hop->link = (uint32_t)(l - links);
		return true;
	}
	return false;
}

// Ours, or everybody's on a link of ours: a message to it would be one to ourselves.
static bool is_no_target(uint8_t type)
{
	return type == RTN_LOCAL || type == RTN_BROADCAST || type == RTN_ANYCAST ||
	       type == RTN_MULTICAST;
}

bool convert_route(
        struct rtnl_route *r, const struct link_row *links, size_t n, struct nexthop_route *out)
{
	struct nl_addr *dst = rtnl_route_get_dst(r);
	uint32_t table = rtnl_route_get_table(r);
	struct nexthop_route row = {.metric = rtnl_route_get_priority(r)};

	if ((table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL) || dst == NULL ||
	        (rtnl_route_get_flags(r) & RTM_F_CLONED) != 0)
		return false;
	row.prefix.family = rtnl_route_get_family(r) == AF_INET    ? ADDR_IPV4
	                    : rtnl_route_get_family(r) == AF_INET6 ? ADDR_IPV6
	                                                           : ADDR_NONE;
	if (row.prefix.family == ADDR_NONE || nl_addr_get_len(dst) > addr_ip_len(&row.prefix) ||
	        nl_addr_get_prefixlen(dst) > 8 * addr_ip_len(&row.prefix))
		return false;
	memcpy(row.prefix.ip, nl_addr_get_binary_addr(dst), nl_addr_get_len(dst));
	row.prefix_len = (uint8_t)nl_addr_get_prefixlen(dst);
	if (is_no_target(rtnl_route_get_type(r))) {
		row.hop.kind = HOP_LOCAL;
	} else if (rtnl_route_get_type(r) != RTN_UNICAST) {
		row.hop.kind = HOP_BLACKHOLE;
	} else if (!pick_path(r, links, n, &row.hop)) {
		row.hop.kind = HOP_BLACKHOLE;
		row.metric |= FOREIGN_METRIC;
	}
	*out = row;
	return true;
}

bool convert_neighbour(struct rtnl_neigh *neigh, const struct link_row *links, size_t n,
        struct neighbour *out, bool *usable)
{
	const struct link_row *l = link_of(links, n, rtnl_neigh_get_ifindex(neigh));
	const struct nl_addr *mac = rtnl_neigh_get_lladdr(neigh), *dst = rtnl_neigh_get_dst(neigh);
	const int good =
	        NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;
	int state = rtnl_neigh_get_state(neigh);
	struct neighbour row = {0};

	if (l == NULL || dst == NULL || !netlink_addr_get(dst, &row.addr) ||
	        !addr_is_unicast(&row.addr))
		return false;
	row.link = (uint32_t)(l - links);
	*usable = state > 0 && (state & good) != 0 && mac != NULL &&
	          nl_addr_get_len(mac) == sizeof(row.mac);
	if (*usable)
		memcpy(row.mac, nl_addr_get_binary_addr(mac), sizeof(row.mac));
	*out = row;
	return true;
}
