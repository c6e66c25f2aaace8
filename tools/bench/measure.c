// See measure_run(): it reads from top to bottom what a measurement is.
#include "tools/bench/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/interrupt.h"

enum { MEASURE_IN_FLIGHT = 512, MEASURE_CALLS_IN_FLIGHT = 4096 };
#define MEASURE_PROBE_S 0.5
#define MEASURE_MOST 1e8
#define MEASURE_LATENCY_SHARE 0.8
#define MEASURE_REGISTER_RATE 40000.0

struct measuring {
	const struct measure_wish *wish;
	struct measure *to;
	struct pair pair;
	struct trial trial; // the last one
	unsigned run;
	struct error *e;
};

void measure_default(struct measure_wish *w)
{
	*w = (struct measure_wish){
	        .pair = {.generator_cores = "0", .proxy_cores = "1", .engine = "generator"},
	        .seconds = 1,
	        .runs = 3,
	        .trials = MEASURE_TRIALS,
	        .resolution = 0.02,
	        .loss = 0.0001};
}

static void say(const struct measuring *g, const char *what, bool clean)
{
	const struct trial *t = &g->trial;
	const uint64_t *n = t->sent.count;

	if (g->wish->quiet)
		return;
	fprintf(stderr,
	        "%-8s %9.0f %s/s, %llu lost, %llu corrupt, p50 %.1f us, generator busy %.0f %%, "
	        "without core %.1f + %.1f ms%s\n",
	        what, trial_rate(t), g->to->scenario->unit, (unsigned long long)t->lost,
	        (unsigned long long)n[BENCH_N_CORRUPT], trial_latency_us(t, 50000),
	        100 * trial_generator_busy(t), (double)t->generator_time.wait_ns / 1e6,
	        (double)t->proxy_time.wait_ns / 1e6,
	        trial_generator_limits(t) ? ": the generator is too slow"
	        : clean                   ? ""
	                                  : ": not clean");
}

static int one(struct measuring *g, double rate, double seconds)
{
	return trial_run(&g->pair, rate, seconds, &g->trial, g->e);
}

static enum search_answer try(void *arg, double rate)
{
	struct measuring *g = arg;
	char what[24];
	bool clean, limits;

	if (one(g, rate, g->wish->seconds) != 0)
		return SEARCH_STOP;
	limits = trial_generator_limits(&g->trial);
	clean = trial_is_clean(&g->trial, g->wish->loss);
	g->to->trials++;
	g->to->disturbed += trial_is_disturbed(&g->trial);
	snprintf(what, sizeof(what), "run %u", g->run + 1);
	say(g, what, clean);
	g->to->generator_limits |= clean && limits;
	if (!clean || limits)
		return SEARCH_FAIL;
	if (trial_rate(&g->trial) > g->to->rate[g->run])
		g->to->rate[g->run] = trial_rate(&g->trial);
	if (trial_rate(&g->trial) > trial_rate(&g->to->best))
		g->to->best = g->trial;
	return SEARCH_PASS;
}

// Everybody registers once, through the registrar.
static int warm_up(struct measuring *g)
{
	struct bench_order *o = &g->pair.bench->order;
	const double seconds = o->n_users / MEASURE_REGISTER_RATE;
	int rc;

	if ((g->wish->scenario->flags & SCENARIO_REGISTER) == 0)
		return 0;
	o->limit = o->n_users;
	rc = one(g, MEASURE_REGISTER_RATE, seconds + 0.5);
	o->limit = 0;
	if (rc == 0)
		say(g, "warm-up", true);
	return rc;
}

