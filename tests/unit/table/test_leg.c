#include "tests/unit/unit.h"
#include "tests/unit/table/image.h"

#include "dataplane/table/leg.h"

static struct leg leg_of(const char *name, const char *local, uint8_t port, uint16_t vlan)
{
	struct leg l = {.port = port, .vlan = vlan, .transport = TRANSPORT_UDP};

	snprintf(l.name, sizeof(l.name), "%s", name);
	l.id = leg_id(str_of(name));
	l.local = addr_text(local);
	l.sent_by_len = (uint8_t)addr_format(&l.local, l.sent_by);
	return l;
}

static void leg_of_a_packet(void **state)
{
	struct leg l[4] = {
	        leg_of("access", "192.0.2.1:5060", 0, 0),
	        leg_of("core", "10.0.0.1:5060", 1, 0),
	        leg_of("voip", "192.0.2.1:5060", 0, 20), // same address in a VLAN
	        leg_of("six", "[2001:db8::1]:5060", 1, 0),
	};
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(leg_add(&b, &l[i], &e), 0);
	struct image image = image_of(&b, ROOT_CONFIG);
	const struct table_view *v = &image.view;
	for (unsigned i = 0; i < 4; i++) {
		const struct leg *hit = leg_at(v, l[i].port, l[i].vlan, &l[i].local, TRANSPORT_UDP);

		assert_non_null(hit);
		assert_string_equal(hit->name, l[i].name);
		assert_int_equal(leg_index(v, hit), i);
		assert_ptr_equal(leg_by_id(v, l[i].id), hit);
		assert_null(leg_at(v, l[i].port, l[i].vlan, &l[i].local, TRANSPORT_TCP));
		assert_null(leg_at(v, 2, l[i].vlan, &l[i].local, TRANSPORT_UDP));
		struct addr other = l[i].local;
		other.port++;
		assert_null(leg_at(v, l[i].port, l[i].vlan, &other, TRANSPORT_UDP));
	}
	assert_null(leg_at(v, 0, 21, &l[0].local, TRANSPORT_UDP));
	assert_null(leg_by_id(v, LEG_NONE));
	image_free(&image);
}

static void own_addresses_and_names(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		uint8_t transport;
		const char *leg; // NULL = not ours
	} row[] = {
	        {"192.0.2.1", 0, TRANSPORT_UDP, "access"},
	        {"192.0.2.1", 5060, TRANSPORT_UDP, "access"},
	        {"192.0.2.1", 5060, TRANSPORT_NONE, "access"},
	        {"192.0.2.1", 5061, TRANSPORT_UDP, NULL},
	        {"192.0.2.1", 5060, TRANSPORT_TCP, NULL},
	        {"192.0.2.2", 5060, TRANSPORT_UDP, NULL},
	        {"sip.Example.COM", 5070, TRANSPORT_UDP, "core"},
	        {"sip.example.com", 0, TRANSPORT_UDP, NULL},
	        {"sip.example.co", 5070, TRANSPORT_UDP, NULL},
	        {"sip.example.com.org", 5070, TRANSPORT_UDP, NULL},
	        {"10.0.0.1", 0, TRANSPORT_UDP, "core"},
	        {"2001:db8:0::1", 0, TRANSPORT_UDP, "six"},
	        {"2001:db8::2", 5060, TRANSPORT_UDP, "six"}, // the sent-by
	        {"2001:db8:0::2", 5060, TRANSPORT_UDP, "six"},
	        {"2001:db8::2", 5080, TRANSPORT_UDP, NULL},
	        {"plain.example.com", 0, TRANSPORT_UDP, "plain"},
	        {"plain.example.com", 5060, TRANSPORT_UDP, "plain"},
	        {"plain.example.com", 5080, TRANSPORT_UDP, NULL},
	        {"", 0, TRANSPORT_UDP, NULL},
	};
	struct leg l[4] = {
	        leg_of("access", "192.0.2.1:5060", 0, 0),
	        leg_of("core", "10.0.0.1:5060", 1, 0),
	        leg_of("six", "[2001:db8::1]:5060", 1, 0),
	        leg_of("plain", "10.0.0.2:5060", 1, 0),
	};
	static const char *const sent_by[4] = {
	        "192.0.2.1:5060", "sip.example.com:5070", "[2001:db8::2]", "plain.example.com"};
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	for (unsigned i = 0; i < 4; i++) {
		memcpy(l[i].sent_by, sent_by[i], strlen(sent_by[i]));
		l[i].sent_by_len = (uint8_t)strlen(sent_by[i]);
		assert_int_equal(leg_add(&b, &l[i], &e), 0);
	}
	struct image image = image_of(&b, ROOT_CONFIG);
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct leg *hit = NULL;
		struct addr host = {0};

		addr_parse_ip(str_of(row[i].host), &host);
		bool own = leg_is_own(&image.view, &host, str_of(row[i].host), row[i].port,
		        row[i].transport, &hit);
		if (own != (row[i].leg != NULL) || (own && strcmp(hit->name, row[i].leg) != 0))
			fail_msg("%s:%u -> %s", row[i].host, row[i].port,
			        own ? hit->name : "not ours");
	}
	image_free(&image);
}

