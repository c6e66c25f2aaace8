// Access lists: the longest network decides, compared with looking at each of them.
#include "tests/unit/table/image.h"

#include "dataplane/table/acl.h"
#include "dataplane/table/leg.h"

enum { MANY = 3000 };

static uint32_t add(struct table_builder *b, struct acl_rule r, const char *name)
{
	struct error e = {0};
	int rule;

	if (r.last_port == 0)
		r.last_port = UINT16_MAX;
	rule = acl_add(b, r, str_of(name), &e);
	assert_true(rule >= 0);
	return (uint32_t)rule;
}

static struct acl_source source(const char *ip, unsigned len, uint32_t rule)
{
	return (struct acl_source){.ip = addr_text(ip), .len = (uint8_t)len, .rule = rule};
}

static const char *found(const struct table_view *v, const char *src, uint16_t leg)
{
	static char name[32];
	struct addr a = addr_text(src);
	const struct acl_rule *r = acl_lookup(v, &a, leg, TRANSPORT_UDP);

	if (r == NULL)
		return "-";
	snprintf(name, sizeof(name), "%.*s", STR_ARG(acl_name(v, r)));
	return name;
}

static void longest_network_decides(void **state)
{
	struct table_builder b;
	struct error e = {0};

	(void)state;
	table_begin(&b, image_key);
	uint32_t all = add(&b, (struct acl_rule){.action = ACL_DROP, .leg = LEG_NONE}, "all");
	uint32_t net = add(&b, (struct acl_rule){.action = ACL_EXEMPT, .leg = LEG_NONE}, "net");
	uint32_t host = add(&b, (struct acl_rule){.leg = 7}, "host");
	uint32_t port = add(&b,
	        (struct acl_rule){.leg = LEG_NONE, .first_port = 5060, .last_port = 5070}, "port");
	uint32_t tcp =
	        add(&b, (struct acl_rule){.leg = LEG_NONE, .transport = TRANSPORT_TCP}, "tcp");
	struct acl_source sources[] = {
	        source("10.1.2.3", 32, host),
	        source("0.0.0.0", 0, all),
	        source("10.1.99.99", 16, net), // host bits are ignored
	        source("255.255.255.255", 32, net),
	        source("10.1.2.0", 24, port),
	        source("10.1.2.3", 32, tcp),
	        source("10.1.2.3", 32, tcp), // twice
	        source("::", 0, all),
	        source("2001:db8::", 32, net),
	        source("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128, host),
	};
	assert_int_equal(acl_build(&b, sources, sizeof(sources) / sizeof(sources[0]), &e), 0);
	struct image i = image_of(&b, ROOT_CONFIG);

	assert_true(acl_any(&i.view));
	assert_string_equal(found(&i.view, "10.1.2.3:9", 7), "host");
	assert_string_equal(found(&i.view, "10.1.2.3:5060", 8), "port"); // of the network around it
	assert_string_equal(found(&i.view, "10.1.2.3:5071", 8), "net");
	assert_string_equal(found(&i.view, "10.1.2.4:5070", 8), "port");
	assert_string_equal(found(&i.view, "10.1.2.4:5059", 8), "net");
	assert_string_equal(found(&i.view, "10.1.255.255:5060", 8), "net");
	assert_string_equal(found(&i.view, "10.2.0.0:5060", 8), "all");
	assert_string_equal(found(&i.view, "10.0.255.255:5060", 8), "all");
	assert_string_equal(found(&i.view, "255.255.255.255:5060", 8), "net");
	assert_string_equal(found(&i.view, "255.255.255.254:5060", 8), "all");
	assert_string_equal(found(&i.view, "[2001:db8:ffff::1]:5060", 8), "net");
	assert_string_equal(found(&i.view, "[2001:db9::]:5060", 8), "all");
	assert_string_equal(
	        found(&i.view, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1", 8), "all");
	assert_string_equal(
	        found(&i.view, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1", 7), "host");
	image_free(&i);
}

static void without_rules_nothing_is_found(void **state)
{
	struct table_builder b;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(acl_build(&b, NULL, 0, NULL), 0);
	struct image i = image_of(&b, ROOT_CONFIG);
	assert_false(acl_any(&i.view));
	assert_string_equal(found(&i.view, "10.1.2.3:9", 7), "-");
	assert_string_equal(found(&i.view, "[::1]:9", 7), "-");
	image_free(&i);
}

static bool holds(const struct acl_source *s, const struct addr *a)
{
	for (unsigned bit = 0; bit < s->len; bit++) {
		if (((s->ip.ip[bit / 8] ^ a->ip[bit / 8]) & 0x80 >> bit % 8) != 0)
			return false;
	}
	return s->ip.family == a->family;
}

// A rule a network: the longest one; of equal ones the first that was added.
static uint32_t slow_lookup(const struct acl_source *s, const struct addr *a)
{
	const struct acl_source *best = NULL;

	for (unsigned i = 0; i < MANY; i++) {
		if (holds(&s[i], a) && (best == NULL || s[i].len > best->len ||
		                               (s[i].len == best->len && s[i].rule < best->rule)))
			best = &s[i];
	}
	return best != NULL ? best->rule : UINT32_MAX;
}

// Networks crowd into few octets, so that many lie in others.
static struct addr random_addr(uint64_t *seed, bool ipv6)
{
	struct addr a = {.family = ipv6 ? ADDR_IPV6 : ADDR_IPV4};

	for (unsigned i = 0; i < (ipv6 ? 16u : 4u); i++)
		a.ip[i] = (uint8_t)(next_random(seed) % 5 == 0 ? next_random(seed)
		                                               : next_random(seed) % 3 * 127);
	return a;
}

static void thousands_are_as_one_by_one(void **state)
{
	static struct acl_source sources[MANY], sorted[MANY];
	struct table_builder b;
	struct error e = {0};
	uint64_t seed = 4;

	(void)state;
	table_begin(&b, image_key);
	for (unsigned i = 0; i < MANY; i++) {
		bool ipv6 = i % 3 == 0;

		sources[i].ip = random_addr(&seed, ipv6);
		sources[i].len = (uint8_t)(next_random(&seed) % (ipv6 ? 129 : 33));
		sources[i].rule = add(&b, (struct acl_rule){.leg = LEG_NONE}, "r");
	}
	memcpy(sorted, sources, sizeof(sorted));
	assert_int_equal(acl_build(&b, sorted, MANY, &e), 0);
	struct image image = image_of(&b, ROOT_CONFIG);
	for (unsigned i = 0; i < 20000; i++) {
		struct addr a = i < MANY ? sources[i].ip : random_addr(&seed, i % 3 == 0);
		const struct acl_rule *r = acl_lookup(&image.view, &a, 1, TRANSPORT_UDP);
		const struct acl_rule *rules = image.view.rows[TABLE_ACL_RULES];
		uint32_t wanted = slow_lookup(sources, &a);

		assert_int_equal(r != NULL ? (uint32_t)(r - rules) : UINT32_MAX, wanted);
	}
	image_free(&image);
}

static void damaged_rows_are_refused(void **state)
{
	(void)state;
	for (unsigned fault = 0; fault < 7; fault++) {
		struct table_builder b;
		struct error e = {0};

		table_begin(&b, image_key);
		struct acl_source sources[] = {
		        source("10.0.0.0", 8, add(&b, (struct acl_rule){.leg = 1}, "a")),
		        source("10.0.0.0", 16, 0), source("2001:db8::", 32, 0)};
		assert_int_equal(acl_build(&b, sources, 3, &e), 0);
		if (fault == 0)
			((struct acl_rule *)b.section[TABLE_ACL_RULES].rows)->action = ACL_ACTIONS;
		if (fault == 1)
			((struct acl_rule *)b.section[TABLE_ACL_RULES].rows)->name = 1;
		if (fault == 2)
			((uint32_t *)b.section[TABLE_ACL_REFS].rows)[0] = 1;
		if (fault == 3) // around itself: a lookup would not end
			((struct acl_network *)b.section[TABLE_ACL_NETWORKS].rows)[1].around = 2;
		if (fault == 4)
			((struct acl_range4 *)b.section[TABLE_ACL4].rows)[0].first = 1;
		if (fault == 5)
			((struct acl_range4 *)b.section[TABLE_ACL4].rows)[1].network = 9;
		if (fault == 6)
			((struct acl_range6 *)b.section[TABLE_ACL6].rows)[1].high = 0;
		image_refused(&b, ROOT_CONFIG, "access lists");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(longest_network_decides),
	        cmocka_unit_test(without_rules_nothing_is_found),
	        cmocka_unit_test(thousands_are_as_one_by_one),
	        cmocka_unit_test(damaged_rows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
