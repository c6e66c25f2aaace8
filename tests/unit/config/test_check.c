// check: every fault names its place; the examples have none.
#include "tests/unit/config/trees.h"

#include "config/check.h"

#define PORT "set port a device net_a address 192.0.2.1/24\n"
#define LEG "set leg l port a udp 192.0.2.1\n"
#define GROUP "set group g member 192.0.2.9\n"

struct check_row {
	const char *text;
	int line;
	const char *fault; // NULL: none
};

static const struct check_row rows[] = {
        {"", 0, NULL},
        {PORT LEG GROUP "set domain default group g\n", 0, NULL},
        // rows
        {PORT "\nset port b mtu 1500", 3,
                "port b: 'device' is needed (PCI address (0000:3b:00.0) or DPDK devargs "
                "(net_af_packet0,iface=eth1))"},
        {PORT "set leg l port b udp 192.0.2.1", 2,
                "leg l port: there is no port 'b'; expected one of: a"},
        {"set leg l port b udp 192.0.2.1", 1, "leg l port: there is no port 'b'"},
        {PORT "set leg l port a", 2,
                "leg l: 'udp' is needed (local address and UDP port; the address is one of the "
                "port's)"},
        {PORT GROUP "set group g leg x", 3, "group g leg: there is no leg 'x'"},
        {"set prefix 49 group h", 1, "prefix 49 group: there is no group 'h'"},
        {"set prefix any", 1, "prefix any: 'group' is needed (to a member of the group)"},
        {GROUP "set domain d.example", 2,
                "domain d.example: one of these is needed: group prefix forward reject registrar"},
        {GROUP "set domain d.example group g\nset domain d.example reject 404", 3,
                "domain d.example: 'group' and 'reject' exclude each other"},
        {"set domain d.example prefix forward", 1,
                "domain d.example: 'prefix' and 'forward' exclude each other"},
        {"set token key 2", 1,
                "token key 2: 'secret' is needed (the same on all nodes (default: no key set, spry "
                "makes its own))"},
        // ports
        {PORT "set port b device net_a", 2, "port b device: port a has that device already"},
        {"set port a device net_x0,iface=e\nset port b device net_x0,iface=f", 2,
                "port b device: port a has that device already"},
        {"set port a device net_x0,iface=e\nset port b device net_x1,iface=f", 0, NULL},
        {"set port a device net_x0,iface=e,q=1\nset port b device net_x1,q=2,iface=e", 2,
                "port b device: port a has that device already"},
        {PORT "set port a gateway 192.0.3.1", 2,
                "port a gateway: 192.0.3.1 is in the network of none of its addresses"},
        {PORT "set port a gateway 192.0.2.1", 2, "port a gateway: 192.0.2.1 is its own address"},
        {PORT "set port a gateway 192.0.2.254", 0, NULL},
        {PORT "set port a gateway fe80::1", 0, NULL},
        {PORT "set port a address 2001:db8::1/61 gateway 2001:db8:0:7::1", 0, NULL},
        {PORT "set port a address 2001:db8::1/61 gateway 2001:db8:0:8::1", 2,
                "port a gateway: 2001:db8:0:8::1 is in the network of none of its addresses"},
        {PORT "set port a vlan 5 address 192.0.3.1/24\nset port a vlan 5 gateway 192.0.2.9", 3,
                "port a vlan 5 gateway: 192.0.2.9 is in the network of none of its addresses"},
        {PORT "set port b device net_b\n\nset port b address 192.0.2.1/25", 4,
                "port b address: 192.0.2.1/25 is set on port a too"},
        {PORT "set port a vlan 5 address 192.0.2.1/24", 2,
                "port a vlan 5 address: 192.0.2.1/24 is set on port a too"},
        {PORT "set port b device net_b\nset port a address fe80::1/64\n"
              "set port b address fe80::1/64",
                0, NULL},
        {PORT "set port a address 2001:db8::1/64\nset port a mtu 1279", 3,
                "port a mtu: IPv6 needs at least 1280"},
        {PORT "set port a mtu 576", 0, NULL},
        {"set port customers1 device net_a\nset port customers1 vlan 10", 2,
                "port customers1 vlan 10: the kernel interface would be spry-customers1.10, longer "
                "than 15; take a shorter name for the port"},
        // legs
        {PORT "set leg l port a udp 192.0.2.2", 2,
                "leg l udp: 192.0.2.2:5060 is no address of port a"},
        {PORT "set leg l port a udp 192.0.2.1 vlan 5", 2, "leg l vlan: port a has no vlan 5"},
        {PORT "set port a vlan 5\nset leg l port a udp 192.0.2.1 vlan 5", 3,
                "leg l udp: 192.0.2.1:5060 is no address of port a vlan 5"},
        {PORT "set port a vlan 5 address 192.0.3.1/24\nset leg l port a vlan 5 udp 192.0.3.1", 0,
                NULL},
        {PORT LEG "set leg m port a udp 192.0.2.1:5060", 3,
                "leg m udp: leg l has 192.0.2.1:5060 already"},
        {PORT LEG "set leg m port a udp 192.0.2.1:5061", 0, NULL},
        // groups
        {PORT LEG "set group g leg l", 3, "group g: it has no member"},
        {PORT LEG "set group g leg l\nset group g member [2001:db8::1]", 4,
                "group g member [2001:db8::1]:5060: leg l speaks IPv4"},
        // keys
        {"set token seal 3\nset token key 2 secret 00112233445566778899aabbccddeeff", 1,
                "token seal: there is no token key 3"},
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct tree *t = tree_of(rows[i].text);
		struct error e = {0};
		int rc = check(t, &e);

		if (rows[i].fault == NULL && rc != 0)
			fail_msg("row %zu: %s", i, e.text);
		if (rows[i].fault != NULL) {
			assert_int_equal(rc, -1);
			assert_string_equal(e.text, rows[i].fault);
			if (e.line != rows[i].line)
				fail_msg("row %zu: line %d", i, e.line);
			assert_int_equal(check(t, NULL), -1);
		}
		tree_destroy(t);
	}
}

