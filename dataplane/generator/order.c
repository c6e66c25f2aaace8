// Taking up an order: everything that can be made before the first message is made here.
#include <rte_cycles.h>
#include <rte_random.h>

#include "dataplane/dataplane.h"
#include "dataplane/generator/generator.h"

enum { ORDER_STRIDE = 7368787, ORDER_TIMEOUT_MS = 1000, ORDER_ADDRS_MAX = 1 << 16 };

// Spreads the kinds of the mix evenly: always the one that lags most behind its share.
static void make_schedule(struct generator *g)
{
	int64_t lag[BENCH_KINDS] = {0};
	uint16_t weight[BENCH_KINDS];
	int64_t sum = 0;

	memcpy(weight, g->order.weight, sizeof(weight));
	for (unsigned k = 0; k < BENCH_KINDS; k++)
		sum += weight[k];
	if (sum == 0)
		sum = weight[BENCH_INVITE] = 1;
	for (unsigned i = 0; i < GENERATOR_SCHEDULE; i++) {
		unsigned best = 0;

		for (unsigned k = 0; k < BENCH_KINDS; k++) {
			lag[k] += weight[k];
			if (lag[k] > lag[best])
				best = k;
		}
		lag[best] -= sum;
		g->schedule[i] = (uint8_t)best;
	}
}

// Bytes of all sorts, no two messages alike; no line of them is SIP.
static void make_junk(struct generator *g)
{
	uint64_t x = 0x2545f4914f6cdd1d;

	for (unsigned i = 0; i < GENERATOR_JUNK; i++) {
		const bool text = i % 2 == 0;

		g->junk_len[i] = (uint16_t)RTE_MAX(1u, g->order.size * (i + 1) / GENERATOR_JUNK);
		for (unsigned k = 0; k < g->junk_len[i]; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			g->junk[i][k] = text ? (char)('!' + x % 90) : (char)x;
		}
		g->junk[i][0] = '#'; // neither a method nor a version, nor STUN
	}
}

static void make_templates(struct generator *g)
{
	const struct template_plan plan = {.order = &g->order, .run = g->run};

	for (unsigned i = 0; i < TEMPLATES; i++)
		template_make(&g->template[i], (enum template_id)i, &plan);
}

static void make_sides(struct generator *g)
{
	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		struct bench_side side = g->order.side[i];
		const struct wire *old = &g->wire[i];
		const bool asked =
		        old->resolved && !old->given && addr_eq(&old->side.proxy, &side.proxy);
		const uint8_t none[6] = {0};
		const bool given = memcmp(side.mac, none, sizeof(none)) != 0;

		if (asked && !given)
			memcpy(side.mac, old->side.mac, sizeof(side.mac));
		wire_start(&g->wire[i], &side, g->worker->dataplane->port[side.port].mac);
		g->wire[i].given = given;
	}
}

// Numbers out of range are put right: the page is another process's.
static void sanitize(struct bench_order *o, unsigned n_ports)
{
	o->size = o->size < BENCH_SIZE_MAX ? o->size : BENCH_SIZE_MAX;
	o->n_users = RTE_MIN(RTE_MAX(o->n_users, 1u), (uint32_t)BENCH_USERS_MAX);
	o->first_user = RTE_MIN(o->first_user, (uint32_t)BENCH_USERS_MAX - o->n_users);
	o->per_call = o->per_call > 0 ? o->per_call : 1;
	o->interleave = o->interleave > 0 ? o->interleave : 1;
	if (o->interleave > GENERATOR_INTERLEAVE_MAX)
		o->interleave = GENERATOR_INTERLEAVE_MAX;
	o->check_every = RTE_MAX(o->check_every, 1u);
	o->rate = RTE_MIN(o->rate, UINT64_C(1000000000));
	o->user[sizeof(o->user) - 1] = o->domain[sizeof(o->domain) - 1] =
	        o->password[sizeof(o->password) - 1] = '\0';
	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		struct bench_side *s = &o->side[i];

		s->port = s->port < n_ports ? s->port : 0;
		s->n_addrs = RTE_MIN(s->n_addrs, (uint32_t)ORDER_ADDRS_MAX);
		if (s->local.family != ADDR_IPV6 || s->proxy.family != ADDR_IPV6)
			s->local.family = s->proxy.family = ADDR_IPV4;
	}
}

static void clear(struct generator *g)
{
	const uint64_t acknowledged = atomic_load(&g->stats->acknowledged);

	memset(g->stats, 0, sizeof(*g->stats));
	atomic_store(&g->stats->acknowledged, acknowledged);
	memset(g->seen, 0, sizeof(g->seen));
	memset(g->series, 0, sizeof(g->series));
	memset(&g->pending, 0, sizeof(g->pending));
	if (g->calls != NULL)
		call_table_clear(g->calls);
	g->key = g->order.key != 0 ? g->order.key ^ g->order.clear : rte_rand();
	g->run = (uint32_t)(g->key >> 32 ^ g->key);
	g->next_call = g->worker->index << 28; // Call-IDs of workers differ
	g->begun = 0;
	g->n_registers = 0;
	g->seeded = false;
	g->seed_tsc = 0;
}

void order_take(struct generator *g)
{
	const uint64_t given = atomic_load(&g->bench->given);
	const uint32_t cleared = g->order.clear;
	const bool ran = g->order.run;

	g->order = g->bench->order;
	sanitize(&g->order, g->worker->dataplane->n_ports);
	if (g->taken == 0 || g->order.clear != cleared)
		clear(g);
	g->timeout_tsc = g->worker->tsc_hz / 1000 *
	                 (g->order.timeout_ms != 0 ? g->order.timeout_ms : ORDER_TIMEOUT_MS);
	g->n_users = g->order.n_users;
	g->stride = (g->order.stride != 0 ? g->order.stride : ORDER_STRIDE) % g->n_users;
	if (g->stride == 0)
		g->stride = 1;
	g->check_in = g->order.check_every;
	make_sides(g);
	make_templates(g);
	make_junk(g);
	make_schedule(g);
	uac_register_clear(g);
	if (!ran || g->order.rate != g->pace.rate)
		pace_start(&g->pace, g->order.rate, g->worker->tsc_hz, rte_rdtsc());
	g->taken = given;
	atomic_store(&g->stats->acknowledged, given);
}

void order_words(const struct generator *g, const struct mark *m, struct template_words *out)
{
	const uint32_t step = m->kind == BENCH_REGISTER ? 1 : g->stride;
	const uint32_t callee = (uint32_t)((uint64_t)m->call * step % g->n_users);

	mark_digits(m, g->key, out->mark);
	out->call = m->call;
	out->callee = g->order.first_user + callee;
	out->caller = g->order.first_user + (callee + 1 < g->n_users ? callee + 1 : 0);
	// the ACK has its INVITE's
	out->cseq = m->kind == BENCH_DIALOG ? m->index == 2 : m->index;
}

enum template_id order_template(const struct mark *m)
{
	static const uint8_t of_call[] = {TEMPLATE_INVITE, TEMPLATE_ACK, TEMPLATE_BYE};

	switch (m->kind) {
	case BENCH_DIALOG:
		return of_call[m->index < 3 ? m->index : 0];
	case BENCH_OPTIONS:
		return TEMPLATE_OPTIONS;
	case BENCH_REGISTER:
		return TEMPLATE_REGISTER;
	case BENCH_MESSAGE:
		return TEMPLATE_MESSAGE;
	default:
		return TEMPLATE_INVITE;
	}
}
