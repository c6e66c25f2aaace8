// A whole measurement of a scenario: processes, search for the highest loss-free rate, latency
// below it.
#pragma once

#include "tools/bench/search.h"
#include "tools/bench/trial.h"

enum { MEASURE_RUNS_MAX = 9, MEASURE_TRIALS = 16, MEASURE_POINTS = 7 };

struct measure_wish {
	const struct scenario *scenario;
	struct pair_wish pair;
	double seconds;    // of a trial
	unsigned runs;     // searches; the median counts
	unsigned trials;   // most of a search
	double resolution; // part of the rate
	double loss;       // allowed, part of what was begun
	unsigned size;     // 0 = the scenario's
	uint64_t bindings; // 0 = the scenario's
	bool curve;        // latency at parts of the rate, too
	bool quiet;        // nothing on stderr
};

struct measure_point {
	double rate; // messages/s through the proxy
	double p50_us, p99_us;
};

struct measure {
	const struct scenario *scenario;
	unsigned size;
	uint64_t bindings;
	unsigned n_runs;
	double rate[MEASURE_RUNS_MAX]; // begun per second, sorted
	double loss, seconds;
	unsigned trials, disturbed;
	bool generator_limits; // it could not send faster: the proxy may do more
	bool huge;
	char scan[16]; // the proxy's scanner
	char cpu[64];
	struct trial best;  // a clean one, at the median or nearest to it
	struct trial probe; // as much as the proxy takes, with a bound of what is under way
	unsigned n_points;  // of the curve
	struct measure_point point[MEASURE_POINTS];
	struct trial at_80; // at 80 % of the median
};

// A measurement that fills in what the wish leaves open.
void measure_default(struct measure_wish *w);
// -1 with error (interrupted, a process ended, ...). Nothing runs afterwards. *m is large: static.
int measure_run(const struct measure_wish *w, struct measure *m, struct error *e);
double measure_median(const struct measure *m); // begun per second
