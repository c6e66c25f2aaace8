// From the guess outwards until one rate passed and one failed, then by halves.
#include "tools/bench/search.h"

#define SEARCH_UP 1.25
#define SEARCH_DOWN 0.75

static double next_rate(const struct search *s, const struct search_result *r)
{
	double rate = (r->rate + r->failed) / 2;

	if (r->trials == 0)
		rate = s->guess;
	else if (r->failed == 0)
		rate = r->rate * SEARCH_UP;
	else if (r->rate == 0)
		rate = r->failed * SEARCH_DOWN;
	return rate < s->most ? rate : s->most;
}

static bool is_done(const struct search *s, const struct search_result *r)
{
	if (r->stopped || r->trials >= s->max_trials || r->rate >= s->most)
		return true;
	return r->failed > 0 && r->failed - r->rate <= s->resolution * r->failed;
}

struct search_result search_run(const struct search *s, search_fn try, void *arg)
{
	struct search_result r = {0};

	while (!is_done(s, &r)) {
		const double rate = next_rate(s, &r);
		const enum search_answer answer = try(arg, rate);

		r.trials++;
		if (answer == SEARCH_PASS)
			r.rate = rate;
		else if (answer == SEARCH_FAIL)
			r.failed = rate;
		else
			r.stopped = true;
	}
	return r;
}
