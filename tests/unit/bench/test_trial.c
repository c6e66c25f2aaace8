// What is made of the counts of a trial.
#include "tools/bench/trial.h"

#include <math.h>

#include "tests/unit/unit.h"

static struct trial t;

// A second at 100,000/s that went well.
static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.asked = 100000;
	t.begun = 100000;
	t.seconds = 1;
	t.tsc_hz = 2000000000;
	t.proxy.received = 100000;
	t.proxy_time.cpu_ns = 1000000000;
	t.sent.count[BENCH_N_BUSY_TSC] = 25;
	t.sent.count[BENCH_N_IDLE_TSC] = 75;
	return 0;
}

static void rates_and_costs(void **state)
{
	(void)state;
	assert_true(trial_rate(&t) == 100000);
	assert_true(trial_proxy_rate(&t) == 100000);
	assert_true(trial_cpu_ns(&t) == 10000);
	assert_true(trial_generator_busy(&t) == 0.25);
	t.proxy.stage_packets[STAGE_RX] = 100;
	t.proxy.stage_tsc[STAGE_RX] = 1000;
	t.proxy.stage_packets[STAGE_TX] = 50; // half of them are sent on
	t.proxy.stage_tsc[STAGE_TX] = 1000;
	assert_true(trial_stage_cycles(&t, STAGE_TX) == 20);
	assert_true(trial_stage_cycles(&t, STAGE_PARSE) == 0);
	assert_true(trial_cycles(&t) == 20);
}

static void nothing_measured_is_no_division_by_zero(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	assert_true(trial_rate(&t) == 0 && trial_proxy_rate(&t) == 0 && trial_cycles(&t) == 0);
	assert_true(trial_cpu_ns(&t) == 0 && trial_latency_us(&t, 50000) == 0);
	assert_true(trial_generator_busy(&t) == 0);
	assert_false(trial_is_clean(&t, 1));
}

static void latency_is_of_the_kind_there_is_most_of(void **state)
{
	(void)state;
	histogram_add(&t.sent.kind[BENCH_INVITE].latency, 1000);
	histogram_add(&t.sent.kind[BENCH_OPTIONS].latency, 20000); // 10 us
	histogram_add(&t.sent.kind[BENCH_OPTIONS].latency, 20000);
	assert_true(fabs(trial_latency_us(&t, 50000) - 10) < 0.1);
}

static void loss_is_not_clean(void **state)
{
	(void)state;
	assert_true(trial_is_clean(&t, 0));
	t.lost = 10;
	assert_false(trial_is_clean(&t, 0));
	assert_true(trial_is_clean(&t, 0.0001));
	t.sent.count[BENCH_N_UNEXPECTED] = 1;
	assert_false(trial_is_clean(&t, 0.0001));
}

static void a_corrupt_message_is_never_clean(void **state)
{
	(void)state;
	t.sent.count[BENCH_N_CORRUPT] = 1;
	assert_false(trial_is_clean(&t, 0.5));
}

static void what_others_took_is_excused_and_no_more(void **state)
{
	(void)state;
	t.proxy_time.wait_ns = 10000000; // 10 ms: nothing unusual
	t.lost = 500;
	assert_false(trial_is_disturbed(&t));
	assert_false(trial_is_clean(&t, 0));
	t.proxy_time.wait_ns = 100000000; // 10,000 messages came meanwhile
	assert_true(trial_is_disturbed(&t));
	assert_true(trial_is_clean(&t, 0));
	t.lost = 10001;
	assert_false(trial_is_clean(&t, 0));
}

static void a_busy_generator_is_the_limit(void **state)
{
	(void)state;
	assert_false(trial_generator_limits(&t));
	t.begun = 90000; // others had its core
	assert_false(trial_generator_limits(&t));
	t.sent.count[BENCH_N_BUSY_TSC] = 9900;
	assert_true(trial_generator_limits(&t));
	t.asked = 0; // as much as it can
	assert_false(trial_generator_limits(&t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(rates_and_costs, setup),
	        cmocka_unit_test_setup(nothing_measured_is_no_division_by_zero, setup),
	        cmocka_unit_test_setup(latency_is_of_the_kind_there_is_most_of, setup),
	        cmocka_unit_test_setup(loss_is_not_clean, setup),
	        cmocka_unit_test_setup(a_corrupt_message_is_never_clean, setup),
	        cmocka_unit_test_setup(what_others_took_is_excused_and_no_more, setup),
	        cmocka_unit_test_setup(a_busy_generator_is_the_limit, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
