// tree: setting, deleting, reading; what goes wrong changes nothing.
#include "tests/unit/config/trees.h"

#include "config/walk.h"

static void sorted(void **state)
{
	struct tree *t = tree_of("set log level debug\n"
	                         "set port b device net_b\n"
	                         "set port a10 device net_x\n"
	                         "set port a9 mtu 1500 device net_y\n"
	                         "set port a09 device net_z\n");

	(void)state;
	tree_is(t, "set port a09 device net_z\n"
	           "set port a9 device net_y\n"
	           "set port a9 mtu 1500\n"
	           "set port a10 device net_x\n"
	           "set port b device net_b\n"
	           "set log level debug\n");
	tree_destroy(t);
}

// Several settings of one object in a line go on from the object that holds the last one.
static void combined(void **state)
{
	struct tree *t = tree_of("set leg a port p udp 192.0.2.1 contact-rewrite user\n"
	                         "set group g member 192.0.2.2 weight 7\n"
	                         "set port p vlan 5 address 192.0.2.1/24 address 192.0.2.3/24\n"
	                         "set domain d.example forward\n");

	(void)state;
	tree_is(t, "set port p vlan 5 address 192.0.2.1/24\n"
	           "set port p vlan 5 address 192.0.2.3/24\n"
	           "set leg a port p\n"
	           "set leg a udp 192.0.2.1:5060\n"
	           "set leg a contact-rewrite user\n"
	           "set group g member 192.0.2.2:5060 weight 7\n"
	           "set domain d.example forward\n");
	tree_refuses(t, "set group g member 192.0.2.2 weight 7 leg a",
	        "x:1:39: unknown word 'leg' after 'group g member 192.0.2.2:5060'; expected weight");
	tree_destroy(t);
}

// Each word leaves the keyless object the one before entered: two steps a word.
static void left_often(void **state)
{
	char line[512] = "set location ping";
	struct tree *t;

	(void)state;
	for (unsigned i = 4; i < WALK_WORDS_MAX; i++)
		strcat(line, " ping");
	strcat(line, " interval 30\n");
	t = tree_of(line);
	tree_is(t, "set location ping interval 30\n");
	tree_destroy(t);
}

static void set_again(void **state)
{
	struct tree *t = tree_of("set port a mtu 1500\n"
	                         "set port a mtu 01600\n"
	                         "set port a address 192.0.2.9/24\n"
	                         "set port a address 192.0.2.1/24\n"
	                         "set port a address 192.0.2.9/24\n"
	                         "set domain EXAMPLE.com forward\n"
	                         "set domain example.com. forward\n");

	(void)state;
	// Values of a list keep the order they were set in.
	tree_is(t, "set port a address 192.0.2.9/24\n"
	           "set port a address 192.0.2.1/24\n"
	           "set port a mtu 1600\n"
	           "set domain example.com forward\n");
	tree_destroy(t);
}

// Values stand in the order they were set, also when thousands of them come in any other, and
// whatever is deleted in between.
static void long_list(void **state)
{
	enum { VALUES = 3000 };
	struct tree *t = tree_create(), *copy;
	const struct node *acl;
	unsigned n = 0;
	char line[80];

	(void)state;
	for (unsigned twice = 0; twice < 2; twice++) {
		for (unsigned i = 0; i < VALUES; i++) {
			unsigned x = i * 1789 % VALUES;

			snprintf(line, sizeof(line), "set acl a source 10.0.%u.%u/32\n", x >> 8,
			        x & 255);
			assert_int_equal(text_read(t, str_of(line), NULL, NULL), 0);
		}
	}
	for (unsigned x = 0; x < VALUES; x += 2) {
		snprintf(
		        line, sizeof(line), "delete acl a source 10.0.%u.%u/32\n", x >> 8, x & 255);
		assert_int_equal(text_read(t, str_of(line), NULL, NULL), 0);
		assert_int_equal(text_read(t, str_of(line), NULL, NULL), -1);
	}
	copy = tree_copy(t);
	acl = node_child(tree_root(copy), "acl", "a");
	for (unsigned i = 0; i < VALUES; i++) {
		unsigned x = i * 1789 % VALUES;

		if (x % 2 == 0)
			continue;
		snprintf(line, sizeof(line), "10.0.%u.%u/32", x >> 8, x & 255);
		assert_string_equal(node_list(acl, "source", n++), line);
	}
	assert_null(node_list(acl, "source", n));
	tree_destroy(t);
	tree_destroy(copy);
}

static void bare_objects(void **state)
{
	struct tree *t = tree_of("set port a\nset group g member 192.0.2.1\n");

	(void)state;
	tree_is(t, "set port a\nset group g member 192.0.2.1:5060\n");
	tree_refuses(t, "set worker",
	        "x:1:11: line ends after 'worker'; expected one of: cores engine idle steer");
	tree_destroy(t);
}

static void a_bad_line_changes_nothing(void **state)
{
	struct tree *t = tree_of("set port a mtu 1500\n");

	(void)state;
	tree_refuses(t, "set port a mtu 1600 device",
	        "x:1:27: line ends after 'port a device'; expected a PCI address like 0000:3b:00.0 or "
	        "a DPDK device like net_af_packet0,iface=eth1");
	tree_refuses(t, "set port b mtu 67",
	        "x:1:16: bad value '67' after 'port b mtu'; expected a number from 68 to 9600");
	tree_is(t, "set port a mtu 1500\n");
	tree_destroy(t);
}

