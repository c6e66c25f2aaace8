// plan: what a configuration wants of the kernel, differences, and the written form.
#include "tests/unit/config/trees.h"

#include "control/plan.h"

static const char text[] = "set port access device net_af_packet0,iface=eth1\n"
                           "set port access address 192.0.2.1/24\n"
                           "set port access address 2001:db8::1/64\n"
                           "set port access gateway 192.0.2.254\n"
                           "set port core device 0000:3b:00.1\n"
                           "set port core gateway 198.51.100.254\n"
                           "set port core vlan 100 address 198.51.100.1/24\n";

static struct plan plan_of(const char *lines)
{
	struct tree *t = tree_of(lines);
	struct error e = {0};
	struct plan p;

	if (plan_make(&p, t, &e) != 0)
		fail_msg("%s", e.text);
	tree_destroy(t);
	return p;
}

static unsigned count(const struct plan *p, enum plan_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->items[i].kind == kind;
	return n;
}

static const struct plan_item *only(const struct plan *p, enum plan_kind kind, const char *ifname)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].kind == kind && strcmp(p->items[i].ifname, ifname) == 0)
			return &p->items[i];
	fail_msg("nothing of kind %d on %s", kind, ifname);
	return NULL;
}

static void makes_everything(void **state)
{
	struct plan p = plan_of(text);

	(void)state;
	assert_int_equal(count(&p, PLAN_TWIN), 2);
	assert_int_equal(count(&p, PLAN_ADDRESS), 3);
	assert_int_equal(count(&p, PLAN_GATEWAY), 2);
	assert_int_equal(count(&p, PLAN_VLAN), 1);
	// Only a kernel interface must be made deaf, not a NIC.
	assert_int_equal(count(&p, PLAN_DEAF), 1);
	assert_string_equal(only(&p, PLAN_DEAF, "eth1")->parent, "spry-access");
	assert_string_equal(only(&p, PLAN_VLAN, "spry-core.100")->parent, "spry-core");
	assert_int_equal(only(&p, PLAN_ADDRESS, "spry-core.100")->prefix_len, 24);
	// The first port's default route ranks first.
	assert_true(only(&p, PLAN_GATEWAY, "spry-access")->metric <
	            only(&p, PLAN_GATEWAY, "spry-core")->metric);
	plan_clear(&p);
}

static void is_in_order(void **state)
{
	struct plan p = plan_of(text);

	(void)state;
	for (size_t i = 1; i < p.n; i++)
		assert_true(p.items[i - 1].kind <= p.items[i].kind);
	plan_clear(&p);
}

static void difference_is_what_changed(void **state)
{
	struct plan old = plan_of(text), gone, come;
	struct plan new = plan_of("set port access device net_af_packet0,iface=eth1\n"
	                          "set port access address 192.0.2.2/24\n"
	                          "set port access address 2001:db8::1/64\n"
	                          "set port access gateway 192.0.2.254\n"
	                          "set port core device 0000:3b:00.1\n"
	                          "set port core gateway 198.51.100.254\n"
	                          "set port core vlan 100 address 198.51.100.1/24\n");
	char what[96];

	(void)state;
	assert_int_equal(plan_minus(&old, &new, &gone), 0);
	assert_int_equal(plan_minus(&new, &old, &come), 0);
	assert_int_equal(gone.n, 1);
	plan_describe(&gone.items[0], what, sizeof(what));
	assert_string_equal(what, "address 192.0.2.1/24 on spry-access");
	assert_int_equal(come.n, 1);
	plan_describe(&come.items[0], what, sizeof(what));
	assert_string_equal(what, "address 192.0.2.2/24 on spry-access");
	plan_clear(&gone);
	plan_clear(&come);
	plan_clear(&new);
	plan_clear(&old);
}

static void written_and_read_is_the_same(void **state)
{
	struct plan p = plan_of(text), q;
	char *written = plan_write(&p);

	(void)state;
	assert_non_null(written);
	assert_int_equal(plan_read(&q, str_of(written)), 0);
	assert_int_equal(q.n, p.n);
	assert_memory_equal(q.items, p.items, p.n * sizeof(*p.items));
	plan_clear(&q);
	// Lines nobody understands are skipped.
	assert_int_equal(plan_read(&q, STR("twin\nfrog a b c 1 2 3\ntwin spry-a - x 0 0 0\n")), 0);
	assert_int_equal(q.n, 0);
	free(written);
	plan_clear(&p);
}

static void names_must_fit_the_kernel(void **state)
{
	struct error e = {0};
	char name[16];

	(void)state;
	assert_int_equal(plan_ifname("access", 100, name, &e), 0);
	assert_string_equal(name, "spry-access.100");
	assert_int_equal(plan_ifname("access", 1000, name, &e), -1);
	assert_non_null(strstr(e.text, "too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(makes_everything),
	        cmocka_unit_test(is_in_order),
	        cmocka_unit_test(difference_is_what_changed),
	        cmocka_unit_test(written_and_read_is_the_same),
	        cmocka_unit_test(names_must_fit_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
