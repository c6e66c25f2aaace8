// Tables of the trial that runs or ran last.
#include "tools/bench/session_show.h"

void session_show_config(const struct session *s, FILE *out)
{
	const struct scenario *c = s->wish.scenario;
	const uint16_t *weight = s->mixed ? s->weight : c->weight;

	fprintf(out, "scenario   %s: %s\n", c->name, c->text);
	fprintf(out, "engine     %s, core %s; proxy, core %s\n", s->wish.pair.engine,
	        s->wish.pair.generator_cores, s->wish.pair.proxy_cores);
	if (s->rate > 0)
		fprintf(out, "rate       %.0f/s\n", s->rate);
	else
		fprintf(out, "rate       as fast as it goes, %u in flight\n", s->in_flight);
	fputs("mix       ", out);
	for (unsigned k = 0; k < BENCH_KINDS; k++)
		if (weight[k] > 0)
			fprintf(out, " %s %u", bench_kind_row[k].name, weight[k]);
	fprintf(out, "\nsize       %u\n", s->wish.size != 0 ? s->wish.size : c->size);
	fprintf(out, "users      %u\n", s->users != 0 ? s->users : c->users);
	if (c->bindings > 0)
		fprintf(out, "bindings   %llu\n",
		        (unsigned long long)(s->wish.bindings != 0 ? s->wish.bindings
		                                                   : c->bindings));
	fprintf(out, "state      %s%s\n",
	        s->sending ? "sending"
	        : s->there ? "ready"
	                   : "not started",
	        s->there && s->changed ? ", restarts at the next start" : "");
}

static void ports_of(const struct device *d, FILE *out)
{
	const struct root *root = d->region.root;

	for (unsigned i = 0; i < atomic_load(&root->n_ports); i++) {
		const struct root_port *p = &root->port[i];

		fprintf(out,
		        "%-10s %-8s %-12s %-4s rx %llu (%llu missed, %llu no buffer)  tx %llu\n",
		        d->name, p->name, p->driver, p->link_up ? "up" : "down",
		        (unsigned long long)p->rx_packets, (unsigned long long)p->missed,
		        (unsigned long long)p->no_buffer, (unsigned long long)p->tx_packets);
	}
}

void session_show_ports(const struct session *s, FILE *out)
{
	ports_of(&s->pair.generator, out);
	ports_of(&s->pair.proxy, out);
	fprintf(out, "now        %.0f begun/s, %.0f messages/s through the proxy\n",
	        trial_rate(&s->trial), trial_proxy_rate(&s->trial));
}

void session_show_latency(const struct session *s, FILE *out)
{
	static const unsigned per_100k[] = {50000, 90000, 99000, 99900, 100000};
	const struct trial *t = &s->trial;

	fprintf(out, "%-10s %10s %9s %9s %9s %9s %9s  us\n", "", "matched", "p50", "p90", "p99",
	        "p99.9", "max");
	for (unsigned k = 0; k < BENCH_KINDS; k++) {
		const struct histogram *h = &t->sent.kind[k].latency;

		if (h->n == 0)
			continue;
		fprintf(out, "%-10s %10llu", bench_kind_row[k].name, (unsigned long long)h->n);
		for (unsigned i = 0; i < 5; i++)
			fprintf(out, " %9.1f",
			        (double)histogram_percentile(h, per_100k[i]) * 1e6 /
			                (double)t->tsc_hz);
		fputs("\n", out);
	}
}

static void sample(const struct trial *t, FILE *out)
{
	const uint32_t len = t->sent.sample_len;

	if (len == 0 || len > BENCH_SAMPLE_MAX || t->sent.sample_fault >= BENCH_FAULTS)
		return;
	fprintf(out, "first message with a fault (%s: %s):\n",
	        bench_fault_row[t->sent.sample_fault].name,
	        bench_fault_row[t->sent.sample_fault].text);
	for (uint32_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)t->sent.sample[i];

		if (c == '\n' || (c >= ' ' && c < 127))
			fputc(c, out);
		else if (c != '\r')
			fprintf(out, "\\x%02X", c);
	}
}

void session_show_summary(const struct session *s, FILE *out)
{
	const struct trial *t = &s->trial;

	fprintf(out, "%llu begun in %.2f s, %.0f/s; through the proxy %.0f messages/s\n",
	        (unsigned long long)t->begun, t->seconds, trial_rate(t), trial_proxy_rate(t));
	for (unsigned i = 0; i < BENCH_COUNTS; i++)
		if (t->sent.count[i] > 0 && i != BENCH_N_BUSY_TSC && i != BENCH_N_IDLE_TSC)
			fprintf(out, "  %-15s %12llu  %s\n", bench_count_row[i].name,
			        (unsigned long long)t->sent.count[i], bench_count_row[i].text);
	for (unsigned f = 0; f < BENCH_FAULTS; f++)
		if (t->sent.fault[f] > 0)
			fprintf(out, "  fault %-9s %12llu  %s\n", bench_fault_row[f].name,
			        (unsigned long long)t->sent.fault[f], bench_fault_row[f].text);
	fprintf(out, "generator busy %.0f %%; proxy %.0f cycles a message:",
	        100 * trial_generator_busy(t), trial_cycles(t));
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		fprintf(out, "  %s %.0f", stage_name[i], trial_stage_cycles(t, i));
	fputs("\nproxy ways:", out);
	for (unsigned w = 0; w < WAY_COUNT; w++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			if (t->proxy.way[w][v] > 0)
				fprintf(out, "  %s %s %llu", way_name[w], verdict_row[v].name,
				        (unsigned long long)t->proxy.way[w][v]);
	fputs("\n", out);
	sample(t, out);
}