// n times the line; "%d" in it counts from 1.
static struct tree *repeated(const char *start, const char *line, int n)
{
	struct tree *t = tree_of(start);

	for (int i = 1; i <= n; i++) {
		char text[128];
		struct error e = {0};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), line, i, i, i);
#pragma GCC diagnostic pop
		if (text_read(t, str_of(text), NULL, &e) != 0)
			fail_msg("%s", e.text);
	}
	return t;
}

struct limit_row {
	const char *start, *line;
	int most;
	const char *fault;
};

static const struct limit_row limits[] = {
        {"", "set port p%d device net_%d", 16, "port: more than 16 ports"},
        {PORT, "set leg l%d port a udp 192.0.2.1:%d", 64, "leg: more than 64 legs"},
        {"", "set group g member 192.0.2.1:%d", 256, "group g: more than 256 members"},
        {"", "set token key %d secret 00112233445566778899aabbccddeeff", 4,
                "token key: more than 4 keys"},
};

static void table_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(limits); i++) {
		const struct limit_row *l = &limits[i];
		struct tree *most = repeated(l->start, l->line, l->most);
		struct tree *more = repeated(l->start, l->line, l->most + 1);
		struct error e = {0};

		if (check(most, &e) != 0)
			fail_msg("%s", e.text);
		assert_int_equal(check(more, &e), -1);
		assert_string_equal(e.text, l->fault);
		tree_destroy(most);
		tree_destroy(more);
	}
}

static void example(const char *root, const char *name, bool uncomment)
{
	static char text[16384], bare[16384];
	char path[512];
	struct tree *t = tree_create();
	struct error e = {0};
	size_t len, n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/config/%s", root, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s is not there", path);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	for (size_t i = 0; i < len; i++) {
		bool starts = i == 0 || text[i - 1] == '\n';

		if (!(uncomment && starts && len - i > 5 && memcmp(text + i, "#set ", 5) == 0))
			bare[n++] = text[i];
	}
	if (text_read(t, (struct str){bare, n}, name, &e) != 0 || check(t, &e) != 0)
		fail_msg("%s: %s", name, e.text);
	tree_destroy(t);
}

static void examples(void **state)
{
	const char *root = getenv("SPRY_SOURCE");

	(void)state;
	if (root == NULL)
		root = ".";
	example(root, "default.conf", false);
	// What a newcomer gets who takes every "#" away.
	example(root, "default.conf", true);
	example(root, "example/demo.conf", false);
	example(root, "example/trunk.conf", false);
	example(root, "example/vlan.conf", false);
	example(root, "example/ipv6.conf", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(faults),
	        cmocka_unit_test(table_sizes),
	        cmocka_unit_test(examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
