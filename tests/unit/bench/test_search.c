// The search finds what a device with a known loss-free rate can do, in few trials; and says what
// it could not find.
#include "tools/bench/search.h"

#include "tests/unit/unit.h"

struct simulated {
	double can;          // loss-free up to here
	unsigned unlucky;    // this trial fails whatever the rate
	unsigned stop_after; // 0 = never
	unsigned trials;
	double most_tried;
};

static enum search_answer try(void *arg, double rate)
{
	struct simulated *d = arg;

	d->trials++;
	d->most_tried = rate > d->most_tried ? rate : d->most_tried;
	if (d->stop_after != 0 && d->trials > d->stop_after)
		return SEARCH_STOP;
	return rate <= d->can && d->trials != d->unlucky ? SEARCH_PASS : SEARCH_FAIL;
}

static void finds_the_rate_from_any_guess(void **state)
{
	static const double guesses[] = {1e3, 9e5, 2.5e6, 2.6e6, 3e6, 9e7};

	(void)state;
	for (unsigned i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		const struct search s = {
		        .guess = guesses[i], .most = 1e8, .resolution = 0.01, .max_trials = 100};
		struct simulated d = {.can = 2.6e6};
		const struct search_result r = search_run(&s, try, &d);

		assert_true(r.rate <= 2.6e6 && r.rate >= 2.6e6 * 0.99);
		assert_true(r.failed > 2.6e6);
		assert_int_equal(r.trials, d.trials);
		assert_false(r.stopped);
	}
}

static void a_good_guess_needs_few_trials(void **state)
{
	const struct search s = {.guess = 2.5e6, .most = 1e8, .resolution = 0.02, .max_trials = 16};
	struct simulated d = {.can = 2.6e6};
	const struct search_result r = search_run(&s, try, &d);

	(void)state;
	assert_true(r.rate >= 2.6e6 * 0.97);
	assert_in_range(r.trials, 2, 8);
}

static void trials_are_bounded(void **state)
{
	const struct search s = {.guess = 1, .most = 1e8, .resolution = 0, .max_trials = 7};
	struct simulated d = {.can = 2.6e6};

	(void)state;
	assert_int_equal(search_run(&s, try, &d).trials, 7);
}

static void nothing_above_the_most_is_tried(void **state)
{
	const struct search s = {.guess = 5e5, .most = 1e6, .resolution = 0.01, .max_trials = 50};
	struct simulated d = {.can = 1e9};
	const struct search_result r = search_run(&s, try, &d);

	(void)state;
	assert_true(r.rate == 1e6 && r.failed == 0);
	assert_true(d.most_tried == 1e6);
}

static void a_device_that_loses_everything(void **state)
{
	const struct search s = {.guess = 1e6, .most = 1e8, .resolution = 0.01, .max_trials = 20};
	struct simulated d = {.can = 0};
	const struct search_result r = search_run(&s, try, &d);

	(void)state;
	assert_true(r.rate == 0);
	assert_int_equal(r.trials, 20);
}

static void one_unlucky_trial_does_not_ruin_it(void **state)
{
	const struct search s = {.guess = 2e6, .most = 1e8, .resolution = 0.02, .max_trials = 16};
	struct simulated d = {.can = 2.6e6, .unlucky = 1};
	const struct search_result r = search_run(&s, try, &d);

	(void)state;
	assert_true(r.rate > 1.9e6); // below the unlucky rate, but near to it
}

static void stops_when_told(void **state)
{
	const struct search s = {.guess = 1e6, .most = 1e8, .resolution = 0.01, .max_trials = 20};
	struct simulated d = {.can = 2.6e6, .stop_after = 3};
	const struct search_result r = search_run(&s, try, &d);

	(void)state;
	assert_true(r.stopped);
	assert_int_equal(r.trials, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_the_rate_from_any_guess),
	        cmocka_unit_test(a_good_guess_needs_few_trials),
	        cmocka_unit_test(trials_are_bounded),
	        cmocka_unit_test(nothing_above_the_most_is_tried),
	        cmocka_unit_test(a_device_that_loses_everything),
	        cmocka_unit_test(one_unlucky_trial_does_not_ruin_it),
	        cmocka_unit_test(stops_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
