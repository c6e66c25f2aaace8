// The callee of the load generator: checks and counts requests, and answers them from what stands
// in them (Via, Record-Route, From, To, Call-ID, CSeq; RFC 3261 §8.2.6), 180 and 200 to an INVITE,
// 200 to all others.
#include <stdio.h>

#include "dataplane/generator/generator.h"

enum { UAS_ANSWER_MAX = 2048 };

struct answer {
	char *out;
	size_t len, room;
	bool full;
};

static void put(struct answer *a, struct str s)
{
	if (s.len > a->room - a->len) {
		a->full = true;
		return;
	}
	memcpy(a->out + a->len, s.p, s.len);
	a->len += s.len;
}

// What of a request's line goes into its answer: the first letters of a field's name will do, all
// fields are ours or the proxy's.
enum line_use { LINE_SKIP, LINE_COPY, LINE_TO, LINE_LAST };

static bool is_field(struct str line, const char *name, char compact)
{
	const size_t len = strlen(name);

	if (line.len > 1 && line.p[1] == ':')
		return char_lower(line.p[0]) == compact;
	return line.len > len && line.p[len] == ':' &&
	       str_eq_nocase(str_head(line, len), (struct str){name, len});
}

static enum line_use use_of(struct str line)
{
	if (line.len == 0)
		return LINE_SKIP;
	switch (char_lower(line.p[0])) {
	case 'v':
		return is_field(line, "Via", 'v') ? LINE_COPY : LINE_SKIP;
	case 'r':
		return is_field(line, "Record-Route", 0) ? LINE_COPY : LINE_SKIP;
	case 'f':
		return is_field(line, "From", 'f') ? LINE_COPY : LINE_SKIP;
	case 't':
		return is_field(line, "To", 't') ? LINE_TO : LINE_SKIP;
	case 'i':
		return is_field(line, "Call-ID", 'i') ? LINE_COPY : LINE_SKIP;
	case 'c':
		if (is_field(line, "CSeq", 0))
			return LINE_LAST;
		return is_field(line, "Call-ID", 0) ? LINE_COPY : LINE_SKIP;
	default:
		return LINE_SKIP;
	}
}

static bool has_tag(struct str to)
{
	return memmem(to.p, to.len, ";tag=", 5) != NULL;
}

static void put_tag(struct answer *a, uint32_t call)
{
	const uint64_t digits = mark_hex(call);
	char tag[14] = ";tag=u";

	memcpy(tag + 6, &digits, sizeof(digits));
	put(a, (struct str){tag, sizeof(tag)});
}

// The fields an answer has from its request. False when CSeq never came.
static bool put_fields(struct answer *a, struct str request, uint32_t call)
{
	request = str_skip(request, str_find(request, '\n') + 1);
	while (request.len > 0) {
		const size_t len = str_find(request, '\n');
		const struct str line = str_head(request, len + 1);
		const enum line_use use = use_of(line);

		request = str_skip(request, len + 1);
		if (use == LINE_SKIP)
			continue;
		if (use == LINE_TO && line.len > 2 && !has_tag(line)) {
			put(a, str_head(line, line.len - 2));
			put_tag(a, call);
			put(a, STR("\r\n"));
		} else {
			put(a, line);
		}
		if (use == LINE_LAST)
			return !a->full;
	}
	return false;
}

static void put_contact(struct answer *a, const struct generator *g, const struct mark *m)
{
	struct template_words w;
	char text[ADDR_TEXT_MAX + 64], local[ADDR_TEXT_MAX];

	order_words(g, m, &w);
	addr_format(&g->order.side[BENCH_CALLEE].local, local);
	const int len = snprintf(text, sizeof(text), "Contact: <sip:%s%07u@%s>\r\n",
	        g->order.user[0] != '\0' ? g->order.user : "user", w.callee, local);

	put(a, (struct str){text, (size_t)len});
}

// 0 when the request has not what it takes.
static size_t write_answer(
        const struct generator *g, const struct arrival *r, struct str status, char *out)
{
	struct answer a = {.out = out, .room = UAS_ANSWER_MAX - RTE_PKTMBUF_HEADROOM};
	const bool dialog = r->mark.kind == BENCH_DIALOG || r->mark.kind == BENCH_INVITE;

	put(&a, status);
	if (!put_fields(&a, r->bytes, r->mark.call))
		return 0;
	if (dialog && r->mark.index == 0)
		put_contact(&a, g, &r->mark);
	put(&a, STR("Content-Length: 0\r\n\r\n"));
	return a.full ? 0 : a.len;
}

