#include "tests/unit/table/image.h"

#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/prefix.h"

static void add_groups(struct table_builder *b, unsigned n)
{
	struct error e;
	char name[8];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		assert_int_equal(group_add(b, str_of(name), LEG_NONE, NULL, 0, &e), (int)i);
	}
}

static void longest_prefix_wins(void **state)
{
	static const struct {
		const char *number;
		uint16_t group;
	} row[] = {
	        {"4930123", 1},
	        {"+4930123", 1}, // a prefix without '+' also matches a number with it
	        {"49", 0},
	        {"+49", 2}, // as long, and says the '+'
	        {"+49891", 2},
	        {"49891", 0},
	        {"4", PREFIX_NONE},
	        {"1", PREFIX_NONE},
	        {"+1-202-555.0100", 3},
	        {"(1)202", PREFIX_NONE},
	        {"*72", 4},
	        {"%2A72", 4},
	        {"%2372", 5},
	        {"#72", 5},
	        {"+1202;phone-context=example.com", 3},
	        {"", PREFIX_NONE},
	        {"+", PREFIX_NONE},
	        {"-", PREFIX_NONE},
	        {";49", PREFIX_NONE},
	        {"49x", PREFIX_NONE},
	        {"alice", PREFIX_NONE},
	        {"4930123alice", PREFIX_NONE},
	        {"++49", PREFIX_NONE},
	        {"49+30", PREFIX_NONE},
	        {"49%", PREFIX_NONE},
	        {"49%0030", PREFIX_NONE},
	};
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	add_groups(&b, 6);
	assert_int_equal(prefix_add(&b, STR("49"), 0, &e), 0);
	assert_int_equal(prefix_add(&b, STR("4930"), 1, &e), 0);
	assert_int_equal(prefix_add(&b, STR("+49"), 2, &e), 0);
	assert_int_equal(prefix_add(&b, STR("+1202"), 3, &e), 0);
	assert_int_equal(prefix_add(&b, STR("*7"), 4, &e), 0);
	assert_int_equal(prefix_add(&b, STR("#"), 5, &e), 0);
	struct image image = image_of(&b, ROOT_CONFIG);
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint16_t group = prefix_lookup(&image.view, str_of(row[i].number));

		if (group != row[i].group)
			fail_msg("%s -> %u, not %u", row[i].number, group, row[i].group);
	}
	image_free(&image);
}

static void empty_prefix_is_all_numbers(void **state)
{
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	struct image none = image_of(&b, ROOT_CONFIG);
	assert_int_equal(prefix_lookup(&none.view, STR("123")), PREFIX_NONE);
	image_free(&none);
	table_begin(&b, image_key);
	add_groups(&b, 2);
	assert_int_equal(prefix_add(&b, STR(""), 0, &e), 0);
	assert_int_equal(prefix_add(&b, STR("+"), 1, &e), 0);
	struct image image = image_of(&b, ROOT_CONFIG);
	assert_int_equal(prefix_lookup(&image.view, STR("123")), 0);
	assert_int_equal(prefix_lookup(&image.view, STR("+123")), 1);
	assert_int_equal(prefix_lookup(&image.view, STR("bob")), PREFIX_NONE);
	image_free(&image);
}

static void refused_prefixes(void **state)
{
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(prefix_add(&b, STR("49"), 0, &e), 0);
	assert_int_equal(prefix_add(&b, STR("49"), 1, &e), -1);
	assert_non_null(strstr(e.text, "there already"));
	assert_int_equal(prefix_add(&b, STR("4a"), 0, &e), -1);
	assert_int_equal(prefix_add(&b, STR("4+"), 0, &e), -1);
	assert_int_equal(prefix_add(&b, STR("123456789012345678901234567890123"), 0, &e), -1);
	image_refused(&b, ROOT_CONFIG, "prefix node"); // group 0 is not there
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(longest_prefix_wins),
	        cmocka_unit_test(empty_prefix_is_all_numbers),
	        cmocka_unit_test(refused_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
