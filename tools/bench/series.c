// The steps, and the measurement at each.
#include "tools/bench/series.h"

#include <string.h>

#include "tools/bench/outcome.h"
#include "tools/bench/plot.h"

static const uint64_t bindings[] = {1000, 10000, 100000, 1000000, 3000000, 10000000};
static const uint64_t sizes[] = {300, 550, 800, 1400};

struct series {
	const uint64_t *step;
	unsigned n;
	bool sizes;
};

static int check(const struct options *o, const struct series *s, struct error *e)
{
	if (o->plot != NULL && plot_check(e) != 0)
		return -1;
	if (!s->sizes && o->wish.scenario->bindings == 0)
		return error_set(e, "scenario %s has no bindings; try invite-location",
		        o->wish.scenario->name);
	return 0;
}

static void print_step(uint64_t step, const struct measure *m, double rate, double ns)
{
	printf("%12llu %14.0f %12.0f %9.0f %9.1f %9.1f\n", (unsigned long long)step, rate,
	        ns * (double)m->probe.tsc_hz / 1e9, ns, trial_latency_us(&m->at_80, 50000),
	        trial_latency_us(&m->at_80, 99900));
	fflush(stdout);
}

static void take_step(
        const struct measure *m, uint64_t step, struct plot *plot, const struct options *o)
{
	const double ns = trial_cpu_ns(&m->probe);
	const double rate = outcome_rate(m);

	if (!o->json)
		print_step(step, m, rate, ns);
	plot->point[plot->n++] = (struct plot_point){.x = (double)step,
	        .rate = rate,
	        .ns = ns,
	        .p50_us = trial_latency_us(&m->at_80, 50000),
	        .p99_us = trial_latency_us(&m->at_80, 99000)};
}

static int print_all(json_t *all)
{
	const int rc = json_dumpf(all, stdout, JSON_INDENT(2));

	return rc == 0 && puts("") >= 0 ? 0 : -1;
}

static int each(const struct options *o, const struct series *s, struct plot *plot, json_t *all,
        struct error *e)
{
	static struct measure m;

	for (unsigned i = 0; i < s->n; i++) {
		struct measure_wish w = o->wish;

		if (s->sizes)
			w.size = (unsigned)s->step[i];
		else if (o->wish.bindings != 0 && s->step[i] > o->wish.bindings)
			break;
		else
			w.bindings = s->step[i];
		if (measure_run(&w, &m, e) != 0)
			return -1;
		take_step(&m, s->step[i], plot, o);
		json_array_append_new(all, outcome_json(&m));
	}
	return 0;
}

int series_run(const struct options *o, struct error *e)
{
	const bool by_size = strcmp(o->sweep, "size") == 0;
	const struct series s = {.step = by_size ? sizes : bindings,
	        .n = by_size ? sizeof(sizes) / sizeof(sizes[0])
	                     : sizeof(bindings) / sizeof(bindings[0]),
	        .sizes = by_size};
	struct plot plot = {.file = o->plot,
	        .title = o->wish.scenario->name,
	        .x_label = by_size ? "bytes of a request" : "bindings",
	        .cost = true,
	        .log_x = !by_size};
	json_t *all;
	int rc;

	if (check(o, &s, e) != 0)
		return -1;
	if (!o->json)
		printf("%12s %14s %12s %9s %9s %9s\n", o->sweep, "messages/s", "cycles", "ns",
		        "p50 us", "p99.9 us");
	all = json_array();
	rc = each(o, &s, &plot, all, e);
	if (rc == 0 && o->json)
		rc = print_all(all);
	json_decref(all);
	return rc == 0 && o->plot != NULL ? plot_draw(&plot, e) : rc;
}
