// Which run counts, what is compared with what, and how it is printed.
#include "tools/bench/ratio.h"

#include "tests/unit/unit.h"

static const struct peer ours_forward = {
        .name = "spry-a", .ours = true, .kind = PEER_FORWARD, .what = "a"};
static const struct peer ours_lookup = {
        .name = "spry-b", .ours = true, .kind = PEER_LOOKUP, .what = "b"};
static const struct peer forward = {.name = "f", .kind = PEER_FORWARD, .what = "forwards"};
static const struct peer lookup = {.name = "l", .kind = PEER_LOOKUP, .what = "looks up"};
static const struct peer wire = {.name = "w", .kind = PEER_WIRE, .what = "moves"};
static const struct peer gone = {
        .name = "g", .kind = PEER_FORWARD, .what = "x", .package = "nopkg"};

static struct ratio_row row[6];
static struct ratio_table table;

static void fill(struct ratio_row *r, const struct peer *p, double a, double b, double c)
{
	const double all[] = {a, b, c};

	*r = (struct ratio_row){.peer = p};
	for (unsigned i = 0; i < 3; i++)
		if (all[i] > 0)
			r->run[r->n++] = (struct figure){
			        .per_core = all[i], .rate = all[i], .ns = 1e9 / all[i]};
}

static int make(void **state)
{
	(void)state;
	fill(&row[0], &ours_forward, 3e6, 2e6, 2.5e6);
	fill(&row[1], &ours_lookup, 1e6, 1e6, 1e6);
	fill(&row[2], &forward, 150e3, 100e3, 125e3);
	fill(&row[3], &lookup, 40e3, 50e3, 0);
	fill(&row[4], &wire, 10e6, 10e6, 10e6);
	fill(&row[5], &gone, 0, 0, 0);
	row[5].absent = true;
	table = (struct ratio_table){row, 6, false};
	ratio_sort(&table);
	return 0;
}

static void is_about(double got, double want)
{
	if (got < want * 0.999 || got > want * 1.001)
		fail_msg("%f instead of %f", got, want);
}

static void median_counts(void **state)
{
	(void)state;
	is_about(ratio_figure(&table, &row[0])->per_core, 2.5e6);
	is_about(ratio_of(&table, &row[2]), 20);
	is_about(ratio_of(&table, &row[3]), 20); // against the lookups
	is_about(ratio_of(&table, &row[4]), 0.25);
}

static void best_counts(void **state)
{
	(void)state;
	table.best = true;
	is_about(ratio_figure(&table, &row[0])->per_core, 3e6);
	is_about(ratio_of(&table, &row[2]), 20);
	is_about(ratio_of(&table, &row[3]), 20);
	is_about(ratio_of(&table, &row[4]), 0.3);
}

static void no_ratio(void **state)
{
	(void)state;
	is_about(ratio_of(&table, &row[0]) + 1, 1); // ours
	is_about(ratio_of(&table, &row[5]) + 1, 1); // never measured
	row[0].n = 0;
	is_about(ratio_of(&table, &row[2]) + 1, 1);
	is_about(ratio_of(&table, &row[3]), 20);
}

static void formats(void **state)
{
	(void)state;
	static const struct {
		double n;
		const char *text;
	} rows[] = {
	        {0, "0.00"},
	        {9.87, "9.87"},
	        {15.44, "15.4"},
	        {1943.7, "1944"},
	        {9994, "9994"},
	        {9999, "10.0 k"},
	        {16540, "16.5 k"},
	        {160123, "160 k"},
	        {999499, "999 k"},
	        {999500, "1.00 M"},
	        {2612345, "2.61 M"},
	        {11300000, "11.3 M"},
	        {112e6, "112 M"},
	};
	char text[16];

	for (unsigned i = 0; i < unit_rows(rows); i++) {
		ratio_format(rows[i].n, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void prints(void **state)
{
	(void)state;
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	row[3].n = 0;
	error_set(&row[3].why, "it broke");
	ratio_print(&table, f);
	fclose(f);
	assert_non_null(strstr(text, "\nspry-a                    2.50 M"));
	assert_non_null(strstr(text, "125 k"));
	assert_non_null(strstr(text, "20.0  forwards\n"));
	assert_non_null(strstr(text, "0.25  moves\n"));
	assert_non_null(strstr(text, "\nl                       no figure: it broke\n"));
	assert_non_null(strstr(text, "\ng                       not installed: nopkg\n"));
}

static void json(void **state)
{
	(void)state;
	json_t *o = ratio_json(&table), *peers = json_object_get(o, "peers");

	assert_int_equal(json_array_size(peers), 6);
	json_t *f = json_array_get(peers, 2), *g = json_array_get(peers, 5);
	assert_string_equal(json_string_value(json_object_get(f, "name")), "f");
	is_about(json_number_value(json_object_get(f, "ratio")), 20);
	is_about(json_number_value(json_object_get(f, "per_core")), 125e3);
	is_about(json_number_value(json_object_get(f, "per_core_min")), 100e3);
	is_about(json_number_value(json_object_get(f, "per_core_max")), 150e3);
	assert_string_equal(json_string_value(json_object_get(g, "error")), "not installed: nopkg");
	assert_null(json_object_get(g, "per_core"));
	assert_true(json_is_null(json_object_get(json_array_get(peers, 0), "ratio")));
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(median_counts, make),
	        cmocka_unit_test_setup(best_counts, make),
	        cmocka_unit_test_setup(no_ratio, make),
	        cmocka_unit_test(formats),
	        cmocka_unit_test_setup(prints, make),
	        cmocka_unit_test_setup(json, make),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
