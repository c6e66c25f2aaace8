// policy_limit: answers to sources, with a clock of the test's own.
#include "tests/unit/table/image.h"

#include "dataplane/policy_limit.h"
#include "dataplane/table/sanity.h"

enum { HZ = 1000000, RATE = 5, BURST_OF = 20, KNOWN_TIMES = 100, MANY = 5000 };

static struct generation tables;
static struct worker w;
static struct leg leg;
static struct image image;

static int start(void **state)
{
	const struct sanity s = {.reply_rate = RATE, .reply_burst = BURST_OF};
	struct table_builder b;
	struct error e = {0};

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(sanity_set(&b, &s, &e), 0);
	image = image_of(&b, ROOT_CONFIG);
	tables = (struct generation){.number = 1, .view = image.view};
	w = (struct worker){.config = &tables, .tsc_hz = HZ, .tsc = HZ};
	w.policy = policy_state_create(1);
	leg = (struct leg){0};
	return w.policy != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	policy_state_destroy(w.policy);
	free(image.bytes);
	return 0;
}

static struct addr source(const char *text)
{
	struct addr a;

	assert_true(addr_parse(str_of(text), &a));
	return a;
}

// Of so many requests in no time, how many are answered.
static unsigned answered(const char *from, unsigned n)
{
	static struct packet p;
	unsigned yes = 0;

	p.leg_in = &leg;
	p.src = source(from);
	p.verdict = VERDICT_NOT_FOUND;
	for (unsigned i = 0; i < n; i++)
		yes += policy_limit_reply(&w, &p);
	return yes;
}

// One who proved his address gets more, but the address may be written by somebody else later.
static void proven_sources_have_a_budget(void **state)
{
	struct addr known = source("192.0.2.9:5060");

	(void)state;
	assert_int_equal(answered("192.0.2.8:5060", MANY), BURST_OF);
	policy_limit_proven(&w, &known);
	assert_int_equal(answered("192.0.2.9:5060", MANY), KNOWN_TIMES * BURST_OF);
	assert_int_equal(
	        w.delta.count[STATS_REPLIES_HELD], 2 * MANY - (KNOWN_TIMES + 1) * BURST_OF);
	w.tsc += HZ;
	assert_int_equal(answered("192.0.2.8:5060", MANY), RATE);
	assert_int_equal(answered("192.0.2.9:5060", MANY), KNOWN_TIMES * RATE);
}

static void trusted_sides_have_none(void **state)
{
	(void)state;
	leg.flags = LEG_TRUSTED;
	assert_int_equal(answered("192.0.2.8:5060", 1000), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(proven_sources_have_a_budget, start, stop),
	        cmocka_unit_test_setup_teardown(trusted_sides_have_none, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
