// Checking an arrival: the request it began as is written again by its mark, and compared.
#include "dataplane/generator/generator.h"
#include "dataplane/generator/verify.h"

void judge_fault(struct generator *g, enum bench_fault f, struct str bytes)
{
	struct bench_stats *s = g->stats;

	s->fault[f]++;
	generator_count(g, BENCH_N_CORRUPT, 1);
	if (s->sample_len != 0 || bytes.len == 0)
		return;
	bytes = str_head(bytes, sizeof(s->sample));
	s->sample_fault = f;
	memcpy(s->sample, bytes.p, bytes.len);
	s->sample_len = (uint32_t)bytes.len;
}

// The request as it was sent; of a RESPONSE: the INVITE it answers, with the mark of the response.
static struct str write_again(const struct generator *g, const struct mark *m, char *out)
{
	const struct template *t = &g->template[order_template(m)];
	struct template_words words;
	struct mark as = *m;

	if (m->kind == BENCH_RESPONSE)
		as.kind = BENCH_INVITE;
	order_words(g, &as, &words);
	if (m->kind == BENCH_RESPONSE)
		mark_digits(m, g->key, words.mark);
	template_write(t, &words, out);
	return (struct str){out, t->len};
}

// From the proxy's address, to the one of ours it belongs to?
static bool addresses_ok(const struct generator *g, const struct arrival *a,
        const struct wire_datagram *d, const struct addr *caller)
{
	const enum bench_side_id side = a->response ? BENCH_CALLER : BENCH_CALLEE;
	const struct bench_side *s = &g->order.side[side];

	if (!addr_eq(&d->src, &s->proxy))
		return false;
	return addr_eq(&d->dst, a->response ? caller : &s->local);
}

bool judge(struct generator *g, const struct arrival *a)
{
	const bool in_dialog = a->mark.kind == BENCH_DIALOG && a->mark.index > 0;
	const struct addr caller = wire_source(&g->wire[BENCH_CALLER], a->mark.call);
	struct wire_datagram d = {.bytes = a->bytes};
	char sent[TEMPLATE_ROOM];
	struct verify v = {.order = &g->order,
	        .side = a->response ? BENCH_CALLER : BENCH_CALLEE,
	        .from = caller,
	        .in_dialog = in_dialog,
	        .callee_contact = a->response && a->status < 300 && !in_dialog &&
	                          (a->mark.kind == BENCH_DIALOG || a->mark.kind == BENCH_RESPONSE),
	        .uri = g->order.side[BENCH_CALLEE].local};
	enum bench_fault f;

	generator_count(g, BENCH_N_CHECKED, 1);
	if (wire_parse(a->mbuf, &d, &f) != WIRE_DATAGRAM && f == BENCH_FAULTS)
		f = BENCH_BAD_FRAME;
	if (f == BENCH_FAULTS && !addresses_ok(g, a, &d, &caller))
		f = BENCH_BAD_ADDRESS;
	v.sent = write_again(g, &a->mark, sent);
	if (f == BENCH_FAULTS)
		f = a->response ? verify_response(&v, a->bytes) : verify_request(&v, a->bytes);
	if (f == BENCH_FAULTS)
		return true;
	judge_fault(g, f, a->bytes);
	return false;
}
