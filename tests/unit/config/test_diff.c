// diff: what is gone, what is new, and what of it restarts the dataplane.
#include "tests/unit/config/trees.h"

#include "config/diff.h"

struct diff_row {
	const char *from, *to, *diff;
	bool restart;
};

#define PORT "set port a device net_a\n"
#define SECRET "00112233445566778899aabbccddee"

static const struct diff_row rows[] = {
        {"", "", "", false},
        {PORT, PORT, "", false},
        {"", PORT, "+ set port a device net_a\n", true},
        {PORT, "", "- set port a device net_a\n", true},
        {PORT, "set port a device net_b\n",
                "- set port a device net_a\n+ set port a device net_b\n", true},
        {PORT, PORT "set port a mtu 1500", "+ set port a mtu 1500\n", true},
        {PORT, PORT "set port a promiscuous on", "+ set port a promiscuous on\n", true},
        // The default, written down: nothing changes for the dataplane.
        {PORT, PORT "set port a promiscuous off", "+ set port a promiscuous off\n", false},
        {"set worker idle auto\n", "", "- set worker idle auto\n", false},
        {"set worker idle poll\n", "", "- set worker idle poll\n", true},
        {PORT "set port a address 192.0.2.1/24\nset port a address 192.0.2.2/24",
                PORT "set port a address 192.0.2.2/24\nset port a address 192.0.2.3/24",
                "- set port a address 192.0.2.1/24\n+ set port a address 192.0.2.3/24\n", false},
        {PORT "set port a address 192.0.2.1/24\nset port a address 192.0.2.2/24",
                PORT "set port a address 192.0.2.2/24\nset port a address 192.0.2.1/24",
                "- set port a address 192.0.2.1/24\n- set port a address 192.0.2.2/24\n"
                "+ set port a address 192.0.2.2/24\n+ set port a address 192.0.2.1/24\n",
                false},
        {PORT, PORT "set port a vlan 5", "+ set port a vlan 5\n", false},
        {"set port a\n", PORT, "+ set port a device net_a\n", true},
        {"set domain d.example group g", "set domain d.example reject 404",
                "- set domain d.example group g\n+ set domain d.example reject 404\n", false},
        {"set domain d.example forward", "set domain e.example forward",
                "- set domain d.example forward\n+ set domain e.example forward\n", false},
        {"set token key 1 secret " SECRET "00", "set token key 1 secret " SECRET "ff",
                "- set token key 1 secret ***\n+ set token key 1 secret ***\n", false},
        {"set prefix \"#1\" group g", "", "- set prefix \"#1\" group g\n", false},
        {"set group g member 192.0.2.10\nset group g member 192.0.2.9 weight 5",
                "set group g member 192.0.2.9\nset group g member 192.0.2.11 weight 6\n"
                "set group f member 192.0.2.1",
                "+ set group f member 192.0.2.1:5060\n"
                "- set group g member 192.0.2.9:5060 weight 5\n"
                "- set group g member 192.0.2.10:5060\n"
                "+ set group g member 192.0.2.11:5060 weight 6\n",
                false},
};

static void differences(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct tree *from = tree_of(rows[i].from), *to = tree_of(rows[i].to);
		char *text = diff_text(from, to);

		assert_non_null(text);
		if (strcmp(text, rows[i].diff) != 0)
			fail_msg("row %zu:\n%s", i, text);
		if (diff_needs_restart(from, to) != rows[i].restart)
			fail_msg("row %zu: restart", i);
		assert_int_equal(diff_needs_restart(to, from), rows[i].restart);
		assert_int_equal(diff_equal(from, to), rows[i].diff[0] == '\0');
		assert_int_equal(diff_equal(to, from), rows[i].diff[0] == '\0');
		free(text);
		tree_destroy(from);
		tree_destroy(to);
	}
}

// Lines that overlap: the same object, the same list, the same value, keyless objects.
static const char *const lines[] = {
        PORT,
        "set port a mtu 1500\n",
        "set port a address 192.0.2.1/24\n",
        "set port a address 192.0.2.2/24\n",
        "set port a address 192.0.2.3/24\n",
        "set port a vlan 5\n",
        "set port a vlan 5 address 192.0.2.9/24\n",
        "set port b\n",
        "delete port a address 192.0.2.1/24\n",
        "delete port a\n",
        "delete port b\n",
        "set worker idle poll\n",
        "set worker idle auto\n",
        "delete worker\n",
        "set domain d.example forward\n",
        "set domain d.example reject 404\n",
        "delete domain d.example\n",
        "set group g member 192.0.2.10 weight 5\n",
        "delete group g member 192.0.2.10\n",
};

// A few lines at random; one that does not fit (nothing to delete) changes nothing.
static void edit(struct tree *t, uint64_t *seed)
{
	for (unsigned i = 0; i < 12; i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		(void)text_read(t, str_of(lines[(*seed >> 33) % unit_rows(lines)]), NULL, NULL);
	}
}

// Equal is what has no difference as text. Trees of the same lines in another order, too.
static void equal_without_text(void **state)
{
	unsigned n_equal = 0;
	uint64_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct tree *a = tree_create(), *b, *copy;
		char *text;

		assert_non_null(a);
		edit(a, &seed);
		b = i % 2 == 0 ? tree_create() : tree_copy(a);
		copy = tree_copy(a);
		assert_non_null(b);
		assert_non_null(copy);
		assert_true(diff_equal(a, copy));
		(void)text_read(b, str_of(lines[(seed >> 40) % unit_rows(lines)]), NULL, NULL);
		if (i % 2 == 0)
			edit(b, &seed);
		text = diff_text(a, b);
		assert_non_null(text);
		assert_int_equal(diff_equal(a, b), text[0] == '\0');
		n_equal += text[0] == '\0';
		free(text);
		tree_destroy(a);
		tree_destroy(b);
		tree_destroy(copy);
	}
	// Both happen.
	assert_in_range(n_equal, 300, 2700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(differences),
	        cmocka_unit_test(equal_without_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
