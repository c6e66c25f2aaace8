// recall: answers are those of the tables, also when questions share a place and tables change.
#include "tests/unit/unit.h"

#include <rte_eal.h>

#include "dataplane/recall.h"

enum { HOSTS = 400, ADDRS = 600, ASKED = 20000 };

static struct worker w;
static struct generation config[2], routes[2];

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static struct generation generation_of(
        struct table_builder *b, enum root_chain chain, uint64_t number)
{
	struct generation g = {.number = number};
	struct error e = {0};
	size_t len;

	g.image = table_finish(b, chain, number, &len, &e);
	if (g.image == NULL || table_open(&g.view, g.image, len, chain, &e) != 0)
		fail_msg("%s", e.text);
	return g;
}

// Hosts of eight bytes at least share ends and lengths; some are too short or long to be kept.
static struct str host_of(unsigned i, char text[64])
{
	static const char *const form[] = {"a%u.example.com", "%u.ex", "EXAMPLE%u.net",
	        "very-long-name-of-a-host-%u.example.org"};

	return (struct str){text, (size_t)snprintf(text, 64, form[i % 4], i)};
}

static struct generation domains(uint64_t number, unsigned every)
{
	struct table_builder b;
	struct error e;
	char text[64];

	table_begin(&b, (struct hash_key){1, 2});
	for (unsigned i = 0; i < HOSTS; i += every)
		assert_int_equal(domain_add(&b, host_of(i, text), DOMAIN_REJECT, 0,
		                         (uint16_t)(400 + i % 100), &e),
		        0);
	domain_index(&b);
	return generation_of(&b, ROOT_CONFIG, number);
}

static struct addr addr_of(unsigned i)
{
	struct addr a = {.ip = {10, 0, (uint8_t)(i / 200), (uint8_t)(i % 200)},
	        .port = (uint16_t)(5060 + i),
	        .family = ADDR_IPV4};

	if (i % 5 == 0)
		a = (struct addr){
		        .ip = {0x20, 1, 0xd, 0xb8, [15] = (uint8_t)i}, .family = ADDR_IPV6};
	return a;
}

static struct generation nexthops(uint64_t number, uint8_t mac)
{
	const struct link_row l = {.ifindex = 1, .up = 1, .mtu = 1500};
	struct nexthop_route route[] = {
	        {.prefix = {.ip = {10}, .family = ADDR_IPV4}, .prefix_len = 15},
	        {.prefix = {.ip = {0x20, 1}, .family = ADDR_IPV6}, .prefix_len = 16},
	        {.prefix = {.ip = {10, 0, 1}, .family = ADDR_IPV4}, .prefix_len = 24},
	        {.prefix = {.ip = {10, 0, 2}, .family = ADDR_IPV4}, .prefix_len = 24},
	        {.prefix = {.ip = {10, 0, 2, 128}, .family = ADDR_IPV4}, .prefix_len = 25}};
	struct table_builder b;
	struct error e;

	route[2].hop.kind = HOP_LOCAL;
	route[3].hop.gateway = addr_of(2);
	route[4].hop.gateway = addr_of(3); // its link address is not known
	route[3].hop.gateway.port = route[4].hop.gateway.port = 0;
	table_begin(&b, (struct hash_key){1, 2});
	nexthop_add_link(&b, &l);
	for (unsigned i = 0; i < ADDRS; i += 2) {
		struct neighbour n = {.addr = addr_of(i), .mac = {2, mac, (uint8_t)i}};

		n.addr.port = 0;
		assert_int_equal(nexthop_add_neighbour(&b, &n, &e), 0);
	}
	assert_int_equal(nexthop_add_routes(&b, route, unit_rows(route), &e), 0);
	nexthop_index(&b);
	return generation_of(&b, ROOT_NEXTHOP, number);
}

static int start(void **state)
{
	char *argv[] = {"test", "--no-huge", "--no-shconf", "-m", "64", "--no-pci",
	        "--no-telemetry", "--lcores", "0", "--log-level=5"};

	(void)state;
	if (rte_eal_init(10, argv) < 0)
		return -1;
	w.recall = recall_create(SOCKET_ID_ANY);
	config[0] = domains(1, 3);
	config[1] = domains(2, 2);
	routes[0] = nexthops(1, 1);
	routes[1] = nexthops(2, 2);
	return w.recall != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	recall_destroy(w.recall);
	for (unsigned i = 0; i < 2; i++) {
		free(config[i].image);
		free(routes[i].image);
	}
	return 0;
}

static void turn(const struct generation *c, const struct generation *n)
{
	w.config = c;
	w.nexthop = n;
	recall_turn(&w);
}

