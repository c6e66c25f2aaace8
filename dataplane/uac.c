// The caller of the load generator: sends the mix, takes the answers, and goes on with calls (ACK,
// BYE). Messages are copies of templates; an answer is known by its mark in constant time.
#include <rte_cycles.h>

#include "dataplane/generator/generator.h"

enum {
	UAC_CALL_INVITE,
	UAC_CALL_ACK,
	UAC_CALL_BYE,
	UAC_SEED_MS = 100,
	UAC_JUNK_AWAY =
	        64, // junk comes from an address that far away: its source may be held to account
	UAC_UNHOLD = 16,
};

// Can this generator see it arrive, or be answered?
static bool is_watched(const struct generator *g, const struct mark *m)
{
	const bool answered = m->kind == BENCH_OPTIONS || m->kind == BENCH_REGISTER ||
	                      m->kind == BENCH_MESSAGE ||
	                      (m->kind == BENCH_DIALOG && m->index != UAC_CALL_ACK);

	return g->callee || (answered && !g->order.sink);
}

static void number(struct generator *g, struct mark *m)
{
	m->tsc = g->tsc;
	m->worker = (uint8_t)(g->worker->index % 16);
	if (is_watched(g, m))
		m->sequence = generator_sequence(g);
}

static void sent(struct generator *g, const struct mark *m)
{
	generator_count(g, BENCH_N_SENT, 1);
	if (m->kind != BENCH_DIALOG || m->index == UAC_CALL_INVITE)
		g->stats->kind[m->kind].sent++;
}

static bool send_template(struct generator *g, struct mark *m)
{
	const struct template *t = &g->template[order_template(m)];
	struct rte_mbuf *buffer = generator_buffer(g);
	struct template_words words;

	if (buffer == NULL)
		return false;
	number(g, m);
	order_words(g, m, &words);
	const uint64_t sum = template_write(t, &words, rte_pktmbuf_mtod(buffer, char *));

	wire_finish(&g->wire[BENCH_CALLER], buffer, t->len, m->call, sum);
	generator_send(g, BENCH_CALLER, buffer);
	sent(g, m);
	return true;
}

static bool send_text(struct generator *g, const struct mark *m, struct str text)
{
	struct rte_mbuf *buffer = generator_buffer(g);

	if (buffer == NULL)
		return false;
	memcpy(rte_pktmbuf_mtod(buffer, char *), text.p, text.len);
	wire_finish(&g->wire[BENCH_CALLER], buffer, text.len, m->call, ip_sum(text.p, text.len, 0));
	generator_send(g, BENCH_CALLER, buffer);
	sent(g, m);
	return true;
}

// A request of a kind that has per_call of them with one Call-ID, several Call-IDs in turn.
static bool send_series(struct generator *g, enum bench_kind kind)
{
	struct generator_series *s = &g->series[kind];
	const uint32_t interleave = g->order.interleave;
	struct mark m = {.kind = (uint8_t)kind};

	if (s->at == 0) {
		s->first = g->next_call;
		g->next_call += interleave;
	}
	m.call = s->first + s->at % interleave;
	m.index = (uint16_t)(s->at / interleave);
	if (!send_template(g, &m))
		return false;
	if (++s->at >= (uint32_t)g->order.per_call * interleave)
		s->at = 0;
	return true;
}

static bool send_call(struct generator *g)
{
	struct mark m = {.kind = BENCH_DIALOG, .call = g->next_call++};
	struct call *c = call_open(g->calls, m.call);

	if (c == NULL) {
		generator_count(g, BENCH_N_CALLS_FULL, 1);
		return true;
	}
	c->until_tsc = g->tsc + g->timeout_tsc;
	const bool good = send_template(g, &m);

	if (good)
		generator_count(g, BENCH_N_CALLS, 1);
	if (!good || g->order.sink) // nobody will answer
		call_close(g->calls, c);
	return good;
}

static bool send_register(struct generator *g)
{
	const uint32_t n = g->n_registers;
	struct mark m = {.kind = BENCH_REGISTER,
	        .call = n % g->n_users,
	        .index = (uint16_t)(n / g->n_users % TEMPLATE_CSEQS)};
	char text[TEMPLATE_ROOM + UAC_REGISTER_MORE];

	if (generator_room(g, BENCH_CALLER) == 0)
		return false;
	g->n_registers++;
	number(g, &m);
	const struct str s = {text, uac_register_write(g, &m, text)};

	return send_text(g, &m, s);
}

static bool send_junk(struct generator *g)
{
	const unsigned i = (unsigned)(g->schedule_at % GENERATOR_JUNK);
	struct rte_mbuf *buffer = generator_buffer(g);
	struct addr from = g->order.side[BENCH_CALLER].local;
	const struct mark m = {.kind = BENCH_JUNK};

	if (buffer == NULL)
		return false;
	from.ip[3] ^= UAC_JUNK_AWAY;
	memcpy(rte_pktmbuf_mtod(buffer, char *), g->junk[i], g->junk_len[i]);
	wire_finish_from(&g->wire[BENCH_CALLER], buffer, g->junk_len[i], &from);
	generator_send(g, BENCH_CALLER, buffer);
	sent(g, &m);
	return true;
}

