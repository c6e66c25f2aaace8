#include "tests/unit/table/image.h"

#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"

static struct member member_of(unsigned n, uint16_t weight)
{
	struct member m = {.transport = TRANSPORT_UDP, .weight = weight};
	char text[32];

	snprintf(text, sizeof(text), "10.1.%u.%u:5060", n / 200, n % 200 + 1);
	m.addr = addr_text(text);
	return m;
}

static struct image group_image(const struct member *m, unsigned n)
{
	struct table_builder b;
	struct error e;

	table_begin(&b, image_key);
	assert_int_equal(group_add(&b, STR("switches"), LEG_NONE, m, n, &e), 0);
	return image_of(&b, ROOT_CONFIG);
}

static const struct member *pick(const struct image *i, uint64_t hash)
{
	return group_pick(&i->view, i->view.rows[TABLE_GROUPS], hash);
}

static void slots_follow_weights(void **state)
{
	static const uint16_t weight[] = {1, 2, 3, 10, 0, 84};
	struct member m[6];
	unsigned slots[6] = {0};

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		m[i] = member_of(i, weight[i]);
	struct image image = group_image(m, 6);
	const struct member *first = image.view.rows[TABLE_MEMBERS];
	for (uint64_t h = 0; h < GROUP_SLOTS; h++)
		slots[pick(&image, h) - first]++;
	for (unsigned i = 0; i < 6; i++) {
		double expected = GROUP_SLOTS * weight[i] / 100.0;

		if (slots[i] < expected * 0.95 - 1 || slots[i] > expected * 1.05 + 1)
			fail_msg("member %u: %u slots, %.0f expected", i, slots[i], expected);
	}
	assert_int_equal(slots[4], 0);
	image_free(&image);
}

static void smallest_weight_is_picked_too(void **state)
{
	struct member m[2] = {member_of(1, 1), member_of(2, 65535)};
	unsigned hits = 0;

	(void)state;
	struct image image = group_image(m, 2);
	for (uint64_t h = 0; h < GROUP_SLOTS; h++)
		hits += pick(&image, h)->weight == 1;
	assert_int_equal(hits, 1);
	image_free(&image);
}

static void order_of_members_is_no_matter(void **state)
{
	struct member m[20], reversed[20];

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		m[i] = reversed[19 - i] = member_of(i, (uint16_t)(1 + i % 4));
	struct image a = group_image(m, 20), b = group_image(reversed, 20);
	for (uint64_t h = 0; h < GROUP_SLOTS; h++)
		assert_memory_equal(pick(&a, h), pick(&b, h), sizeof(struct member));
	image_free(&a);
	image_free(&b);
}

static void a_member_that_goes_moves_few_others(void **state)
{
	struct member m[10], fewer[9];
	unsigned worst = 0;

	(void)state;
	for (unsigned gone = 0; gone < 10; gone++) {
		unsigned kept = 0, moved = 0, n = 0;

		for (unsigned i = 0; i < 10; i++) {
			m[i] = member_of(i, 10);
			if (i != gone)
				fewer[n++] = m[i];
		}
		struct image before = group_image(m, 10), after = group_image(fewer, 9);
		for (uint64_t h = 0; h < GROUP_SLOTS; h++) {
			const struct member *was = pick(&before, h), *is = pick(&after, h);

			assert_false(addr_eq(&is->addr, &m[gone].addr));
			if (addr_eq(&was->addr, &m[gone].addr))
				continue;
			if (addr_eq(&was->addr, &is->addr))
				kept++;
			else
				moved++;
		}
		if (moved * 100 / (kept + moved) > worst)
			worst = moved * 100 / (kept + moved);
		image_free(&before);
		image_free(&after);
	}
	if (worst > 15)
		fail_msg("%u %% of the others' slots moved", worst);
}

static void unusable_and_refused_groups(void **state)
{
	struct member m[3] = {member_of(1, 0), member_of(2, 0), member_of(1, 5)};
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(group_add(&b, STR("none"), LEG_NONE, m, 2, &e), 0);
	assert_int_equal(group_add(&b, STR("empty"), LEG_NONE, NULL, 0, &e), 1);
	assert_int_equal(group_add(&b, STR("none"), LEG_NONE, m, 1, &e), -1);
	assert_int_equal(group_add(&b, STR("twice"), LEG_NONE, m, 3, &e), -1);
	assert_non_null(strstr(e.text, "10.1.0.2:5060 twice"));
	struct image image = image_of(&b, ROOT_CONFIG);
	const struct group *g = image.view.rows[TABLE_GROUPS];
	assert_null(group_pick(&image.view, &g[0], 12345));
	assert_null(group_pick(&image.view, &g[1], 12345));
	image_free(&image);
}

static void damaged_groups_do_not_open(void **state)
{
	struct member m[2] = {member_of(1, 1), member_of(2, 1)};

	(void)state;
	for (unsigned damage = 0; damage < 5; damage++) {
		struct table_builder b;
		struct error e;

		table_begin(&b, image_key);
		group_add(&b, STR("a"), LEG_NONE, m, 2, &e);
		group_add(&b, STR("b"), LEG_NONE, m, 2, &e);
		struct group *g = b.section[TABLE_GROUPS].rows;
		uint16_t *slot = b.section[TABLE_MAGLEV].rows;
		if (damage == 0)
			slot[GROUP_SLOTS + 17] = 2;
		else if (damage == 1)
			g[1].n_members = 3;
		else if (damage == 2)
			g[1].first_slot = 0;
		else if (damage == 3)
			g[0].leg = 77;
		else
			b.section[TABLE_MAGLEV].count--;
		image_refused(&b, ROOT_CONFIG, "group");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(slots_follow_weights),
	        cmocka_unit_test(smallest_weight_is_picked_too),
	        cmocka_unit_test(order_of_members_is_no_matter),
	        cmocka_unit_test(a_member_that_goes_moves_few_others),
	        cmocka_unit_test(unusable_and_refused_groups),
	        cmocka_unit_test(damaged_groups_do_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