// Hosts that are asked for by their bits against a walk through all legs.
static void bits_hide_no_leg(void **state)
{
	static const char *const sent_by[] = {"10.0.0.1:5060", "10.0.0.2", "[2001:db8::1]:5060",
	        "[2001:db8::2]", "sip.example.com", "SIP.Example.org:5070", "a:5060", "b"};
	static const char *const host[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.21",
	        "192.0.2.1", "192.0.2.7", "192.0.2.9", "[2001:db8::1]", "[2001:DB8::2]",
	        "[2001:db8:0::3]", "[::a00:1]", "sip.example.com", "SIP.example.COM",
	        "sip.example.org", "sip.example.net", "sip.example.com.", "a", "A", "b", "c", "",
	        "sip.example.com:5060", "localhost"};
	struct table_builder b;
	struct error e;
	unsigned own = 0, hidden = 0;

	(void)state;
	table_begin(&b, image_key);
	for (unsigned i = 0; i < unit_rows(sent_by); i++) {
		char name[16], local[32];

		snprintf(name, sizeof(name), "leg%u", i);
		snprintf(local, sizeof(local), "192.0.2.%u:50%u", i + 1, 60 + i % 3);
		struct leg l = leg_of(name, local, 0, 0);
		l.sent_by_len = (uint8_t)strlen(sent_by[i]);
		memcpy(l.sent_by, sent_by[i], l.sent_by_len);
		assert_int_equal(leg_add(&b, &l, &e), 0);
	}
	struct image image = image_of(&b, ROOT_CONFIG);
	for (unsigned i = 0; i < unit_rows(host) * 4; i++) {
		static const uint16_t port[] = {0, 5060, 5061, 5070};
		const struct str text = str_of(host[i / 4]);
		struct addr a = {0};
		const struct leg *found = NULL, *walked = NULL;

		if (!addr_parse(text, &a))
			a = (struct addr){0};
		const bool is =
		        leg_is_own(&image.view, &a, text, port[i % 4], TRANSPORT_NONE, &found);
		assert_int_equal(is,
		        leg_own_row(&image.view, &a, text, port[i % 4], TRANSPORT_NONE, &walked));
		assert_ptr_equal(found, walked);
		assert_int_equal(leg_has_ip(&image.view, &a), leg_ip_row(&image.view, &a));
		own += is;
		hidden += !leg_host_may_be(&image.view, leg_address_bit(&a));
	}
	assert_in_range(own, 12, 60);
	assert_true(hidden > 12); // else they are of no use
	image_free(&image);
}

static void refused_legs(void **state)
{
	struct leg a = leg_of("access", "192.0.2.1:5060", 0, 0);
	struct leg again = leg_of("access", "192.0.2.2:5060", 0, 0);
	struct leg same = leg_of("other", "192.0.2.1:5060", 0, 0);
	struct leg forged = leg_of("forged", "192.0.2.9:5060", 0, 0);
	struct table_builder b;
	struct error e;
	char name[16], local[32];

	(void)state;
	forged.id++;
	table_begin(&b, image_key);
	assert_int_equal(leg_add(&b, &a, &e), 0);
	assert_int_equal(leg_add(&b, &again, &e), -1);
	assert_int_equal(leg_add(&b, &same, &e), -1);
	assert_non_null(strstr(e.text, "same address as leg access"));
	assert_int_equal(leg_add(&b, &forged, &e), -1);
	unsigned added = 1;
	for (unsigned i = 0; i < 200 && added < LEGS_MAX; i++) {
		snprintf(name, sizeof(name), "leg%u", i);
		snprintf(local, sizeof(local), "10.0.%u.1:5060", i);
		struct leg l = leg_of(name, local, 0, 0);
		added += leg_add(&b, &l, &e) == 0;
	}
	assert_int_equal(added, LEGS_MAX);
	struct leg last = leg_of("last", "10.1.0.1:5060", 0, 0);
	assert_int_equal(leg_add(&b, &last, &e), -1);
	assert_non_null(strstr(e.text, "more than 64"));
	struct image image = image_of(&b, ROOT_CONFIG);
	const struct leg *legs = image.view.rows[TABLE_LEGS];
	for (unsigned i = 0; i < LEGS_MAX; i++)
		assert_ptr_equal(
		        leg_at(&image.view, 0, 0, &legs[i].local, TRANSPORT_UDP), &legs[i]);
	image_free(&image);
}

static void ids_are_the_same_everywhere(void **state)
{
	(void)state;
	// Written into tokens that outlive a program: a change here breaks running calls.
	assert_int_equal(leg_id(STR("access")), 59767);
	assert_int_not_equal(leg_id(STR("core")), leg_id(STR("access")));
}

static void damaged_legs_do_not_open(void **state)
{
	(void)state;
	for (unsigned damage = 0; damage < 6; damage++) {
		struct leg l = leg_of("access", "192.0.2.1:5060", 0, 0);
		struct table_builder b;
		struct error e;

		table_begin(&b, image_key);
		assert_int_equal(leg_add(&b, &l, &e), 0);
		struct leg *row = b.section[TABLE_LEGS].rows;
		uint8_t *index = b.section[TABLE_LEG_INDEX].rows;
		if (damage == 0)
			row->sent_by_len = 65;
		else if (damage == 1)
			row->port = 16;
		else if (damage == 2)
			memset(row->name, 'x', sizeof(row->name));
		else if (damage == 3)
			memset(index, 1, LEG_SLOTS);
		else if (damage == 4)
			index[5] = index[6] = 2;
		else
			b.section[TABLE_LEG_INDEX].count = 255;
		image_refused(&b, ROOT_CONFIG, "leg");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(leg_of_a_packet),
	        cmocka_unit_test(own_addresses_and_names),
	        cmocka_unit_test(bits_hide_no_leg),
	        cmocka_unit_test(refused_legs),
	        cmocka_unit_test(ids_are_the_same_everywhere),
	        cmocka_unit_test(damaged_legs_do_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