static void deleting(void **state)
{
	static const char text[] = "set port a device net_a\n"
	                           "set port a address 192.0.2.1/24\n"
	                           "set port a address 192.0.2.2/24\n"
	                           "set port a vlan 7 address 192.0.2.3/24\n"
	                           "set domain example.com forward\n"
	                           "set worker cores 1\n"
	                           "set worker idle poll\n"
	                           "set token key 3 secret 00112233445566778899aabbccddeeff\n";
	struct tree *t = tree_of(text);

	(void)state;
	tree_refuses(t, "delete port b", "x:1:13: there is no port 'b' to delete");
	tree_refuses(t, "delete port a mtu", "x:1:15: there is no mtu to delete");
	tree_refuses(t, "delete port a address 192.0.2.9/24",
	        "x:1:23: there is no address '192.0.2.9/24' to delete");
	tree_refuses(t, "delete memory", "x:1:8: there is no memory to delete");
	tree_refuses(t, "delete port",
	        "x:1:12: line ends after 'port'; expected a name of up to 10 "
	        "letters, digits, - and _");
	tree_refuses(t, "delete port a device net_a mtu",
	        "x:1:28: nothing may follow: one thing is deleted at a time");
	tree_is(t, text);
	assert_int_equal(text_read(t,
	                         str_of("delete port a address 192.0.2.1/24\n"
	                                "delete port a device net_a\n"
	                                "delete worker idle\n"
	                                "delete token\n"
	                                "delete domain example.com forward\n"),
	                         NULL, NULL),
	        0);
	tree_is(t, "set port a address 192.0.2.2/24\n"
	           "set port a vlan 7 address 192.0.2.3/24\n"
	           "set domain example.com\n"
	           "set worker cores 1\n");
	assert_int_equal(text_read(t,
	                         str_of("delete port a vlan 7\ndelete port a address\n"
	                                "delete domain example.com\ndelete worker\n"),
	                         NULL, NULL),
	        0);
	tree_is(t, "set port a\n");
	tree_destroy(t);
}

static void reading(void **state)
{
	struct tree *t =
	        tree_of("\nset leg a port p dscp 46\n"
	                "set leg a record-route off\n"
	                "set port p address 192.0.2.1/24\nset port p address 192.0.2.2/24\n"
	                "set port q\nset domain d.example prefix");
	const struct node *root = tree_root(t), *leg = node_child(root, "leg", "a"), *n;
	const struct node *worker = node_child(root, "worker", NULL);

	(void)state;
	assert_string_equal(node_key(leg), "a");
	assert_string_equal(node_value(leg, "port"), "p");
	assert_null(node_value(leg, "udp"));
	assert_null(node_value(leg, "colour"));
	assert_string_equal(node_value(leg, "contact-rewrite"), "off");
	assert_false(node_has(leg, "contact-rewrite"));
	assert_true(node_has(leg, "dscp"));
	assert_int_equal(node_number(leg, "dscp"), 46);
	assert_int_equal(node_number(leg, "vlan"), 0);
	assert_false(node_switch(leg, "record-route"));
	assert_true(node_switch(leg, "loop-detect"));
	assert_int_equal(node_line(leg, NULL), 2);
	assert_int_equal(node_line(leg, "record-route"), 3);
	assert_int_equal(node_line(leg, "udp"), 2);
	assert_true(node_has(node_child(root, "domain", "d.example"), "prefix"));
	assert_null(node_child(root, "leg", "b"));
	assert_null(node_child(root, "no", "b"));

	// Without a key: always there, with defaults.
	assert_non_null(worker);
	assert_string_equal(node_value(worker, "idle"), "auto");

	n = node_next(root, "port", NULL);
	assert_string_equal(node_key(n), "p");
	assert_string_equal(node_list(n, "address", 1), "192.0.2.2/24");
	assert_null(node_list(n, "address", 2));
	n = node_next(root, "port", n);
	assert_string_equal(node_key(n), "q");
	assert_null(node_next(root, "port", n));
	assert_null(node_next(root, "group", NULL));
	tree_destroy(t);
}

static void copies(void **state)
{
	struct tree *t =
	        tree_of("set port a device net_a\nset domain d.example forward\nset port b\n");
	struct tree *copy = tree_copy(t);

	(void)state;
	assert_int_equal(text_read(t, STR("delete port a"), NULL, NULL), 0);
	tree_is(copy, "set port a device net_a\nset port b\nset domain d.example forward\n");
	assert_int_equal(node_line(node_child(tree_root(copy), "port", "b"), NULL), 3);
	tree_destroy(t);
	tree_destroy(copy);
}

// Adding and removing in changing order keeps the arrays in shape.
static void many(void **state)
{
	struct tree *t = tree_create();
	uint32_t random = 1;
	bool there[64] = {false};
	unsigned n = 0, seen = 0;
	const struct node *node = NULL;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		char line[64];
		unsigned k;
		int rc;

		random = random * 1664525 + 1013904223;
		k = random >> 20 & 63;
		snprintf(line, sizeof(line), "%s prefix %u", random >> 31 ? "set" : "delete", k);
		rc = text_read(t, str_of(line), NULL, NULL);
		assert_int_equal(rc, random >> 31 || there[k] ? 0 : -1);
		there[k] = random >> 31;
	}
	for (int k = 0; k < 64; k++)
		n += there[k];
	for (int last = -1; (node = node_next(tree_root(t), "prefix", node)) != NULL; seen++) {
		int key = atoi(node_key(node));

		assert_true(key > last && there[key]);
		last = key;
	}
	assert_int_equal(seen, n);
	tree_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sorted),
	        cmocka_unit_test(combined),
	        cmocka_unit_test(left_often),
	        cmocka_unit_test(set_again),
	        cmocka_unit_test(long_list),
	        cmocka_unit_test(bare_objects),
	        cmocka_unit_test(a_bad_line_changes_nothing),
	        cmocka_unit_test(deleting),
	        cmocka_unit_test(reading),
	        cmocka_unit_test(copies),
	        cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
