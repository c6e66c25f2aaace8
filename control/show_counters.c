// Counters of the workers: sums since the last clear, drops, load and latency. Each worker's copy
// is taken whole (stats.h), so that received = sum of all ways can be checked here.
#include "control/show.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/listing.h"

enum { READ_TRIES = 10000 };

static uint64_t ways_sum(const struct stats *s, enum way way)
{
	uint64_t sum = 0;

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		sum += s->way[way][v];
	return sum;
}

static uint64_t verdict_sum(const struct stats *s, unsigned verdict)
{
	uint64_t sum = 0;

	for (unsigned w = 0; w < WAY_COUNT; w++)
		sum += s->way[w][verdict];
	return sum;
}

// received - sum of all ways: 0 when everything is accounted for.
static long long missing(const struct stats *s)
{
	uint64_t sum = 0;

	for (unsigned w = 0; w < WAY_COUNT; w++)
		sum += ways_sum(s, (enum way)w);
	return (long long)(s->received - sum);
}

// The worker's counters since the last clear; false when no consistent copy could be had.
static bool worker_read(struct control *c, unsigned worker, struct stats *out)
{
	bool whole = stats_read(&c->areas.area[worker]->stats, out, READ_TRIES);

	if (c->baseline != NULL && c->baseline_boot == c->areas.boot)
		stats_subtract(out, &c->baseline[worker].stats);
	return whole;
}

void show_counters_sum(struct control *c, struct stats *sum, bool *consistent)
{
	struct stats one;

	*sum = (struct stats){0};
	if (consistent != NULL)
		*consistent = true;
	areas_refresh(&c->areas);
	for (unsigned i = 0; i < c->areas.n; i++) {
		bool whole = worker_read(c, i, &one);

		if (consistent != NULL && (!whole || missing(&one) != 0))
			*consistent = false;
		stats_add(sum, &one);
	}
}

// Of messages held by control, since the last clear.
static struct upcall_counters held_counters(const struct control *c)
{
	const struct upcall_counters *now = upcall_counters(c->upcall);
	const struct upcall_counters *base = &c->upcall_baseline;

	return (struct upcall_counters){
	        .taken = now->taken - base->taken,
	        .sent = now->sent - base->sent,
	        .timeout = now->timeout - base->timeout,
	        .full = now->full - base->full,
	        .bad = now->bad - base->bad,
	        .wanted = now->wanted - base->wanted,
	};
}

static void counters_json(struct command_call *call, const struct stats *s, bool accounted)
{
	const struct upcall_counters held = held_counters(call->control), *p = &held;
	const char *comma = "";

	evbuffer_add_printf(
	        call->out, "{\"received\": %llu,\n \"ways\": [", (unsigned long long)s->received);
	for (unsigned w = 0; w < WAY_COUNT; w++, comma = ", ")
		evbuffer_add_printf(call->out, "%s{\"name\": \"%s\", \"count\": %llu}", comma,
		        way_name[w], (unsigned long long)ways_sum(s, (enum way)w));
	evbuffer_add_printf(call->out, "],\n \"verdicts\": [");
	comma = "";
	for (unsigned w = 0; w < WAY_COUNT; w++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++) {
			if (s->way[w][v] == 0)
				continue;
			evbuffer_add_printf(call->out,
			        "%s\n  {\"name\": \"%s\", \"way\": \"%s\", \"status\": %u, \"count\": %llu}",
			        comma, verdict_row[v].name, way_name[w], verdict_row[v].status,
			        (unsigned long long)s->way[w][v]);
			comma = ",";
		}
	evbuffer_add_printf(call->out, "],\n \"counters\": [");
	comma = "";
	for (unsigned i = 0; i < STATS_COUNT; i++, comma = ",")
		evbuffer_add_printf(call->out, "%s\n  {\"name\": \"%s\", \"count\": %llu}", comma,
		        stats_row[i].name, (unsigned long long)s->count[i]);
	evbuffer_add_printf(call->out,
	        "],\n \"held\": {\"taken\": %llu, \"sent\": %llu, \"timeout\": %llu, \"full\": %llu, "
	        "\"bad\": %llu, \"waiting\": %u},\n \"accounted\": %s, \"missing\": %lld}\n",
	        (unsigned long long)p->taken, (unsigned long long)p->sent,
	        (unsigned long long)p->timeout, (unsigned long long)p->full,
	        (unsigned long long)p->bad, upcall_held(call->control->upcall),
	        accounted ? "true" : "false", missing(s));
}

