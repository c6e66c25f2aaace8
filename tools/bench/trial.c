// Orders to the generator, and reading what both sides counted.
#include "tools/bench/trial.h"

#include <string.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "tools/bench/interrupt.h"

enum {
	TRIAL_TAKE_MS = 3000,   // for an order
	TRIAL_SETTLE_MS = 3000, // for what is under way
	TRIAL_SLICE_MS = 100,
	TRIAL_REPORT_MS = 5, // workers add up their counters each millisecond
};
#define TRIAL_KEPT 0.995 // of the rate asked for
#define TRIAL_BUSY 0.9
#define TRIAL_DISTURBED 0.02 // of the time; spry-dp's own main lcore takes less

static int give(struct pair *p, struct error *e)
{
	const uint64_t deadline = now_ns() + TRIAL_TAKE_MS * UINT64_C(1000000);

	bench_order_give(p->bench);
	while (!bench_order_taken(p->bench, p->n_generators)) {
		if (!pair_lives(p, e))
			return -1;
		if (now_ns() > deadline)
			return error_set(e, "the generator does not take orders");
		usleep(500);
	}
	return 0;
}

static void read_generator(const struct pair *p, struct bench_stats *out)
{
	memset(out, 0, sizeof(*out));
	out->state = BENCH_DONE;
	for (unsigned i = 0; i < p->n_generators; i++)
		bench_stats_read(p->bench, i, out);
}

static void settle(struct pair *p, struct bench_stats *s)
{
	const uint64_t deadline = now_ns() + TRIAL_SETTLE_MS * UINT64_C(1000000);

	do {
		usleep(TRIAL_REPORT_MS * 1000);
		read_generator(p, s);
	} while ((s->in_flight > 0 || s->open_calls > 0) && now_ns() < deadline &&
	         !interrupt_seen());
}

static struct device_time since(struct device_time now, struct device_time then)
{
	return (struct device_time){now.cpu_ns - then.cpu_ns, now.wait_ns - then.wait_ns};
}

int trial_start(struct pair *p, double rate, struct trial *t, struct error *e)
{
	struct bench_order *o = &p->bench->order;

	memset(t, 0, sizeof(*t));
	t->asked = rate;
	t->tsc_hz = p->generator.region.root->tsc_hz;
	t->generator_base = device_time(&p->generator);
	t->proxy_base_time = device_time(&p->proxy);
	device_stats(&p->proxy, &t->proxy_base);
	o->run = 1;
	o->rate = (uint64_t)(rate / p->n_generators);
	if (p->same_run)
		read_generator(p, &t->sent_base);
	else
		o->clear++;
	if (give(p, e) != 0)
		return -1;
	t->start_ns = now_ns();
	t->end_ns = 0;
	return 0;
}

// What was counted since; first and last moment, and the longest latency, are of the whole.
static void subtract(struct bench_stats *s, const struct bench_stats *base)
{
	for (unsigned i = 0; i < BENCH_COUNTS; i++)
		s->count[i] -= base->count[i];
	for (unsigned i = 0; i < BENCH_FAULTS; i++)
		s->fault[i] -= base->fault[i];
	for (unsigned k = 0; k < BENCH_KINDS; k++) {
		struct bench_kind_stats *to = &s->kind[k];
		const struct bench_kind_stats *from = &base->kind[k];

		to->sent -= from->sent;
		to->received -= from->received;
		to->matched -= from->matched;
		to->latency.n -= from->latency.n;
		to->latency.sum -= from->latency.sum;
		for (unsigned i = 0; i < HISTOGRAM_CELLS; i++)
			to->latency.cell[i] -= from->latency.cell[i];
	}
}

static void add_up(struct trial *t)
{
	t->begun = 0;
	for (unsigned k = 0; k < BENCH_KINDS; k++)
		t->begun += t->sent.kind[k].sent;
	t->lost = t->sent.count[BENCH_N_LOST];
	t->seconds = (double)((t->end_ns != 0 ? t->end_ns : now_ns()) - t->start_ns) / 1e9;
	if (t->end_ns != 0 && t->sent_base.beat == 0 && t->sent.last_tsc > t->sent.first_tsc)
		t->seconds = (double)(t->sent.last_tsc - t->sent.first_tsc) / (double)t->tsc_hz;
}

