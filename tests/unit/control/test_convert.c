// convert: the kernel's objects become rows of the next-hop tables.
#include "tests/unit/config/trees.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/link/vlan.h>
#include <netlink/route/nexthop.h>

#include "control/convert.h"

static const struct setup setup = {.n_ports = 2, .port = {{.name = "access"}, {.name = "core"}}};
static const struct link_row links[] = {
        {.ifname = "spry-access", .ifindex = 7, .port = 0, .up = 1, .mtu = 1500},
        {.ifname = "spry-core", .ifindex = 8, .port = 1, .up = 1, .mtu = 1500},
};

static struct rtnl_link *link_of(const char *name, int ifindex)
{
	struct rtnl_link *l = rtnl_link_alloc();

	rtnl_link_set_name(l, name);
	rtnl_link_set_ifindex(l, ifindex);
	rtnl_link_set_mtu(l, 1400);
	rtnl_link_set_flags(l, IFF_UP);
	return l;
}

static void twins_are_links(void **state)
{
	struct rtnl_link *core = link_of("spry-core", 8), *other = link_of("eth0", 2);
	struct rtnl_link *nobody = link_of("spry-nobody", 3);
	struct link_row row;

	(void)state;
	assert_true(convert_link(core, &setup, NULL, 0, &row));
	assert_int_equal(row.port, 1);
	assert_int_equal(row.ifindex, 8);
	assert_int_equal(row.mtu, 1400);
	assert_int_equal(row.up, 1);
	assert_int_equal(row.vlan, 0);
	assert_false(convert_link(other, &setup, NULL, 0, &row));
	assert_false(convert_link(nobody, &setup, NULL, 0, &row));
	rtnl_link_put(core);
	rtnl_link_put(other);
	rtnl_link_put(nobody);
}

static void vlans_on_twins_are_links(void **state)
{
	struct rtnl_link *l = rtnl_link_vlan_alloc();
	struct link_row row;

	(void)state;
	rtnl_link_set_name(l, "any-name");
	rtnl_link_set_ifindex(l, 20);
	rtnl_link_set_link(l, 8);
	rtnl_link_vlan_set_id(l, 100);
	assert_true(convert_link(l, &setup, links, 2, &row));
	assert_int_equal(row.port, 1);
	assert_int_equal(row.vlan, 100);
	rtnl_link_set_link(l, 2); // on eth0
	assert_false(convert_link(l, &setup, links, 2, &row));
	rtnl_link_put(l);
}

static struct nl_addr *parsed(const char *text)
{
	struct nl_addr *a;

	assert_int_equal(nl_addr_parse(text, AF_UNSPEC, &a), 0);
	return a;
}

static void add_path(struct rtnl_route *r, int ifindex, const char *gateway)
{
	struct rtnl_nexthop *nh = rtnl_route_nh_alloc();
	struct nl_addr *via;

	rtnl_route_nh_set_ifindex(nh, ifindex);
	if (gateway != NULL) {
		via = parsed(gateway);
		rtnl_route_nh_set_gateway(nh, via);
		nl_addr_put(via);
	}
	rtnl_route_add_nexthop(r, nh);
}

static struct rtnl_route *route_of(const char *prefix, uint8_t type, uint32_t table)
{
	struct rtnl_route *r = rtnl_route_alloc();
	struct nl_addr *dst = parsed(prefix);

	rtnl_route_set_family(r, (uint8_t)nl_addr_get_family(dst));
	rtnl_route_set_dst(r, dst);
	rtnl_route_set_table(r, table);
	rtnl_route_set_type(r, type);
	rtnl_route_set_priority(r, 10);
	nl_addr_put(dst);
	return r;
}

static void route_by_a_gateway(void **state)
{
	struct rtnl_route *r = route_of("203.0.113.0/24", RTN_UNICAST, RT_TABLE_MAIN);
	struct nexthop_route row;
	char text[ADDR_TEXT_MAX];

	(void)state;
	add_path(r, 8, "198.51.100.254");
	assert_true(convert_route(r, links, 2, &row));
	assert_int_equal(row.hop.kind, HOP_UNICAST);
	assert_int_equal(row.hop.link, 1);
	assert_int_equal(row.prefix_len, 24);
	assert_int_equal(row.metric, 10);
	addr_format_ip(&row.prefix, text);
	assert_string_equal(text, "203.0.113.0");
	addr_format_ip(&row.hop.gateway, text);
	assert_string_equal(text, "198.51.100.254");
	rtnl_route_put(r);
}

