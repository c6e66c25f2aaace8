// Policy settings become tables: patterns that compile, one that does not and is named, a thousand.
#include "tests/unit/config/trees.h"

#include <stdlib.h>

#include "config/check.h"
#include "control/build.h"
#include "dataplane/base/now.h"
#include "dataplane/sip/header.h"
#include "dataplane/sip/method.h"
#include "dataplane/table/acl.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/pattern.h"
#include "dataplane/table/root.h"

struct built {
	void *image;
	struct table_view view;
};

static int try_build(const char *text, struct built *out, struct error *e)
{
	const struct token_key key = {.epoch = 9, .usable = 1, .mac = {1, 2}};
	struct tree *t = tree_of(text);
	struct table_builder b;
	size_t len;
	int rc = check(t, e);

	table_begin(&b, (struct hash_key){1, 2});
	if (rc == 0)
		rc = build_config(t, &key, 1, &b, e);
	tree_destroy(t);
	if (rc != 0)
		return rc;
	out->image = table_finish(&b, ROOT_CONFIG, 7, &len, e);
	assert_non_null(out->image);
	return table_open(&out->view, out->image, len, ROOT_CONFIG, e);
}

static struct built build(const char *text)
{
	struct error e = {0};
	struct built x;

	if (try_build(text, &x, &e) != 0)
		fail_msg("%s", e.text);
	return x;
}

static void refused(const char *text, const char *why)
{
	struct error e = {0};
	struct built x;

	assert_int_equal(try_build(text, &x, &e), -1);
	if (strstr(e.text, why) == NULL)
		fail_msg("said '%s', not '%s'", e.text, why);
}

static void patterns(void **state)
{
	struct built x = build("set limit slow rate 6 per minute status 486\n"
	                       "set pattern b match 'a b' in header user-agent action reject 488\n"
	                       "set pattern a match '^x' in body action limit slow\n"
	                       "set pattern c match z action tag\n");
	const struct pattern *r = x.view.rows[TABLE_PATTERNS];
	const struct pattern_database *d = x.view.rows[TABLE_PATTERN_DATABASES];
	const struct limit *l = x.view.rows[TABLE_LIMITS];

	(void)state;
	assert_int_equal(x.view.count[TABLE_PATTERNS], 3);
	assert_int_equal(r[0].action, PATTERN_LIMIT);
	assert_int_equal(r[0].place, PATTERN_IN_BODY);
	assert_int_equal(r[1].header, HEADER_USER_AGENT);
	assert_int_equal(r[1].status, 488);
	assert_int_equal(r[2].place, PATTERN_IN_HEAD);
	assert_true(d[0].len > 0 && d[1].len > 0 && d[2].len > 0);
	assert_int_equal(l[0].flags, LIMIT_PATTERN);
	assert_int_equal(l[0].per_s, 60);
	assert_int_equal(l[0].burst, 6);
	free(x.image);
}

static void limits_before_parse(void **state)
{
	struct built x = build("set limit a rate 5\nset limit b rate 5 method INVITE\n"
	                       "set limit c rate 5 by from\nset limit d rate 5 status 503\n"
	                       "set limit e rate 5 by leg burst 9\n");
	const struct limit *l = x.view.rows[TABLE_LIMITS];

	(void)state;
	assert_int_equal(l[0].flags, LIMIT_EARLY);
	assert_int_equal(l[1].flags, 0);
	assert_int_equal(l[1].methods, 1 << METHOD_INVITE);
	assert_int_equal(l[2].flags, 0);
	assert_int_equal(l[3].flags, 0);
	assert_int_equal(l[4].flags, LIMIT_EARLY);
	assert_int_equal(l[4].burst, 9);
	free(x.image);
}

static void faults_are_named(void **state)
{
	(void)state;
	refused("set pattern ok match a action drop\nset pattern bad match 'x(' action drop\n",
	        "pattern bad match: ");
	refused("set pattern p match a\n", "pattern p: one of these is needed: action drop");
	refused("set pattern p action drop\n", "'match' is needed");
	refused("set pattern p match a action drop\nset pattern p action tag\n", "exclude");
	refused("set pattern p match a action limit no\n", "there is no limit 'no'");
	refused("set pattern p match a action drop\nset pattern p in body in header To\n",
	        "exclude");
	refused("set acl a action drop\n", "'source' is needed");
}

// A rule keeps its cell, whatever comes before it.
static void cells_stay(void **state)
{
	struct built x = build("set acl m source 10.0.0.0/8 action drop\n");
	struct built y = build("set acl b source 10.0.0.0/8 action drop\n"
	                       "set acl m source 10.0.0.0/8 action drop\n");
	const struct acl_rule *one = x.view.rows[TABLE_ACL_RULES];
	const struct acl_rule *two = y.view.rows[TABLE_ACL_RULES];

	(void)state;
	assert_memory_equal(&one[0].hit, &two[1].hit, sizeof(struct hit_ref));
	assert_true(two[0].hit.slot != two[1].hit.slot);
	free(x.image);
	free(y.image);
}

static void a_thousand_patterns(void **state)
{
	static char text[200000];
	uint64_t start, first, second;
	size_t len = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		        "set pattern p%u match '(?i)^User-Agent: *(scan%u|probe-%u)/[0-9.]+' "
		        "action drop\n",
		        i, i * 7919, i * 104729);
	start = now_ns();
	struct built x = build(text);
	first = now_ns() - start;
	start = now_ns();
	struct built y = build(text); // nothing changed: not compiled again
	second = now_ns() - start;
	assert_int_equal(x.view.count[TABLE_PATTERNS], 1000);
	assert_int_equal(x.view.count[TABLE_PATTERN_BYTES], y.view.count[TABLE_PATTERN_BYTES]);
	assert_memory_equal(x.view.rows[TABLE_PATTERN_BYTES], y.view.rows[TABLE_PATTERN_BYTES],
	        x.view.count[TABLE_PATTERN_BYTES]);
	print_message("first %.1f ms, again %.1f ms, %u bytes\n", (double)first / 1e6,
	        (double)second / 1e6, x.view.count[TABLE_PATTERN_BYTES]);
	free(x.image);
	free(y.image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(patterns),
	        cmocka_unit_test(limits_before_parse),
	        cmocka_unit_test(faults_are_named),
	        cmocka_unit_test(cells_stay),
	        cmocka_unit_test(a_thousand_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
