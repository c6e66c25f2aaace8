// One trial: the generator sends at a rate for a time, then both sides' counts are taken.
#pragma once

#include "tools/bench/pair.h"

struct trial {
	double asked;   // begun per second, all workers; 0 = as fast as the port takes them
	double seconds; // from the first one begun to the last one
	uint64_t begun; // messages, calls or registrations
	uint64_t lost;  // of them, or of their messages
	struct bench_stats sent; // the generator's
	struct stats proxy;      // what the proxy counted in that time
	struct device_time generator_time, proxy_time;
	uint64_t tsc_hz;
	// before it
	uint64_t start_ns, end_ns;
	struct bench_stats sent_base; // zero when the generator began anew
	struct stats proxy_base;
	struct device_time generator_base, proxy_base_time;
	struct device_time generator_end, proxy_end; // when it ended
};

// Runs one: the order is b->order as it stands, with that rate. -1 when a process ended or an
// interrupt came.
int trial_run(struct pair *p, double rate, double seconds, struct trial *out, struct error *e);
// Begins to send and returns, ends what was begun (the interactive mode).
int trial_start(struct pair *p, double rate, struct trial *t, struct error *e);
int trial_end(struct pair *p, struct trial *t, struct error *e);
// Counts so far of a trial that was started.
void trial_look(struct pair *p, struct trial *t);

double trial_rate(const struct trial *t);       // begun per second
double trial_proxy_rate(const struct trial *t); // messages through the proxy per second
// Share of the generator's turns that had work: 1 = it is the limit.
double trial_generator_busy(const struct trial *t);
// Cycles a message in a stage of the proxy, 0 = not measured.
double trial_stage_cycles(const struct trial *t, enum stage_id s);
double trial_cycles(const struct trial *t); // of all stages
// CPU time of the proxy's workers a message, nanoseconds: what it costs, when the trial was as much
// as the proxy takes (a worker that has nothing to do polls). Time others had the core is not in
// it.
double trial_cpu_ns(const struct trial *t);
// Latency of what was matched, microseconds; per_100k as of histogram_percentile().
double trial_latency_us(const struct trial *t, unsigned per_100k);

// Other programs had a worker's core for more than a moment.
bool trial_is_disturbed(const struct trial *t);
// Everything came back, whole and as expected. Not counted: `allowed` (part of what was begun), and
// of a disturbed trial what came in while others had the core.
bool trial_is_clean(const struct trial *t, double allowed);
// The generator could not send as much as it was asked to, though it had its core. (When others had
// it, less was sent too: what counts is trial_rate().)
bool trial_generator_limits(const struct trial *t);
