// build: what an operator says is what table_open and the lookups find.
#include "tests/unit/config/trees.h"

#include "config/check.h"
#include "control/build.h"
#include "control/cpu.h"
#include "dataplane/sip/transport.h"
#include "dataplane/table/domain.h"
#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/prefix.h"
#include "dataplane/table/root.h"
#include "dataplane/table/setup.h"

static const struct hash_key hash_key = {0x1234, 0x5678};
static const struct token_key own_key = {.epoch = 9, .usable = 1, .mac = {1, 2}};

// A configuration built, written as an image and opened.
struct built {
	void *image;
	struct table_view view;
};

static void *aligned_copy(const void *image, size_t len)
{
	void *copy = aligned_alloc(64, (len + 63) / 64 * 64);

	assert_non_null(copy);
	memcpy(copy, image, len);
	return copy;
}

static struct built build(const char *text)
{
	struct tree *t = tree_of(text);
	struct table_builder b;
	struct error e = {0};
	struct built built;
	void *image;
	size_t len;

	if (check(t, &e) != 0)
		fail_msg("%s", e.text);
	table_begin(&b, hash_key);
	if (build_config(t, &own_key, 1, &b, &e) != 0)
		fail_msg("%s", e.text);
	image = table_finish(&b, ROOT_CONFIG, 7, &len, &e);
	if (image == NULL)
		fail_msg("%s", e.text);
	built.image = aligned_copy(image, len);
	free(image);
	if (table_open(&built.view, built.image, len, ROOT_CONFIG, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(built.view.header->generation, 7);
	tree_destroy(t);
	return built;
}

static void empty(void **state)
{
	struct built x = build("");
	const struct setup *s = setup_get(&x.view);
	const struct token_key *keys = x.view.rows[TABLE_KEYS];

	(void)state;
	assert_int_equal(s->n_ports, 0);
	assert_int_equal(s->n_cores, 1);
	assert_int_equal(s->core[0], cpu_last());
	assert_int_equal(s->idle, cpu_isolated(s->core, 1) ? SETUP_POLL : SETUP_ADAPTIVE);
	assert_int_equal(s->steer, SETUP_STEER_AUTO);
	assert_int_equal(s->huge, 1);
	assert_int_equal(s->packets, 0);
	assert_int_equal(x.view.count[TABLE_KEYS], 1);
	assert_memory_equal(&keys[0], &own_key, sizeof(own_key));
	assert_null(domain_default(&x.view));
	assert_int_equal(prefix_lookup(&x.view, STR("49")), PREFIX_NONE);
	free(x.image);
}

static void setup(void **state)
{
	struct built x = build("set port b device net_b mtu 9000 promiscuous on\n"
	                       "set port a device 3b:00.0\n"
	                       "set worker cores 0 idle poll steer off\n"
	                       "set memory huge off packets 8192\n");
	const struct setup *s = setup_get(&x.view);

	(void)state;
	assert_int_equal(s->n_ports, 2);
	assert_string_equal(s->port[0].name, "a");
	assert_string_equal(s->port[0].device, "0000:3b:00.0");
	assert_int_equal(s->port[0].mtu, 0);
	assert_int_equal(s->port[0].promiscuous, 0);
	assert_string_equal(s->port[1].name, "b");
	assert_int_equal(s->port[1].mtu, 9000);
	assert_int_equal(s->port[1].promiscuous, 1);
	assert_int_equal(s->n_cores, 1);
	assert_int_equal(s->core[0], 0);
	assert_int_equal(s->idle, SETUP_POLL);
	assert_int_equal(s->steer, SETUP_STEER_OFF);
	assert_int_equal(s->huge, 0);
	assert_int_equal(s->packets, 8192);
	free(x.image);
}

#define PORTS                                              \
	"set port a device net_a address 192.0.2.1/24\n"   \
	"set port b device net_b address 2001:db8::1/64\n" \
	"set port b vlan 7 address 192.0.3.1/24\n"

static const struct leg *leg_of(const struct built *x, const char *name)
{
	const struct leg *l = leg_by_id(&x->view, leg_id(str_of(name)));

	assert_non_null(l);
	assert_string_equal(l->name, name);
	return l;
}

static void legs(void **state)
{
	struct built x = build(PORTS
	        "set leg one port a udp 192.0.2.1\n"
	        "set leg two port b udp [2001:db8::1]:5070 contact-rewrite on loop-detect off\n"
	        "set leg three port b vlan 7 udp 192.0.3.1 contact-rewrite user record-route off\n"
	        "set leg three trusted on dscp 46 sent-by Sip.example.com:5080\n");
	const struct leg *one = leg_of(&x, "one"), *two = leg_of(&x, "two"),
	                 *three = leg_of(&x, "three");

	(void)state;
	assert_int_equal(one->flags, LEG_RECORD_ROUTE | LEG_LOOP_DETECT | LEG_STRIP_IN);
	assert_int_equal(one->port, 0);
	assert_int_equal(one->transport, TRANSPORT_UDP);
	assert_int_equal(one->vlan, 0);
	unit_str(leg_sent_by(one), "192.0.2.1:5060");
	assert_ptr_equal(leg_at(&x.view, 0, 0, &one->local, TRANSPORT_UDP), one);
	assert_null(leg_at(&x.view, 1, 0, &one->local, TRANSPORT_UDP));
	assert_int_equal(two->flags, LEG_RECORD_ROUTE | LEG_CONTACT_PARAM | LEG_STRIP_IN);
	assert_int_equal(two->port, 1);
	assert_int_equal(two->local.port, 5070);
	unit_str(leg_sent_by(two), "[2001:db8::1]:5070");
	assert_int_equal(three->flags, LEG_CONTACT_USER | LEG_LOOP_DETECT | LEG_TRUSTED);
	assert_int_equal(three->vlan, 7);
	assert_int_equal(three->dscp, 46);
	unit_str(leg_sent_by(three), "sip.example.com:5080");
	assert_ptr_equal(leg_at(&x.view, 1, 7, &three->local, TRANSPORT_UDP), three);
	free(x.image);
}

static const struct group *group_of(const struct built *x, uint16_t index)
{
	assert_true(index < x->view.count[TABLE_GROUPS]);
	return (const struct group *)x->view.rows[TABLE_GROUPS] + index;
}

static void routes(void **state)
{
	struct built x = build(PORTS "set leg one port a udp 192.0.2.1\n"
	                             "set group z leg one member 192.0.2.9 weight 3\n"
	                             "set group z member 192.0.2.10:5070 weight 0\n"
	                             "set group a member [2001:db8::9]\n"
	                             "set group m member 192.0.2.11\n"
	                             "set domain example.com group z\n"
	                             "set domain *.example.com group a\n"
	                             "set domain numbers.example prefix\n"
	                             "set domain 198.51.100.7 forward\n"
	                             "set domain default reject 480\n"
	                             "set prefix +49 group m\n"
	                             "set prefix +4930 group a\n"
	                             "set prefix any group z\n");
	const struct domain *d = domain_lookup(&x.view, STR("EXAMPLE.com"));
	const struct group *g = group_of(&x, d->group);

	(void)state;
	assert_int_equal(d->action, DOMAIN_GROUP);
	assert_string_equal(g->name, "z");
	assert_int_equal(g->leg, leg_id(STR("one")));
	assert_int_equal(g->n_members, 2);
	for (uint64_t call = 0; call < 50; call++) {
		const struct member *m = group_pick(&x.view, g, call * 0x9e3779b97f4a7c15u);

		assert_int_equal(m->addr.ip[3], 9);
		assert_int_equal(m->addr.port, 5060);
		assert_int_equal(m->transport, TRANSPORT_UDP);
	}
	d = domain_lookup(&x.view, STR("sip.example.com"));
	assert_string_equal(group_of(&x, d->group)->name, "a");
	assert_int_equal(group_of(&x, d->group)->leg, LEG_NONE);
	assert_int_equal(domain_lookup(&x.view, STR("numbers.example"))->action, DOMAIN_PREFIX);
	assert_int_equal(domain_lookup(&x.view, STR("198.51.100.7"))->action, DOMAIN_FORWARD);
	d = domain_default(&x.view);
	assert_int_equal(d->action, DOMAIN_REJECT);
	assert_int_equal(d->status, 480);
	assert_string_equal(group_of(&x, prefix_lookup(&x.view, STR("+4940")))->name, "m");
	assert_string_equal(group_of(&x, prefix_lookup(&x.view, STR("+493012")))->name, "a");
	assert_string_equal(group_of(&x, prefix_lookup(&x.view, STR("17")))->name, "z");
	free(x.image);
}

#define SECRET "00112233445566778899aabbccddee"

static void keys(void **state)
{
	static const char both[] = "set token key 3 secret " SECRET "00\n"
	                           "set token key 12 secret " SECRET "ff\n";
	struct built x = build(both), y;
	const struct token_key *k = x.view.rows[TABLE_KEYS], *l;
	char text[256];

	(void)state;
	// The operator's keys instead of the caller's, the highest one first.
	assert_int_equal(x.view.count[TABLE_KEYS], 2);
	assert_int_equal(k[0].epoch, 12);
	assert_int_equal(k[1].epoch, 3);
	assert_true(k[0].usable && k[1].usable);
	assert_memory_not_equal(&k[0].mac, &k[1].mac, sizeof(k[0].mac));
	assert_memory_not_equal(k[0].cipher, k[1].cipher, sizeof(k[0].cipher));
	assert_memory_not_equal(k[0].cipher, &k[0].mac, sizeof(k[0].cipher));
	snprintf(text, sizeof(text), "%sset token seal 3\n", both);
	y = build(text);
	l = y.view.rows[TABLE_KEYS];
	assert_memory_equal(&l[0], &k[1], sizeof(l[0]));
	assert_memory_equal(&l[1], &k[0], sizeof(l[1]));
	free(x.image);
	free(y.image);
}

// Equal configurations make equal images, in whatever order they were set.
static void same_image(void **state)
{
	struct built x =
	        build(PORTS "set leg one port a udp 192.0.2.1\n"
	                    "set group g member 192.0.2.9\nset group h member 192.0.2.8\n"
	                    "set domain a.example group g\nset domain b.example group h\n");
	struct built y = build("set domain b.example group h\nset domain a.example group g\n"
	                       "set group h member 192.0.2.8\nset group g member 192.0.2.9\n"
	                       "set leg one udp 192.0.2.1 port a\n" PORTS);

	(void)state;
	assert_int_equal(x.view.header->bytes, y.view.header->bytes);
	assert_memory_equal(x.image, y.image, x.view.header->bytes);
	free(x.image);
	free(y.image);
}

static void refused(const char *text, const struct token_key *key, unsigned n, const char *fault)
{
	struct tree *t = tree_of(text);
	struct table_builder b;
	struct error e = {0};

	table_begin(&b, hash_key);
	assert_int_equal(build_config(t, key, n, &b, &e), -1);
	if (strstr(e.text, fault) == NULL)
		fail_msg("%s", e.text);
	tree_destroy(t);
}

static void faults(void **state)
{
	(void)state;
	refused("set worker cores 0,1023", &own_key, 1,
	        "worker cores: there is no core 1023 online (cores 0");
	refused("", NULL, 0, "token key: none to seal with");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(empty),
	        cmocka_unit_test(setup),
	        cmocka_unit_test(legs),
	        cmocka_unit_test(routes),
	        cmocka_unit_test(keys),
	        cmocka_unit_test(same_image),
	        cmocka_unit_test(faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
