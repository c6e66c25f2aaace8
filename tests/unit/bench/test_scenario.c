// Scenarios and options: each scenario is a configuration that can be run, and an order that means
// something; options are taken as they are said.
#include "tools/bench/scenario.h"

#include <stdlib.h>

#include "tests/unit/unit.h"
#include "tools/bench/options.h"
#include "tools/bench/phones.h"
#include "tools/replay/config_image.h"

static const struct scenario_ports ports = {.proxy = {"net_null0", "net_null1"},
        .generator = {"net_null2", "net_null3"},
        .proxy_mac = {SCENARIO_MAC, "02:00:00:00:00:0a"},
        .generator_mac = {SCENARIO_MAC, SCENARIO_MAC}};

static void each_is_a_configuration(void **state)
{
	struct config_image image[ROOT_CHAINS];

	(void)state;
	for (const struct scenario *s = scenarios; s->name != NULL; s++) {
		struct error e = {0};
		char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		scenario_proxy_text(s, &ports, "0", 100000, f);
		fclose(f);
		if (!config_image_make(str_of(text), s->name, 1, image, &e))
			fail_msg("%s: %s", s->name, e.text);
		config_image_clear(image);
		free(text);
		assert_ptr_equal(scenario_find(s->name), s);
	}
	assert_null(scenario_find("nothing"));
}

static void each_is_an_order(void **state)
{
	(void)state;
	for (const struct scenario *s = scenarios; s->name != NULL; s++) {
		struct bench_order o;
		unsigned weight = 0;

		scenario_order(s, &ports, s->bindings, &o);
		for (unsigned k = 0; k < BENCH_KINDS; k++)
			weight += o.weight[k];
		assert_true(weight > 0);
		assert_true(o.n_users > 0 && o.n_users <= BENCH_USERS_MAX);
		assert_in_range(o.size, BENCH_SIZE_MIN, BENCH_SIZE_MAX);
		assert_int_equal(o.side[BENCH_CALLEE].port, 1);
		assert_int_equal(o.side[BENCH_CALLEE].mac[5], 10);
		assert_int_equal(o.side[BENCH_CALLER].proxy.port, 5060);
		assert_int_equal(o.sink, (s->flags & SCENARIO_SINK) != 0);
		assert_true((s->flags & SCENARIO_DIGEST) == 0 || o.password[0] != '\0');
	}
}

static int read_options(
        struct options *o, struct error *e, const char *a, const char *b, const char *c)
{
	char *argv[] = {"run", (char *)a, (char *)b, (char *)c};
	const int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);

	*e = (struct error){0};
	return options_read(o, argc, argv, e);
}

static void options_are_taken(void **state)
{
	struct options o;
	struct error e;

	(void)state;
	assert_int_equal(read_options(&o, &e, "options", "--seconds", "0.5"), 0);
	assert_string_equal(o.scenario, "options");
	assert_true(o.wish.seconds == 0.5);
	assert_int_equal(read_options(&o, &e, "invite", "--bindings", "1e6"), 0);
	assert_int_equal(o.wish.bindings, 1000000);
	assert_int_equal(read_options(&o, &e, "--json", "--quiet", "invite"), 0);
	assert_true(o.json && o.wish.quiet);
	assert_int_equal(read_options(&o, &e, "invite", "--loss", "0"), 0);
	assert_true(o.wish.loss == 0);
}

static void wrong_options_are_named(void **state)
{
	static const struct {
		const char *a, *b, *c, *names;
	} rows[] = {{"invite", "--seconds", NULL, "--seconds"},
	        {"invite", "--seconds", "x", "\"x\""}, {"--sizes", NULL, NULL, "--sizes"},
	        {"--size", "100", NULL, "100"}, {"a", "b", NULL, "\"b\""},
	        {"--plot", "x.pdf", NULL, "x.pdf"}, {"--sweep", "cores", NULL, "cores"},
	        {"--runs", "1.5", NULL, "1.5"},
	        {"--proxy-port", "net_null0", NULL, "--generator-port"}};
	struct options o;
	struct error e;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_options(&o, &e, rows[i].a, rows[i].b, rows[i].c), -1);
		if (strstr(e.text, rows[i].names) == NULL)
			fail_msg("\"%s\" does not name %s", e.text, rows[i].names);
	}
}

static void passwords_are_the_users(void **state)
{
	struct user_list users;
	struct error e = {0};

	(void)state;
	assert_int_equal(phones_password(&users, 12, "example.com", "x", &e), 0);
	assert_int_equal(users.n, 12);
	assert_string_equal(users.row[11].name, "user0000011@example.com");
	user_list_clear(&users);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_is_a_configuration),
	        cmocka_unit_test(each_is_an_order),
	        cmocka_unit_test(options_are_taken),
	        cmocka_unit_test(wrong_options_are_named),
	        cmocka_unit_test(passwords_are_the_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