static bool send_answer(struct generator *g, const struct arrival *r, struct str status)
{
	struct rte_mbuf *m = generator_buffer(g);
	size_t len;
	char *out;

	if (m == NULL)
		return false;
	out = rte_pktmbuf_mtod(m, char *);
	len = write_answer(g, r, status, out);
	if (len == 0) {
		rte_pktmbuf_free(m);
		judge_fault(g, BENCH_BAD_NOT_SIP, r->bytes);
		return false;
	}
	wire_finish(&g->wire[BENCH_CALLEE], m, len, 0, ip_sum(out, len, 0));
	generator_send(g, BENCH_CALLEE, m);
	generator_count(g, BENCH_N_ANSWERS, 1);
	return true;
}

static void answer(struct generator *g, const struct arrival *a)
{
	if (!g->wire[BENCH_CALLEE].resolved)
		return;
	if (a->mark.kind == BENCH_DIALOG && a->mark.index == 0 && g->order.ringing)
		send_answer(g, a, STR("SIP/2.0 180 Ringing\r\n"));
	send_answer(g, a, STR("SIP/2.0 200 OK\r\n"));
}

// Requests of one Call-ID have to come in the order they were sent.
static void watch_order(struct generator *g, const struct mark *m)
{
	const unsigned at = m->call % GENERATOR_SEEN;
	const uint16_t next = g->seen[at].call == m->call ? g->seen[at].next : 0;

	if (m->index < next) {
		if (m->index + 1 != next) // the last one again is a duplicate
			generator_count(g, BENCH_N_REORDERED, 1);
		return;
	}
	g->seen[at].call = m->call;
	g->seen[at].next = (uint16_t)(m->index + 1);
}

// Is anything to be answered?
static bool is_answered(const struct generator *g, const struct mark *m)
{
	return !g->order.sink && m->kind != BENCH_INVITE &&
	       !(m->kind == BENCH_DIALOG && m->index == 1);
}

// The end of a message is the same in all of its template.
static bool ends_well(const struct generator *g, const struct arrival *a)
{
	const struct template *t = &g->template[order_template(&a->mark)];
	enum { END = 24 };

	return a->bytes.len > END && t->len > END &&
	       memcmp(a->bytes.p + a->bytes.len - END, t->text + t->len - END, END) == 0;
}

static void take_seed(struct generator *g, const struct arrival *a)
{
	char text[UAS_ANSWER_MAX];
	const size_t len = write_answer(g, a, STR("SIP/2.0 200 OK\r\n"), text);
	const char *mark = mark_find((struct str){text, len});

	if (len == 0 || len > TEMPLATE_ROOM || mark == NULL)
		return;
	template_take(&g->seed, (struct str){text, len}, (uint16_t)(mark + 1 - text));
	g->seed_call = a->mark.call;
	g->seeded = true;
}

void uas_take(struct generator *g, const struct arrival *a)
{
	if (a->deep || !ends_well(g, a))
		judge(g, a);
	g->stats->kind[a->mark.kind].received++;
	if (a->mark.kind != BENCH_REGISTER)
		watch_order(g, &a->mark);
	if (is_answered(g, &a->mark)) {
		answer(g, a);
		return;
	}
	generator_match(g, a);
	if (a->mark.kind == BENCH_INVITE && !g->seeded && g->order.weight[BENCH_RESPONSE] > 0)
		take_seed(g, a);
}

bool uas_respond(struct generator *g)
{
	struct mark m = {.kind = BENCH_RESPONSE, .call = g->seed_call, .tsc = g->tsc};
	struct rte_mbuf *buffer;
	struct template_words words = {.call = 0};

	if (!g->seeded || generator_room(g, BENCH_CALLEE) == 0)
		return g->seeded;
	buffer = generator_buffer(g);
	if (buffer == NULL)
		return true;
	m.worker = (uint8_t)(g->worker->index % 16);
	m.sequence = generator_sequence(g);
	mark_digits(&m, g->key, words.mark);
	const uint64_t sum = template_write(&g->seed, &words, rte_pktmbuf_mtod(buffer, char *));

	wire_finish(&g->wire[BENCH_CALLEE], buffer, g->seed.len, 0, sum);
	generator_send(g, BENCH_CALLEE, buffer);
	generator_count(g, BENCH_N_SENT, 1);
	g->stats->kind[BENCH_RESPONSE].sent++;
	return true;
}
