#include "tests/unit/table/image.h"

#include "dataplane/base/now.h"
#include "dataplane/table/nexthop.h"

static struct nexthop_route route(
        const char *prefix, uint8_t len, uint32_t metric, uint32_t link, const char *gateway)
{
	struct nexthop_route r = {.prefix = addr_text(prefix), .prefix_len = len, .metric = metric};

	r.hop.link = link;
	if (gateway != NULL)
		r.hop.gateway = addr_text(gateway);
	return r;
}

static void builder_with_links(struct table_builder *b)
{
	struct link_row l = {
	        .ifname = "spry-access", .ifindex = 3, .port = 0, .up = 1, .mtu = 1500};

	table_begin(b, image_key);
	nexthop_add_link(b, &l);
	l = (struct link_row){.ifname = "spry-core.20", .port = 1, .vlan = 20, .mtu = 9000};
	nexthop_add_link(b, &l);
}

static void neighbour(struct table_builder *b, const char *addr, uint32_t link, uint8_t mac)
{
	struct neighbour n = {.addr = addr_text(addr), .link = link, .mac = {2, 0, 0, 0, 0, mac}};
	struct error e;

	assert_int_equal(nexthop_add_neighbour(b, &n, &e), 0);
}

static void results(void **state)
{
	struct nexthop_route r[] = {
	        route("0.0.0.0", 0, 100, 0, "192.0.2.254"),
	        route("0.0.0.0", 0, 50, 1, "10.0.0.254"),
	        route("192.0.2.0", 24, 0, 0, NULL),
	        route("10.0.0.0", 24, 0, 1, NULL),
	        route("10.9.0.0", 16, 0, 0, NULL),
	        route("192.0.2.1", 32, 0, 0, NULL),
	        route("2001:db8::", 32, 0, 1, "fe80::1"),
	};
	struct table_builder b;
	struct nexthop hop;
	struct error e;
	struct addr dst;

	(void)state;
	r[4].hop.kind = HOP_BLACKHOLE;
	r[5].hop.kind = HOP_LOCAL;
	builder_with_links(&b);
	neighbour(&b, "192.0.2.7", 0, 7);
	neighbour(&b, "192.0.2.7", 1, 9); // another link's
	neighbour(&b, "10.0.0.254", 1, 1);
	neighbour(&b, "10.0.0.254", 1, 2); // replaces
	neighbour(&b, "fe80::1", 1, 3);
	nexthop_index(&b);
	assert_int_equal(nexthop_add_routes(&b, r, 7, &e), 0);
	assert_int_equal(nexthop_add_routes(&b, r, 7, &e), -1);
	struct image image = image_of(&b, ROOT_NEXTHOP);
	const struct table_view *v = &image.view;

	dst = addr_text("192.0.2.7:5060");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_OK);
	assert_int_equal(hop.mac[5], 7);
	assert_int_equal(hop.via.port, 0);
	assert_true(addr_eq_ip(&hop.via, &dst));
	assert_int_equal(hop.mtu, 1500);
	dst = addr_text("203.0.113.5:5060");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_OK);
	assert_int_equal(hop.mac[5], 2);
	assert_int_equal(hop.port, 1);
	assert_int_equal(hop.vlan, 20);
	dst = addr_text("192.0.2.8");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_UNRESOLVED);
	assert_true(addr_eq(&hop.via, &dst));
	dst = addr_text("192.0.2.1");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_LOCAL);
	dst = addr_text("10.9.1.1");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_NO_ROUTE);
	dst = addr_text("[2001:db8::5]:5060");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_OK);
	assert_int_equal(hop.mac[5], 3);
	dst = addr_text("2001:db9::5");
	assert_int_equal(nexthop_lookup(v, &dst, &hop), NEXTHOP_NO_ROUTE);
	image_free(&image);
}

static void neighbours_of_the_same_way_share_a_range(void **state)
{
	struct nexthop_route r[] = {
	        route("0.0.0.0", 1, 0, 0, NULL),
	        route("128.0.0.0", 1, 0, 0, NULL),
	        route("10.0.0.0", 9, 0, 1, NULL),
	        route("10.128.0.0", 9, 0, 1, NULL),
	        route("10.1.0.0", 16, 7, 1, NULL),
	};
	struct table_builder b;
	struct error e;

	(void)state;
	builder_with_links(&b);
	assert_int_equal(nexthop_add_routes(&b, r, 5, &e), 0);
	struct image image = image_of(&b, ROOT_NEXTHOP);
	assert_int_equal(image.view.count[TABLE_ROUTES4], 3);
	assert_int_equal(image.view.count[TABLE_HOPS], 2);
	image_free(&image);
}

