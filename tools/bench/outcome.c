// One table of figures, printed or as JSON.
#include "tools/bench/outcome.h"

#include <math.h>

#include "tools/bench/line_rate.h"

static const unsigned speeds[] = {10, 25, 100}; // Gbit/s

static const struct percentile {
	const char *name;
	unsigned per_100k;
} percentiles[] = {
        {"p50", 50000}, {"p90", 90000}, {"p99", 99000}, {"p99.9", 99900}, {"max", 100000}};

enum { N_SPEEDS = 3, N_PERCENTILES = 5 };

// Messages a second through the proxy at that rate of what is begun.
static double messages(const struct measure *m, double rate)
{
	const struct trial *t = &m->best;

	return t->begun > 0 ? rate * (double)t->proxy.received / (double)t->begun : 0;
}

double outcome_rate(const struct measure *m)
{
	return messages(m, measure_median(m));
}

// Mean length of the longer side's frames.
static double frame_len(const struct trial *t)
{
	const double in = (double)t->proxy.count[STATS_RX_BYTES] / (double)(t->proxy.received + 1);
	uint64_t sent = 0;

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		sent += t->proxy.way[WAY_FORWARDED][v] + t->proxy.way[WAY_REPLIED][v];
	const double out = (double)t->proxy.count[STATS_TX_BYTES] / (double)(sent + 1);
	return fmax(in, out);
}

static double part_of_line(const struct measure *m, unsigned gigabits)
{
	return 100 * outcome_rate(m) / line_rate(gigabits, frame_len(&m->best));
}

static void print_rate(const struct measure *m, FILE *out)
{
	const double rate = measure_median(m);

	if (rate == 0) {
		fprintf(out, "no rate was loss-free\n");
		return;
	}
	fprintf(out, "loss-free rate   %11.0f messages/s", messages(m, rate));
	if (m->scenario->messages > 1)
		fprintf(out, ", %.0f %s/s", rate, m->scenario->unit);
	fprintf(out, "   (%u runs: min %.0f max %.0f; at most %.4g %% lost)%s\n", m->n_runs,
	        messages(m, m->rate[0]), messages(m, m->rate[m->n_runs - 1]), 100 * m->loss,
	        m->generator_limits ? " THE GENERATOR IS THE LIMIT" : "");
	if (m->disturbed > 0)
		fprintf(out,
		        "                 in %u of %u trials other programs had the cores: what was "
		        "lost meanwhile is not counted\n",
		        m->disturbed, m->trials);
	fprintf(out, "line rate        %.0f-byte frames:", frame_len(&m->best) + LINE_RATE_FCS);
	for (unsigned i = 0; i < N_SPEEDS; i++)
		fprintf(out, "  %.1f %% of %u GbE", part_of_line(m, speeds[i]), speeds[i]);
	fputs("\n", out);
}

static void print_cost(const struct measure *m, FILE *out)
{
	const double ns = trial_cpu_ns(&m->probe);

	fprintf(out,
	        "cost a message   %.0f ns, %.0f cycles of the worker's time at %.0f messages/s, all "
	        "it takes\n",
	        ns, ns * (double)m->probe.tsc_hz / 1e9, trial_proxy_rate(&m->probe));
	fprintf(out, "by stage         %.0f cycles:", trial_cycles(&m->best));
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		fprintf(out, "  %s %.0f", stage_name[s], trial_stage_cycles(&m->best, s));
	fputs("\n", out);
}

static void print_latency(const struct measure *m, FILE *out)
{
	fprintf(out, "latency          at 80 %% of it, us:");
	for (unsigned i = 0; i < N_PERCENTILES; i++)
		fprintf(out, "  %s %.1f", percentiles[i].name,
		        trial_latency_us(&m->at_80, percentiles[i].per_100k));
	fprintf(out, "\ngenerator        busy %.0f %% of its turns at the loss-free rate\n",
	        100 * trial_generator_busy(&m->best));
}