// The callee's responses need an INVITE that came by the proxy.
static bool send_response(struct generator *g)
{
	if (!g->callee)
		return true;
	if (uas_respond(g))
		return true;
	if (g->seed_tsc != 0 && g->tsc - g->seed_tsc < g->worker->tsc_hz / 1000 * UAC_SEED_MS)
		return true;
	g->seed_tsc = g->tsc;
	return send_series(g, BENCH_INVITE);
}

static bool send_one(struct generator *g)
{
	const enum bench_kind kind = g->schedule[g->schedule_at % GENERATOR_SCHEDULE];

	switch (kind) {
	case BENCH_DIALOG:
		return send_call(g);
	case BENCH_REGISTER:
		return send_register(g);
	case BENCH_RESPONSE:
		return send_response(g);
	case BENCH_JUNK:
		return send_junk(g);
	default:
		return send_series(g, kind);
	}
}

unsigned uac_send(struct generator *g, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && send_one(g); i++)
		g->schedule_at++;
	return i;
}

// ACK or BYE: the template's fields behind a start line with the callee's Contact, and Routes.
static bool send_in_dialog(struct generator *g, const struct call *c, uint16_t index)
{
	struct mark m = {.kind = BENCH_DIALOG, .call = c->number, .index = index};
	const struct template *t = &g->template[order_template(&m)];
	const struct str method = index == UAC_CALL_ACK ? STR("ACK ") : STR("BYE ");
	char fields[TEMPLATE_ROOM], text[TEMPLATE_ROOM + CALL_TEXT_MAX + 32], *at = text;
	struct template_words words;

	number(g, &m);
	order_words(g, &m, &words);
	template_write(t, &words, fields);
	memcpy(at, method.p, method.len);
	at += method.len;
	memcpy(at, c->text, c->target_len);
	at += c->target_len;
	memcpy(at, " SIP/2.0\r\n", 10);
	at += 10;
	memcpy(at, c->text + c->target_len, c->route_len);
	at += c->route_len;
	memcpy(at, fields + t->head_len, (size_t)t->len - t->head_len);
	at += t->len - t->head_len;
	return send_text(g, &m, str_from(text, at));
}

static void end_call(struct generator *g, struct call *c)
{
	c->state = CALL_ENDING;
	c->until_tsc = g->tsc + g->timeout_tsc;
	send_in_dialog(g, c, UAC_CALL_BYE);
}

static void take_invite_answer(struct generator *g, struct call *c, const struct arrival *a)
{
	if (c->state != CALL_INVITED)
		return;
	if (a->status >= 300 || !call_answered(c, a->bytes)) {
		call_close(g->calls, c);
		generator_count(g, BENCH_N_CALLS_FAILED, 1);
		return;
	}
	send_in_dialog(g, c, UAC_CALL_ACK);
	if (g->order.hold_ms == 0)
		end_call(g, c);
	else
		call_hold(g->calls, c, g->tsc + g->worker->tsc_hz / 1000 * g->order.hold_ms);
}

static void take_call_answer(struct generator *g, const struct arrival *a)
{
	struct call *c = call_find(g->calls, a->mark.call);

	if (c == NULL)
		return;
	if (a->mark.index == UAC_CALL_INVITE) {
		take_invite_answer(g, c, a);
	} else if (c->state == CALL_ENDING) {
		call_close(g->calls, c);
		generator_count(g, a->status < 300 ? BENCH_N_CALLS_DONE : BENCH_N_CALLS_FAILED, 1);
	}
}

static uint16_t status_of(struct str response)
{
	uint64_t n;

	return str_decimal(str_head(str_skip(response, 8), 3), 699, &n) && n >= 100 ? (uint16_t)n
	                                                                            : 0;
}

static void take_final(struct generator *g, const struct arrival *a)
{
	const bool asked = a->mark.kind == BENCH_REGISTER && (a->status == 401 || a->status == 407);

	if (!generator_match(g, a))
		return;
	if (asked && uac_register_challenged(g, a))
		generator_count(g, BENCH_N_CHALLENGED, 1);
	else if (a->status >= 300)
		generator_count(g, BENCH_N_UNEXPECTED, 1);
	if (a->mark.kind == BENCH_DIALOG)
		take_call_answer(g, a);
}

void uac_take(struct generator *g, const struct arrival *arrival)
{
	struct arrival a = *arrival;

	a.status = status_of(a.bytes);
	if (a.status == 0) {
		judge_fault(g, BENCH_BAD_NOT_SIP, a.bytes);
		return;
	}
	g->stats->status[a.status / 100]++;
	if (a.mark.kind == BENCH_RESPONSE)
		g->stats->kind[BENCH_RESPONSE].received++;
	if (a.deep)
		judge(g, &a);
	if (a.status >= 200)
		take_final(g, &a);
}

unsigned uac_tick(struct generator *g)
{
	const unsigned failed = call_sweep(g->calls, g->tsc);
	unsigned n = 0;
	struct call *c;

	generator_count(g, BENCH_N_CALLS_FAILED, failed);
	while (n < UAC_UNHOLD && generator_room(g, BENCH_CALLER) > 0 &&
	        (c = call_unhold(g->calls, g->tsc)) != NULL) {
		end_call(g, c);
		n++;
	}
	return n + failed;
}