static void verdict_lines(struct command_call *call, const struct stats *s, enum way way)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (s->way[way][v] != 0)
			evbuffer_add_printf(call->out, "  %-18s %14llu  %s\n", verdict_row[v].name,
			        (unsigned long long)s->way[way][v], verdict_row[v].text);
}

static void held_lines(struct command_call *call)
{
	const struct upcall_counters held = held_counters(call->control), *p = &held;

	if (p->taken == 0)
		return;
	evbuffer_add_printf(call->out,
	        "held by control: %llu, sent on %llu, given up after %d ms %llu, no room %llu, "
	        "waiting %u\n",
	        (unsigned long long)p->taken, (unsigned long long)p->sent, UPCALL_HOLD_MS,
	        (unsigned long long)p->timeout, (unsigned long long)p->full,
	        upcall_held(call->control->upcall));
}

enum command_end show_counters(struct command_call *call)
{
	struct control *c = call->control;
	struct stats s;
	bool accounted;

	show_counters_sum(c, &s, &accounted);
	if (call->json) {
		counters_json(call, &s, accounted);
		return COMMAND_DONE;
	}
	if (c->areas.n == 0)
		evbuffer_add_printf(call->out, "no dataplane has run yet\n");
	evbuffer_add_printf(
	        call->out, "%-20s %14llu\n", "received", (unsigned long long)s.received);
	for (unsigned w = 0; w < WAY_COUNT; w++) {
		evbuffer_add_printf(call->out, "%-20s %14llu\n", way_name[w],
		        (unsigned long long)ways_sum(&s, (enum way)w));
		verdict_lines(call, &s, (enum way)w);
	}
	evbuffer_add_printf(call->out, "\n");
	for (unsigned i = 0; i < STATS_COUNT; i++)
		evbuffer_add_printf(call->out, "%-20s %14llu  %s\n", stats_row[i].name,
		        (unsigned long long)s.count[i], stats_row[i].text);
	held_lines(call);
	if (accounted)
		evbuffer_add_printf(call->out, "accounted: yes\n");
	else
		evbuffer_add_printf(
		        call->out, "accounted: no, received - sum of ways = %lld\n", missing(&s));
	return COMMAND_DONE;
}

enum command_end show_drops(struct command_call *call)
{
	static const struct listing_column columns[] = {{"name", 18, false}, {"status", -6, true},
	        {"replied", -12, true}, {"dropped", -12, true}, {"text", 60, false}};
	struct listing l = {.out = call->out, .json = call->json, .columns = columns, .n = 5};
	struct stats s;

	show_counters_sum(call->control, &s, NULL);
	listing_begin(&l, "drops");
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		const struct verdict_row *r = &verdict_row[v];
		char status[8] = "";

		// 200 to OPTIONS and STUN answers are no refusals.
		if (verdict_sum(&s, v) == 0 || (r->way != WAY_DROPPED && r->way != WAY_REPLIED) ||
		        (r->way == WAY_REPLIED && r->status < 300 && s.way[WAY_DROPPED][v] == 0))
			continue;
		if (r->status != 0)
			snprintf(status, sizeof(status), "%u", r->status);
		listing_row(&l, "%s\t%s\t%llu\t%llu\t%s", r->name, status,
		        (unsigned long long)s.way[WAY_REPLIED][v],
		        (unsigned long long)s.way[WAY_DROPPED][v], r->text);
	}
	listing_end(&l);
	return COMMAND_DONE;
}

// Upper bound of the bucket that holds the share p of all.
static double percentile_us(const struct stats *s, double p)
{
	uint64_t total = 0, seen = 0, goal;

	for (unsigned i = 0; i < STATS_LATENCY_BUCKETS; i++)
		total += s->latency[i];
	if (total == 0)
		return 0;
	goal = (uint64_t)(p * (double)total);
	for (unsigned i = 0; i < STATS_LATENCY_BUCKETS; i++) {
		seen += s->latency[i];
		if (seen > goal || seen == total)
			return (double)stats_latency_limit(i) / 1000;
	}
	return 0;
}

static const struct {
	const char *name;
	double share;
} percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
enum { PERCENTILES = sizeof(percentiles) / sizeof(percentiles[0]) };

static double per_packet(const struct stats *s, unsigned stage)
{
	return s->stage_packets[stage] == 0
	               ? 0
	               : (double)s->stage_tsc[stage] / (double)s->stage_packets[stage];
}

static void worker_json(
        struct command_call *call, unsigned w, const struct stats *s, const struct stats *all)
{
	const struct root *root = call->control->region.root;