void trial_look(struct pair *p, struct trial *t)
{
	read_generator(p, &t->sent);
	if (p->same_run)
		subtract(&t->sent, &t->sent_base);
	device_stats(&p->proxy, &t->proxy);
	stats_subtract(&t->proxy, &t->proxy_base);
	t->generator_time = since(
	        t->end_ns != 0 ? t->generator_end : device_time(&p->generator), t->generator_base);
	t->proxy_time =
	        since(t->end_ns != 0 ? t->proxy_end : device_time(&p->proxy), t->proxy_base_time);
	add_up(t);
}

int trial_end(struct pair *p, struct trial *t, struct error *e)
{
	p->bench->order.run = 0;
	if (give(p, e) != 0)
		return -1;
	t->end_ns = now_ns();
	t->generator_end = device_time(&p->generator);
	t->proxy_end = device_time(&p->proxy);
	settle(p, &t->sent);
	trial_look(p, t);
	return pair_lives(p, e) ? 0 : -1;
}

int trial_run(struct pair *p, double rate, double seconds, struct trial *out, struct error *e)
{
	unsigned left = (unsigned)(seconds * 1000);

	if (trial_start(p, rate, out, e) != 0)
		return -1;
	while (left > 0) {
		const unsigned slice = left < TRIAL_SLICE_MS ? left : TRIAL_SLICE_MS;

		if (!interrupt_nap(slice))
			return error_set(e, "interrupted");
		if (!pair_lives(p, e))
			return -1;
		left -= slice;
	}
	return trial_end(p, out, e);
}

double trial_rate(const struct trial *t)
{
	return t->seconds > 0 ? (double)t->begun / t->seconds : 0;
}

double trial_proxy_rate(const struct trial *t)
{
	return t->seconds > 0 ? (double)t->proxy.received / t->seconds : 0;
}

double trial_generator_busy(const struct trial *t)
{
	const double busy = (double)t->sent.count[BENCH_N_BUSY_TSC];
	const double idle = (double)t->sent.count[BENCH_N_IDLE_TSC];

	return busy + idle > 0 ? busy / (busy + idle) : 0;
}

double trial_stage_cycles(const struct trial *t, enum stage_id s)
{
	return t->proxy.stage_packets[s] > 0
	               ? (double)t->proxy.stage_tsc[s] / (double)t->proxy.stage_packets[s]
	               : 0;
}

// A stage that only some messages pass counts for as much.
double trial_cycles(const struct trial *t)
{
	const double all = (double)t->proxy.stage_packets[STAGE_RX];
	double sum = 0;

	for (unsigned s = 0; s < STAGE_COUNT; s++)
		sum += (double)t->proxy.stage_tsc[s];
	return all > 0 ? sum / all : 0;
}

double trial_cpu_ns(const struct trial *t)
{
	return t->proxy.received > 0 ? (double)t->proxy_time.cpu_ns / (double)t->proxy.received : 0;
}

static const struct histogram *main_latency(const struct trial *t)
{
	const struct histogram *h = &t->sent.kind[0].latency;

	for (unsigned k = 1; k < BENCH_KINDS; k++)
		if (t->sent.kind[k].latency.n > h->n)
			h = &t->sent.kind[k].latency;
	return h;
}

double trial_latency_us(const struct trial *t, unsigned per_100k)
{
	return t->tsc_hz > 0 ? (double)histogram_percentile(main_latency(t), per_100k) * 1e6 /
	                               (double)t->tsc_hz
	                     : 0;
}

static double wait_s(const struct trial *t)
{
	return (double)(t->generator_time.wait_ns + t->proxy_time.wait_ns) / 1e9;
}

bool trial_is_disturbed(const struct trial *t)
{
	return wait_s(t) > TRIAL_DISTURBED * t->seconds;
}

bool trial_is_clean(const struct trial *t, double allowed)
{
	const uint64_t *n = t->sent.count;
	double excused = (double)t->begun * allowed;

	if (trial_is_disturbed(t))
		excused += wait_s(t) * trial_rate(t);
	if (n[BENCH_N_CORRUPT] > 0 || t->begun == 0)
		return false;
	return (double)(t->lost + n[BENCH_N_UNEXPECTED] + n[BENCH_N_CALLS_FAILED]) <= excused;
}

bool trial_generator_limits(const struct trial *t)
{
	return t->asked > 0 && trial_rate(t) < TRIAL_KEPT * t->asked &&
	       trial_generator_busy(t) > TRIAL_BUSY;
}
