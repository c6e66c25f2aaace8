// Rows of patterns: they come back, and what would lead a worker astray is refused.
#include "tests/unit/table/image.h"

#include "dataplane/sip/header.h"
#include "dataplane/table/pattern.h"

static const struct str texts[3] = {{"name", 4}, {"re.*", 4}, {"X-Y", 3}};
static const struct str databases[PATTERN_PLACES] = {{"one", 3}, {NULL, 0}, {"three", 5}};

static void they_come_back(void **state)
{
	const struct pattern r = {.place = PATTERN_IN_HEADER, .action = PATTERN_TAG};
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(pattern_add(&b, r, texts, &e), 0);
	assert_int_equal(pattern_add(&b, r, texts, &e), 1);
	assert_int_equal(pattern_set_databases(&b, databases, &e), 0);
	struct image image = image_of(&b, ROOT_CONFIG);
	const struct pattern *rows = image.view.rows[TABLE_PATTERNS];
	const struct pattern_database *d = image.view.rows[TABLE_PATTERN_DATABASES];
	const char *bytes = image.view.rows[TABLE_PATTERN_BYTES];

	assert_true(str_eq(table_text(&image.view, rows[1].text, rows[1].text_len), texts[1]));
	assert_true(str_eq(
	        table_text(&image.view, rows[1].header_name, rows[1].header_name_len), texts[2]));
	assert_int_equal(d[1].len, 0);
	assert_memory_equal(bytes + d[2].offset, "three", 5);
	image_free(&image);
}

static void damaged_rows_are_refused(void **state)
{
	(void)state;
	for (unsigned fault = 0; fault < 8; fault++) {
		struct pattern r = {.place = PATTERN_IN_BODY};
		struct table_builder b;
		struct error e;

		if (fault == 0)
			r.place = PATTERN_PLACES;
		if (fault == 1)
			r.action = PATTERN_ACTIONS;
		if (fault == 2)
			r.header = HEADER_COUNT;
		if (fault == 3)
			r.action = PATTERN_REJECT; // with status 0
		if (fault == 4)
			r.action = PATTERN_LIMIT; // no limit is there
		table_begin(&b, image_key);
		assert_int_equal(pattern_add(&b, r, texts, &e), 0);
		if (fault != 5) // else no database
			assert_int_equal(pattern_set_databases(&b, databases, &e), 0);
		if (fault == 6)
			((struct pattern_database *)b.section[TABLE_PATTERN_DATABASES].rows)[2]
			        .len = 6;
		if (fault == 7)
			((struct pattern *)b.section[TABLE_PATTERNS].rows)->text_len = 200;
		image_refused(&b, ROOT_CONFIG, "patterns");
	}
}

static void which_match_by_lines(void **state)
{
	static const char *const yes[] = {"", "a", "^a$", "(a|b)*", "(?:a)", "(?i)a(?i:b)", "\\(?x",
	        "[\\w\\-]+\\.", "\\bx\\B", "\\x41", "\\\\A", "a{1,2}?"};
	static const char *const no[] = {"\\A", "a\\z", "a\\Z", "\\G", "\\Qa", "\\", "(?-m)^a",
	        "(?s).", "(?m:a)", "(?im)", "(*UTF8)a", "(?=a)", "(?<n>a)", "(?", "\\1", "\\R",
	        "[(?]", "a(?i)\\A"};

	(void)state;
	for (unsigned i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!pattern_by_lines(str_of(yes[i])))
			fail_msg("%s", yes[i]);
	for (unsigned i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (pattern_by_lines(str_of(no[i])))
			fail_msg("%s", no[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(they_come_back),
	        cmocka_unit_test(damaged_rows_are_refused),
	        cmocka_unit_test(which_match_by_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