	evbuffer_add_printf(call->out,
	        "%s\n  {\"worker\": %u, \"core\": %u, \"idle\": \"%s\", \"received\": %llu, "
	        "\"polls\": %llu, \"empty_polls\": %llu, \"sleeps\": %llu, \"cycles\": {",
	        w == 0 ? "" : ",", w, root->worker[w].core,
	        root->worker[w].adaptive ? "adaptive" : "poll", (unsigned long long)s->received,
	        (unsigned long long)s->count[STATS_POLLS],
	        (unsigned long long)s->count[STATS_EMPTY_POLLS],
	        (unsigned long long)s->count[STATS_SLEEPS]);
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		evbuffer_add_printf(call->out, "%s\"%s\": %.1f", i == 0 ? "" : ", ", stage_name[i],
		        per_packet(s, i));
	evbuffer_add_printf(call->out, "}, \"latency_us\": {");
	for (unsigned i = 0; i < PERCENTILES; i++)
		evbuffer_add_printf(call->out, "%s\"%s\": %.2f", i == 0 ? "" : ", ",
		        percentiles[i].name, percentile_us(s, percentiles[i].share));
	evbuffer_add_printf(call->out, "}, ");
	show_steer_json(call, w, s, all);
	evbuffer_add_printf(call->out, "}");
}

static void worker_text(
        struct command_call *call, unsigned w, const struct stats *s, const struct stats *all)
{
	const struct root *root = call->control->region.root;
	double cycles = 0, polls = (double)s->count[STATS_POLLS];

	evbuffer_add_printf(call->out, "worker %u  core %u  %s  received %llu\n", w,
	        root->worker[w].core, root->worker[w].adaptive ? "adaptive" : "poll",
	        (unsigned long long)s->received);
	evbuffer_add_printf(call->out, "  polls    %llu, %.1f %% empty, %llu sleeps\n",
	        (unsigned long long)s->count[STATS_POLLS],
	        polls > 0 ? 100 * (double)s->count[STATS_EMPTY_POLLS] / polls : 0,
	        (unsigned long long)s->count[STATS_SLEEPS]);
	evbuffer_add_printf(call->out, "  cycles  ");
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		cycles += per_packet(s, i);
		evbuffer_add_printf(call->out, " %s %.0f", stage_name[i], per_packet(s, i));
	}
	evbuffer_add_printf(call->out, " = %.0f a message", cycles);
	if (root->tsc_hz > 0 && cycles > 0)
		evbuffer_add_printf(call->out, " (%.2f us)", cycles * 1e6 / (double)root->tsc_hz);
	evbuffer_add_printf(call->out, "\n  latency  ");
	for (unsigned i = 0; i < PERCENTILES; i++)
		evbuffer_add_printf(call->out, "%s%s %.1f", i == 0 ? "" : "  ", percentiles[i].name,
		        percentile_us(s, percentiles[i].share));
	evbuffer_add_printf(call->out, " us\n");
	show_steer_text(call, w, s, all);
}

enum command_end show_worker(struct command_call *call)
{
	struct control *c = call->control;
	// A dataplane that is not there has no workers, whatever the areas still remember.
	bool lives = publish_dataplane_lives(&c->publish);
	struct stats s, all;

	show_counters_sum(c, &all, NULL);
	if (call->json)
		evbuffer_add_printf(call->out, "{\"workers\": [");
	else if (!lives)
		evbuffer_add_printf(call->out, "no dataplane runs\n");
	for (unsigned w = 0; lives && w < c->areas.n; w++) {
		(void)worker_read(c, w, &s);
		if (call->json)
			worker_json(call, w, &s, &all);
		else
			worker_text(call, w, &s, &all);
	}
	if (call->json)
		evbuffer_add_printf(call->out, "]");
	if (lives)
		show_steer_ports(call);
	if (call->json)
		evbuffer_add_printf(call->out, "}\n");
	return COMMAND_DONE;
}

enum command_end clear_counters(struct command_call *call)
{
	struct control *c = call->control;
	struct baseline *base = NULL;

	areas_refresh(&c->areas);
	if (c->areas.n > 0 && posix_memalign((void **)&base, 64, c->areas.n * sizeof(*base)) != 0)
		return command_fail(call, "out of memory");
	for (unsigned i = 0; i < c->areas.n; i++) {
		(void)stats_read(&c->areas.area[i]->stats, &base[i].stats, READ_TRIES);
		hits_copy(c->areas.area[i]->hits, base[i].hits);
	}
	free(c->baseline);
	c->baseline = base;
	c->baseline_boot = c->areas.boot;
	c->upcall_baseline = *upcall_counters(c->upcall);
	return COMMAND_DONE;
}