// Ways other than forwarded.
static void each_other_way(const struct trial *t,
        void (*fn)(void *arg, enum way way, enum verdict v, uint64_t n), void *arg)
{
	for (unsigned w = 0; w < WAY_COUNT; w++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			if (t->proxy.way[w][v] > 0 && w != WAY_FORWARDED)
				fn(arg, w, v, t->proxy.way[w][v]);
}

static void print_way(void *arg, enum way way, enum verdict v, uint64_t n)
{
	fprintf(arg, "  %s %s %llu", way_name[way], verdict_row[v].name, (unsigned long long)n);
}

static void print_faults(const struct trial *t, FILE *out)
{
	const uint64_t *n = t->sent.count;

	fprintf(out, "checks           %llu sent, %llu checked, %llu corrupt",
	        (unsigned long long)n[BENCH_N_SENT], (unsigned long long)n[BENCH_N_CHECKED],
	        (unsigned long long)n[BENCH_N_CORRUPT]);
	for (unsigned f = 0; f < BENCH_FAULTS; f++)
		if (t->sent.fault[f] > 0)
			fprintf(out, " (%s %llu)", bench_fault_row[f].name,
			        (unsigned long long)t->sent.fault[f]);
	fprintf(out, ", %llu twice, %llu out of order\n", (unsigned long long)n[BENCH_N_DUPLICATE],
	        (unsigned long long)n[BENCH_N_REORDERED]);
}

void outcome_print(const struct measure *m, FILE *out)
{
	const struct trial *t = measure_median(m) > 0 ? &m->best : &m->probe;

	fprintf(out, "scenario         %s, %u bytes", m->scenario->name, m->size);
	if (m->bindings > 0)
		fprintf(out, ", %llu bindings", (unsigned long long)m->bindings);
	fprintf(out, "; %s, scanner %s, %s\n", m->cpu, m->scan,
	        m->huge ? "huge pages" : "no huge pages");
	print_rate(m, out);
	if (measure_median(m) > 0) {
		print_cost(m, out);
		print_latency(m, out);
	}
	print_faults(t, out);
	fprintf(out, "other ways     ");
	each_other_way(t, print_way, out);
	fputs("\n", out);
}

static void add_way(void *arg, enum way way, enum verdict v, uint64_t n)
{
	char name[96];

	snprintf(name, sizeof(name), "%s %s", way_name[way], verdict_row[v].name);
	json_object_set_new(arg, name, json_integer((json_int_t)n));
}

static void set_count(json_t *o, const char *name, uint64_t n)
{
	json_object_set_new(o, name, json_integer((json_int_t)n));
}

static void set_number(json_t *o, const char *name, double v)
{
	json_object_set_new(o, name, json_real(isfinite(v) ? v : 0));
}

static json_t *stages_json(const struct measure *m)
{
	json_t *o = json_object();

	for (unsigned s = 0; s < STAGE_COUNT; s++)
		set_number(o, stage_name[s], trial_stage_cycles(&m->best, s));
	return o;
}

static json_t *latency_json(const struct measure *m)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < N_PERCENTILES; i++)
		set_number(o, percentiles[i].name,
		        trial_latency_us(&m->at_80, percentiles[i].per_100k));
	return o;
}

static json_t *curve_json(const struct measure *m)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < m->n_points; i++) {
		json_t *o = json_object();

		set_number(o, "rate", m->point[i].rate);
		set_number(o, "p50_us", m->point[i].p50_us);
		set_number(o, "p99_us", m->point[i].p99_us);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *line_json(const struct measure *m)
{
	json_t *o = json_object();
	char name[16];

	for (unsigned i = 0; i < N_SPEEDS; i++) {
		snprintf(name, sizeof(name), "%u", speeds[i]);
		set_number(o, name, part_of_line(m, speeds[i]));
	}
	return o;
}

static void rates_json(json_t *o, const struct measure *m)
{
	const double rate = measure_median(m);

	set_number(o, "rate", messages(m, rate));
	set_number(o, "rate_min", m->n_runs > 0 ? messages(m, m->rate[0]) : 0);
	set_number(o, "rate_max", m->n_runs > 0 ? messages(m, m->rate[m->n_runs - 1]) : 0);
	set_number(o, "begun_rate", rate);
	json_object_set_new(o, "unit", json_string(m->scenario->unit));
	set_number(o, "capacity", trial_proxy_rate(&m->probe));
	json_object_set_new(o, "generator_limits", json_boolean(m->generator_limits));
	set_number(o, "generator_busy", trial_generator_busy(&m->best));
	json_object_set_new(o, "line_rate_percent", line_json(m));
}

json_t *outcome_json(const struct measure *m)
{
	const struct trial *t = measure_median(m) > 0 ? &m->best : &m->probe;
	json_t *o = json_object(), *ways = json_object();

	json_object_set_new(o, "scenario", json_string(m->scenario->name));
	set_count(o, "size", m->size);
	set_count(o, "bindings", m->bindings);
	set_count(o, "runs", m->n_runs);
	set_count(o, "trials", m->trials);
	set_count(o, "trials_disturbed", m->disturbed);
	set_number(o, "trial_s", m->seconds);
	set_number(o, "loss_allowed", m->loss);
	rates_json(o, m);
	set_number(o, "ns", trial_cpu_ns(&m->probe));
	set_number(o, "cycles", trial_cpu_ns(&m->probe) * (double)t->tsc_hz / 1e9);
	set_number(o, "all_stages_cycles", trial_cycles(t));
	set_count(o, "tsc_hz", t->tsc_hz);
	json_object_set_new(o, "stage_cycles", stages_json(m));
	json_object_set_new(o, "latency_us", latency_json(m));
	// of the probe: as much as the proxy takes
	set_count(o, "messages", m->probe.proxy.received);
	set_number(o, "worker_cpu_s", (double)m->probe.proxy_time.cpu_ns / 1e9);
	set_count(o, "lost", t->lost);
	set_count(o, "corrupt", t->sent.count[BENCH_N_CORRUPT]);
	set_count(o, "checked", t->sent.count[BENCH_N_CHECKED]);
	set_count(o, "reordered", t->sent.count[BENCH_N_REORDERED]);
	set_count(o, "duplicate", t->sent.count[BENCH_N_DUPLICATE]);
	each_other_way(t, add_way, ways);
	json_object_set_new(o, "other_ways", ways);
	json_object_set_new(o, "curve", curve_json(m));
	json_object_set_new(o, "cpu", json_string(m->cpu));
	json_object_set_new(o, "scanner", json_string(m->scan));
	json_object_set_new(o, "huge", json_boolean(m->huge));
	return o;
}