static void of_many_paths_the_first_of_ours(void **state)
{
	struct rtnl_route *r = route_of("2001:db8::/32", RTN_UNICAST, RT_TABLE_MAIN);
	struct nexthop_route row;
	char text[ADDR_TEXT_MAX];

	(void)state;
	add_path(r, 2, "fe80::1");
	add_path(r, 7, "fe80::2");
	add_path(r, 8, "fe80::3");
	assert_true(convert_route(r, links, 2, &row));
	assert_int_equal(row.prefix.family, ADDR_IPV6);
	assert_int_equal(row.hop.link, 0);
	addr_format_ip(&row.hop.gateway, text);
	assert_string_equal(text, "fe80::2");
	rtnl_route_put(r);
}

static void other_interfaces_are_black_holes_that_lose(void **state)
{
	struct rtnl_route *r = route_of("0.0.0.0/0", RTN_UNICAST, RT_TABLE_MAIN);
	struct nexthop_route row;

	(void)state;
	add_path(r, 2, "10.0.0.254");
	assert_true(convert_route(r, links, 2, &row));
	assert_int_equal(row.hop.kind, HOP_BLACKHOLE);
	assert_true(row.metric > 0x7fffffff);
	rtnl_route_put(r);
}

static void other_types_and_tables(void **state)
{
	struct rtnl_route *own = route_of("192.0.2.1/32", RTN_LOCAL, RT_TABLE_LOCAL);
	struct rtnl_route *hole = route_of("192.0.2.0/28", RTN_UNREACHABLE, RT_TABLE_MAIN);
	struct rtnl_route *elsewhere = route_of("192.0.2.0/28", RTN_UNICAST, 100);
	struct rtnl_route *all = route_of("192.0.2.255/32", RTN_BROADCAST, RT_TABLE_LOCAL);
	struct nexthop_route row;

	(void)state;
	assert_true(convert_route(own, links, 2, &row));
	assert_int_equal(row.hop.kind, HOP_LOCAL);
	assert_true(convert_route(all, links, 2, &row));
	assert_int_equal(row.hop.kind, HOP_LOCAL); // nobody's address: bad-target
	assert_true(convert_route(hole, links, 2, &row));
	assert_int_equal(row.hop.kind, HOP_BLACKHOLE);
	assert_int_equal(row.metric, 10);
	assert_false(convert_route(elsewhere, links, 2, &row));
	rtnl_route_put(own);
	rtnl_route_put(all);
	rtnl_route_put(hole);
	rtnl_route_put(elsewhere);
}

static void neighbours_by_state(void **state)
{
	static const struct {
		int nud;
		bool usable;
	} rows[] = {{NUD_REACHABLE, true}, {NUD_STALE, true}, {NUD_DELAY, true}, {NUD_PROBE, true},
	        {NUD_PERMANENT, true}, {NUD_INCOMPLETE, false}, {NUD_FAILED, false}};
	struct nl_addr *mac = parsed("02:00:00:00:00:09"), *ip = parsed("198.51.100.10");
	struct neighbour row;
	bool usable;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rtnl_neigh *n = rtnl_neigh_alloc();

		rtnl_neigh_set_ifindex(n, 8);
		rtnl_neigh_set_dst(n, ip);
		rtnl_neigh_set_lladdr(n, mac);
		rtnl_neigh_set_state(n, rows[i].nud);
		assert_true(convert_neighbour(n, links, 2, &row, &usable));
		assert_int_equal(usable, rows[i].usable);
		assert_int_equal(row.link, 1);
		assert_int_equal(row.mac[5], usable ? 9 : 0);
		rtnl_neigh_set_ifindex(n, 2);
		assert_false(convert_neighbour(n, links, 2, &row, &usable));
		rtnl_neigh_put(n);
	}
	nl_addr_put(mac);
	nl_addr_put(ip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(twins_are_links),
	        cmocka_unit_test(vlans_on_twins_are_links),
	        cmocka_unit_test(route_by_a_gateway),
	        cmocka_unit_test(of_many_paths_the_first_of_ours),
	        cmocka_unit_test(other_interfaces_are_black_holes_that_lose),
	        cmocka_unit_test(other_types_and_tables),
	        cmocka_unit_test(neighbours_by_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