static void domains_are_the_tables(void **state)
{
	uint32_t seed = 1;
	unsigned found = 0;
	char text[64];

	(void)state;
	for (unsigned i = 0; i < ASKED; i++) {
		const struct str host = host_of(next_random(&seed) % HOSTS, text);

		turn(&config[i / 1000 % 2], &routes[0]);
		const struct domain *d = recall_domain(&w, host);
		assert_ptr_equal(d, domain_lookup(&w.config->view, host));
		assert_ptr_equal(recall_domain(&w, host), d);
		found += d != NULL;
	}
	assert_in_range(found, ASKED / 4, ASKED * 3 / 4);
}

static void nexthops_are_the_tables(void **state)
{
	uint32_t seed = 2;
	unsigned seen[4] = {0};

	(void)state;
	for (unsigned i = 0; i < ASKED; i++) {
		const struct addr dst = addr_of(next_random(&seed) % ADDRS);
		struct nexthop got, want = {0};

		turn(&config[0], &routes[i / 1000 % 2]);
		const enum nexthop_result r = nexthop_lookup(&w.nexthop->view, &dst, &want);
		for (unsigned k = 0; k < 2; k++) {
			assert_int_equal(recall_nexthop(&w, &dst, &got), r);
			assert_true(addr_eq(&got.via, &want.via));
			assert_int_equal(got.port, want.port);
			assert_int_equal(got.up, want.up);
			assert_int_equal(got.mtu, want.mtu);
			assert_memory_equal(got.mac, want.mac, sizeof(got.mac));
		}
		seen[r]++;
	}
	assert_true(
	        seen[NEXTHOP_OK] > 0 && seen[NEXTHOP_LOCAL] > 0 && seen[NEXTHOP_UNRESOLVED] > 0);
}

// Other tables in the same memory are known by their number.
static void same_memory_other_tables(void **state)
{
	struct generation c = config[0], n = routes[0];
	char text[64];
	const struct str host = host_of(2, text);
	const struct addr dst = addr_of(2);
	struct nexthop hop;

	(void)state;
	turn(&c, &n);
	assert_null(recall_domain(&w, host));
	assert_int_equal(recall_nexthop(&w, &dst, &hop), NEXTHOP_OK);
	assert_int_equal(hop.mac[1], 1);
	c = config[1];
	n = routes[1];
	turn(&c, &n);
	assert_non_null(recall_domain(&w, host));
	assert_int_equal(recall_nexthop(&w, &dst, &hop), NEXTHOP_OK);
	assert_int_equal(hop.mac[1], 2);
}

static void no_address_is_no_answer(void **state)
{
	const struct addr none = {0};
	struct nexthop hop;

	(void)state;
	turn(NULL, NULL);
	turn(&config[0], &routes[0]); // nothing is known
	assert_int_equal(recall_nexthop(&w, &none, &hop), NEXTHOP_NO_ROUTE);
}

static void ways(void **state)
{
	static struct leg leg[3];
	uint32_t seed = 3;

	(void)state;
	turn(&config[0], &routes[0]);
	for (unsigned i = 0; i < 3; i++)
		leg[i].id = (uint16_t)(100 + i);
	for (unsigned i = 0; i < ASKED; i++) {
		const struct leg *l = &leg[next_random(&seed) % 3];
		// all that a way is made of
		const struct nexthop hop = {.port = next_random(&seed) % 2,
		        .up = next_random(&seed) % 2,
		        .vlan = next_random(&seed) % 2,
		        .mtu = 1500 + next_random(&seed) % 2,
		        .mac = {2, next_random(&seed) % 2, 0, 0, 0, next_random(&seed) % 2}};
		const uint32_t most = (uint32_t)hop.port | (uint32_t)hop.up << 1 |
		                      (uint32_t)hop.vlan << 2 | (hop.mtu - 1500) << 3 |
		                      (uint32_t)hop.mac[1] << 4 | (uint32_t)hop.mac[5] << 5 |
		                      (uint32_t)l->id << 6;
		const struct recall_way *way = recall_way(&w, l, &hop);

		if (way == NULL) {
			recall_way_add(&w, l, &hop)->most = most;
			way = recall_way(&w, l, &hop);
		}
		assert_non_null(way);
		assert_int_equal(way->most, most);
	}
	const struct nexthop hop = {.mtu = 1400};
	recall_way_add(&w, &leg[0], &hop);
	assert_non_null(recall_way(&w, &leg[0], &hop));
	turn(&config[0], &routes[1]);
	assert_null(recall_way(&w, &leg[0], &hop));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(domains_are_the_tables),
	        cmocka_unit_test(nexthops_are_the_tables),
	        cmocka_unit_test(same_memory_other_tables),
	        cmocka_unit_test(no_address_is_no_answer),
	        cmocka_unit_test(ways),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