static bool in_prefix(const struct addr *a, const struct nexthop_route *r)
{
	for (unsigned bit = 0; bit < r->prefix_len; bit++)
		if (((a->ip[bit / 8] ^ r->prefix.ip[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	return a->family == r->prefix.family;
}

// The slow way: look at every route.
static const struct nexthop_route *brute_force(
        const struct nexthop_route *r, size_t n, const struct addr *dst)
{
	const struct nexthop_route *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (in_prefix(dst, &r[i]) && (best == NULL || r[i].prefix_len > best->prefix_len ||
		                                     (r[i].prefix_len == best->prefix_len &&
		                                             r[i].metric < best->metric)))
			best = &r[i];
	return best;
}

// Addresses with few different bytes, so that prefixes nest and touch; 0 and 255 for the edges.
static struct addr random_addr(uint64_t *random, uint8_t family)
{
	static const uint8_t byte[] = {0, 1, 127, 128, 254, 255};
	struct addr a = {.family = family};

	for (size_t i = 0; i < addr_ip_len(&a); i++)
		a.ip[i] = byte[next_random(random) % sizeof(byte)];
	return a;
}

static void compare_table(uint64_t *random, uint8_t family, size_t n)
{
	struct nexthop_route given[64], sorted[64];
	struct table_builder b;
	struct nexthop hop;
	struct error e;

	builder_with_links(&b);
	for (size_t i = 0; i < n; i++) {
		struct nexthop_route *r = &given[i];

		*r = (struct nexthop_route){.prefix = random_addr(random, family)};
		r->prefix_len = (uint8_t)(next_random(random) % (addr_ip_len(&r->prefix) * 8 + 1));
		// Metrics differ: which of equal routes is taken is no promise.
		r->metric = (uint32_t)i * 2654435761u;
		r->hop.gateway = (struct addr){
		        .family = ADDR_IPV4, .ip = {10, 0, 0, (uint8_t)(next_random(random) % 4)}};
	}
	memcpy(sorted, given, n * sizeof(*given));
	assert_int_equal(nexthop_add_routes(&b, sorted, n, &e), 0);
	struct image image = image_of(&b, ROOT_NEXTHOP);
	for (unsigned i = 0; i < 300; i++) {
		struct addr dst = random_addr(random, family);
		const struct nexthop_route *best = brute_force(given, n, &dst);
		enum nexthop_result result = nexthop_lookup(&image.view, &dst, &hop);

		if (best == NULL) {
			assert_int_equal(result, NEXTHOP_NO_ROUTE);
		} else {
			assert_int_equal(result, NEXTHOP_UNRESOLVED);
			assert_true(addr_eq(&hop.via, &best->hop.gateway));
		}
	}
	image_free(&image);
}

static void same_as_brute_force(void **state)
{
	uint64_t random = 0x2545f4914f6cdd1du;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		compare_table(&random, ADDR_IPV4, 1 + i % 64);
		compare_table(&random, ADDR_IPV6, 1 + i % 64);
	}
}

static void many_routes_build_fast(void **state)
{
	enum { N = 100000 };
	struct nexthop_route *r = calloc(N, sizeof(*r));
	uint64_t random = 42;
	struct table_builder b;
	struct error e;

	(void)state;
	assert_non_null(r);
	for (size_t i = 0; i < N; i++) {
		uint32_t ip = (uint32_t)next_random(&random);

		r[i].prefix.family = ADDR_IPV4;
		memcpy(r[i].prefix.ip, &ip, sizeof(ip));
		r[i].prefix_len = (uint8_t)(8 + next_random(&random) % 25);
		r[i].hop.gateway =
		        (struct addr){.family = ADDR_IPV4, .ip = {10, 0, (uint8_t)(ip >> 24), 1}};
	}
	builder_with_links(&b);
	uint64_t start = now_ns();
	assert_int_equal(nexthop_add_routes(&b, r, N, &e), 0);
	struct image image = image_of(&b, ROOT_NEXTHOP);
	uint64_t took_ms = (now_ns() - start) / 1000000;
	print_message("%u routes: %u ranges, %u ms\n", N, image.view.count[TABLE_ROUTES4],
	        (unsigned)took_ms);
	if (took_ms > 2000) // generous: sanitizers and a busy machine
		fail_msg("took %u ms", (unsigned)took_ms);
	image_free(&image);
	free(r);
}

static void damaged_tables_do_not_open(void **state)
{
	(void)state;
	for (unsigned damage = 0; damage < 6; damage++) {
		struct nexthop_route r[] = {
		        route("10.0.0.0", 24, 0, 0, NULL), route("10.0.2.0", 24, 0, 1, NULL)};
		struct table_builder b;
		struct error e;

		builder_with_links(&b);
		neighbour(&b, "10.0.0.1", 0, 1);
		nexthop_index(&b);
		nexthop_add_routes(&b, r, 2, &e);
		struct route_range *range = b.section[TABLE_ROUTES4].rows;
		uint32_t *slot = b.section[TABLE_NEIGHBOUR_INDEX].rows;
		if (damage == 0)
			range[0].last[2] = 2;
		else if (damage == 1)
			range[1].hop = 2;
		else if (damage == 2)
			((struct route_hop *)b.section[TABLE_HOPS].rows)[1].link = 2;
		else if (damage == 3)
			slot[3] = 2;
		else if (damage == 4)
			((struct link_row *)b.section[TABLE_LINKS].rows)[1].port = 16;
		else
			b.section[TABLE_NEIGHBOUR_INDEX].count = 15;
		image_refused(&b, ROOT_NEXTHOP, "out of range or out of order");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(results),
	        cmocka_unit_test(neighbours_of_the_same_way_share_a_range),
	        cmocka_unit_test(same_as_brute_force),
	        cmocka_unit_test(many_routes_build_fast),
	        cmocka_unit_test(damaged_tables_do_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