// What the proxy takes when as much is sent as it gives back.
static int probe(struct measuring *g)
{
	struct bench_order *o = &g->pair.bench->order;
	int rc;

	o->in_flight =
	        g->wish->scenario->messages > 1 ? MEASURE_CALLS_IN_FLIGHT : MEASURE_IN_FLIGHT;
	rc = one(g, 0, g->wish->seconds > MEASURE_PROBE_S ? g->wish->seconds : MEASURE_PROBE_S);
	o->in_flight = 0;
	if (rc != 0)
		return -1;
	say(g, "probe", true);
	if (g->trial.begun == 0)
		return error_set(g->e, "the generator sent nothing");
	g->to->probe = g->trial;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double measure_median(const struct measure *m)
{
	return m->n_runs > 0 ? m->rate[m->n_runs / 2] : 0;
}

static int search_all(struct measuring *g)
{
	struct search s = {.guess = trial_rate(&g->to->probe) * 0.95,
	        .most = MEASURE_MOST,
	        .resolution = g->wish->resolution,
	        .max_trials = g->wish->trials};

	for (g->run = 0; g->run < g->wish->runs; g->run++) {
		const struct search_result r = search_run(&s, try, g);

		if (r.stopped)
			return -1;
		g->to->n_runs++;
		if (r.rate > 0)
			s.guess = r.rate;
	}
	qsort(g->to->rate, g->to->n_runs, sizeof(g->to->rate[0]), compare);
	return 0;
}

static int latency(struct measuring *g)
{
	if (measure_median(g->to) == 0)
		return 0; // the report says so
	if (one(g, measure_median(g->to) * MEASURE_LATENCY_SHARE, g->wish->seconds) != 0)
		return -1;
	g->to->at_80 = g->trial;
	say(g, "at 80 %", trial_is_clean(&g->trial, g->wish->loss));
	return 0;
}

static int curve(struct measuring *g)
{
	static const double shares[MEASURE_POINTS] = {0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 0.97};
	struct measure *m = g->to;

	if (!g->wish->curve || measure_median(m) == 0)
		return 0;
	for (unsigned i = 0; i < MEASURE_POINTS; i++) {
		if (one(g, measure_median(m) * shares[i], g->wish->seconds) != 0)
			return -1;
		say(g, "curve", trial_is_clean(&g->trial, g->wish->loss));
		m->point[m->n_points++] =
		        (struct measure_point){.rate = trial_proxy_rate(&g->trial),
		                .p50_us = trial_latency_us(&g->trial, 50000),
		                .p99_us = trial_latency_us(&g->trial, 99000)};
	}
	return 0;
}

static void cpu_name(char *out, size_t room)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(out, room, "unknown CPU");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(out, room, "%s", strchr(line, ':') + 2);
			break;
		}
	if (f != NULL)
		fclose(f);
}

static void begin(struct measuring *g)
{
	const struct measure_wish *w = g->wish;
	struct measure *m = g->to;

	memset(m, 0, sizeof(*m));
	m->scenario = w->scenario;
	m->size = w->size != 0 ? w->size : w->scenario->size;
	m->bindings = w->scenario->bindings == 0 ? 0
	              : w->bindings != 0         ? w->bindings
	                                         : w->scenario->bindings;
	m->loss = w->loss;
	m->seconds = w->seconds;
	cpu_name(m->cpu, sizeof(m->cpu));
}

int measure_run(const struct measure_wish *w, struct measure *m, struct error *e)
{
	static struct measuring g;
	int rc;

	memset(&g, 0, sizeof(g));
	g.wish = w;
	g.to = m;
	g.e = e;
	begin(&g);
	if (!w->quiet)
		fprintf(stderr, "%s: %s\n", w->scenario->name, w->scenario->text);
	if (pair_start(&g.pair, w->scenario, &w->pair, m->bindings, e) != 0)
		return -1;
	m->huge = !g.pair.proxy.region.root->no_huge;
	snprintf(m->scan, sizeof(m->scan), "%s", g.pair.proxy.region.root->scan);
	scenario_order(w->scenario, &g.pair.ports, m->bindings, &g.pair.bench->order);
	g.pair.bench->order.size = (uint16_t)m->size;
	rc = warm_up(&g);
	if (rc == 0)
		rc = probe(&g);
	if (rc == 0)
		rc = search_all(&g);
	if (rc == 0)
		rc = latency(&g);
	if (rc == 0)
		rc = curve(&g);
	pair_stop(&g.pair);
	return rc;
}
