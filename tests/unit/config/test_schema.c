// schema: the rows hang together; the manual has them all.
#include "tests/unit/unit.h"

#include "config/manual.h"

// The object a row's path stands below, found by walking from the top.
static const struct schema_object *holder(const char *path)
{
	const struct schema_object *best = NULL;

	for (const struct schema_object *o = schema_objects; o->path != NULL; o++) {
		size_t n = strlen(o->path);

		if (strncmp(path, o->path, n) == 0 && path[n] == ' ' &&
		        (best == NULL || n > strlen(best->path)))
			best = o;
	}
	return best;
}

static void rows_have_objects(void **state)
{
	(void)state;
	for (const struct schema_row *r = schema_rows; r->path != NULL; r++) {
		const struct schema_object *o = holder(r->path);

		if (o == NULL)
			fail_msg("no object holds '%s'", r->path);
		assert_ptr_equal(schema_setting(o, schema_keyword(r->path)), r);
		assert_null(schema_child(o, schema_keyword(r->path)));
	}
}

static void objects_have_parents(void **state)
{
	(void)state;
	for (const struct schema_object *o = schema_objects; o->path != NULL; o++)
		assert_ptr_equal(schema_child(holder(o->path), schema_keyword(o->path)), o);
}

static void defaults_fit(void **state)
{
	(void)state;
	for (const struct schema_row *r = schema_rows; r->path != NULL; r++) {
		char out[256];

		if (r->fallback == NULL)
			continue;
		assert_int_equal(
		        type_check(r->type, r, str_of(r->fallback), out, sizeof(out), NULL), 0);
		assert_string_equal(out, r->fallback);
	}
}

static void help_is_one_line(void **state)
{
	(void)state;
	for (const struct schema_row *r = schema_rows; r->path != NULL; r++) {
		assert_non_null(r->help);
		assert_in_range(strlen(r->help), 3, 96);
		assert_null(strchr(r->help, '\n'));
	}
	for (const struct schema_object *o = schema_objects; o->path != NULL; o++)
		assert_in_range(strlen(o->help), 3, 96);
}

static void references_exist(void **state)
{
	(void)state;
	for (const struct schema_row *r = schema_rows; r->path != NULL; r++) {
		if (r->type == TYPE_REF)
			assert_non_null(schema_child(NULL, str_of(r->values)));
		if (r->type == TYPE_CHOICE)
			assert_non_null(strchr(r->values, '|'));
		assert_int_equal((r->flags & SCHEMA_SECRET) != 0, r->type == TYPE_SECRET);
	}
}

static void keywords(void **state)
{
	(void)state;
	unit_str(schema_keyword("port <name>"), "port");
	unit_str(schema_keyword("port <name> vlan <1-4094>"), "vlan");
	unit_str(schema_keyword("port <name> vlan <1-4094> address"), "address");
	unit_str(schema_keyword("worker"), "worker");
	assert_null(schema_child(NULL, STR("por")));
	assert_null(schema_child(NULL, STR("vlan")));
	assert_null(schema_setting(NULL, STR("device")));
}

static void manual_has_all(void **state)
{
	char *text = manual_text(NULL);

	(void)state;
	assert_non_null(text);
	for (const struct schema_row *r = schema_rows; r->path != NULL; r++) {
		char line[128];

		snprintf(line, sizeof(line), "    set %s", r->path);
		if (strstr(text, line) == NULL)
			fail_msg("manual lacks '%s'", line);
	}
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 100);
	free(text);
}

static void manual_of_one(void **state)
{
	char *text = manual_text("port");

	(void)state;
	assert_non_null(strstr(text, "set port <name> vlan <1-4094> gateway <address>"));
	assert_null(strstr(text, "set leg"));
	free(text);
	assert_null(manual_text("prot"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_have_objects),
	        cmocka_unit_test(objects_have_parents),
	        cmocka_unit_test(defaults_fit),
	        cmocka_unit_test(help_is_one_line),
	        cmocka_unit_test(references_exist),
	        cmocka_unit_test(keywords),
	        cmocka_unit_test(manual_has_all),
	        cmocka_unit_test(manual_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
