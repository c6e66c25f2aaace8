// The load generator with its caller and its callee joined by a cable: each kind of message goes
// round and is matched; loss, doubles and another order are found.
#include "tests/pipeline/gen_bed.h"

#include "dataplane/base/now.h"

static struct gen_bed bed;

static int start(void **state)
{
	(void)state;
	gen_bed_start(&bed, gen_bed_unused, SETUP_GENERATOR);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	gen_bed_stop(&bed);
	return 0;
}

static uint64_t count(enum bench_count c)
{
	return gen_bed_count(&bed, c);
}

// Nothing was wrong with what came; says what was, when something was.
static void assert_sound(void)
{
	const struct bench_stats *s = gen_bed_stats(&bed);

	if (count(BENCH_N_CORRUPT) > 0)
		fail_msg("%s: %.*s", bench_fault_row[s->sample_fault].name, (int)s->sample_len,
		        s->sample);
	assert_int_equal(count(BENCH_N_LOST), 0);
	assert_int_equal(count(BENCH_N_DUPLICATE), 0);
	assert_int_equal(count(BENCH_N_REORDERED), 0);
	assert_int_equal(count(BENCH_N_STRAY), 0);
	assert_int_equal(count(BENCH_N_UNEXPECTED), 0);
	assert_int_equal(s->in_flight, 0);
}

static void each_kind_goes_round(void **state)
{
	static const uint16_t sizes[] = {0, 300, 550, 800, 1400};

	(void)state;
	for (unsigned kind = 0; kind < BENCH_JUNK; kind++) {
		for (size_t i = 0; i < unit_rows(sizes); i++) {
			struct bench_order o = gen_bed_order((enum bench_kind)kind);
			const struct bench_kind_stats *k = &gen_bed_stats(&bed)->kind[kind];

			o.size = sizes[i];
			gen_bed_give(&bed, &o);
			gen_bed_cable(&bed, 12, NULL, NULL);
			assert_sound();
			assert_int_equal(gen_bed_stats(&bed)->state, BENCH_DONE);
			if (kind != BENCH_RESPONSE) // some turns go by before there is an INVITE
				assert_int_equal(k->sent, 64);
			assert_true(k->sent > 30);
			assert_int_equal(k->matched, k->sent);
			assert_int_equal(count(BENCH_N_MATCHED), count(BENCH_N_SENT));
			assert_int_equal(k->latency.n, k->matched);
			gen_bed_settled(&bed);
		}
	}
}

// --- loss, doubles, order

static bool drop_some(void *arg, enum bench_side_id from, struct rte_mbuf *m)
{
	unsigned *n = arg;

	(void)from;
	if ((*n)++ % 4 != 0)
		return false;
	rte_pktmbuf_free(m);
	return true;
}

static void lost(void **state)
{
	static const enum bench_kind kinds[] = {BENCH_INVITE, BENCH_OPTIONS, BENCH_DIALOG};

	(void)state;
	for (size_t i = 0; i < unit_rows(kinds); i++) {
		struct bench_order o = gen_bed_order(kinds[i]);
		unsigned n = 0;

		o.timeout_ms = 20;
		gen_bed_give(&bed, &o);
		gen_bed_cable(&bed, 8, drop_some, &n);
		assert_int_equal(count(BENCH_N_LOST), 0); // not yet
		for (unsigned t = 0; t < 100000 && (gen_bed_stats(&bed)->in_flight > 0 ||
		                                           gen_bed_stats(&bed)->open_calls > 0);
		        t++)
			gen_bed_cable(&bed, 16, NULL, NULL);
		assert_true(count(BENCH_N_LOST) >= 16);
		assert_int_equal(count(BENCH_N_LOST) + count(BENCH_N_MATCHED), count(BENCH_N_SENT));
		assert_int_equal(count(BENCH_N_CORRUPT), 0);
		assert_int_equal(count(BENCH_N_CALLS_FAILED) + count(BENCH_N_CALLS_DONE),
		        count(BENCH_N_CALLS));
		assert_true(kinds[i] != BENCH_DIALOG || count(BENCH_N_CALLS_FAILED) > 0);
	}
}

static bool twice(void *arg, enum bench_side_id from, struct rte_mbuf *m)
{
	(void)arg;
	struct rte_mbuf *again = rte_pktmbuf_copy(m, m->pool, 0, UINT32_MAX);

	assert_non_null(again);
	assert_int_equal(rte_ring_enqueue(bed.in[1 - from], again), 0);
	return false;
}

static void doubles(void **state)
{
	struct bench_order o = gen_bed_order(BENCH_INVITE);

	(void)state;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 12, twice, NULL);
	assert_int_equal(count(BENCH_N_DUPLICATE), 64);
	assert_int_equal(count(BENCH_N_MATCHED), 64);
	assert_int_equal(count(BENCH_N_CORRUPT), 0);
}

// Two neighbours change places.
static bool swap(void *arg, enum bench_side_id from, struct rte_mbuf *m)
{
	struct rte_mbuf **kept = arg;

	if (*kept == NULL) {
		*kept = m;
		return true;
	}
	assert_int_equal(rte_ring_enqueue(bed.in[1 - from], m), 0);
	assert_int_equal(rte_ring_enqueue(bed.in[1 - from], *kept), 0);
	*kept = NULL;
	return true;
}

static void order_of_a_call(void **state)
{
	struct rte_mbuf *kept = NULL;
	struct bench_order o = gen_bed_order(BENCH_INVITE);

	(void)state;
	o.per_call = 4;
	o.interleave = 2;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 12, NULL, NULL);
	assert_sound();
	assert_int_equal(count(BENCH_N_MATCHED), 64);
	o.clear = gen_bed_clear();
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 12, swap, &kept); // of two calls: nobody minds
	assert_int_equal(count(BENCH_N_REORDERED), 0);
	o.clear = gen_bed_clear();
	o.interleave = 1;
	o.per_call = 64;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 12, swap, &kept);
	assert_null(kept);
	assert_int_equal(count(BENCH_N_MATCHED), 64);
	assert_true(count(BENCH_N_REORDERED) >= 16);
	assert_int_equal(count(BENCH_N_DUPLICATE), 0);
}

// --- other orders

static void arp(void **state)
{
	struct bench_order o = gen_bed_order(BENCH_INVITE);

	(void)state;
	addr_parse(STR("192.0.2.200:5060"), &o.side[BENCH_CALLER].local); // not resolved before
	o.side[BENCH_CALLEE].proxy = o.side[BENCH_CALLER].local;
	memset(o.side[BENCH_CALLER].mac, 0, 6);
	memset(o.side[BENCH_CALLEE].mac, 0, 6);
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 16, NULL, NULL);
	assert_sound();
	assert_int_equal(count(BENCH_N_MATCHED), 64);
	assert_true(count(BENCH_N_NO_PEER) > 0);
}

static void ipv6(void **state)
{
	struct bench_order o = gen_bed_order(BENCH_DIALOG);

	(void)state;
	addr_parse(STR("[2001:db8:a::100]:5060"), &o.side[BENCH_CALLER].local);
	addr_parse(STR("[2001:db8:c::10]:5062"), &o.side[BENCH_CALLEE].local);
	o.side[BENCH_CALLER].proxy = o.side[BENCH_CALLEE].local;
	o.side[BENCH_CALLEE].proxy = o.side[BENCH_CALLER].local;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 16, NULL, NULL);
	assert_sound();
	assert_int_equal(count(BENCH_N_CALLS_DONE), 64);
}

static void a_mix_at_a_rate(void **state)
{
	const struct bench_stats *s = gen_bed_stats(&bed);
	struct bench_order o = gen_bed_order(BENCH_INVITE);

	(void)state;
	o.weight[BENCH_OPTIONS] = 2;
	o.weight[BENCH_JUNK] = 1;
	o.limit = 400;
	o.rate = 2000000;
	gen_bed_give(&bed, &o);
	for (unsigned i = 0; i < 100000 && (s->state != BENCH_DONE || s->in_flight > 0); i++)
		gen_bed_cable(&bed, 1, NULL, NULL);
	assert_int_equal(s->kind[BENCH_INVITE].sent, 100);
	assert_int_equal(s->kind[BENCH_OPTIONS].sent, 200);
	assert_int_equal(s->kind[BENCH_JUNK].sent, 100);
	gen_bed_cable(&bed, 4, NULL, NULL);
	assert_int_equal(count(BENCH_N_STRAY), 100);
	assert_int_equal(count(BENCH_N_MATCHED), 300);
	assert_int_equal(count(BENCH_N_CORRUPT), 0);
	assert_true(count(BENCH_N_BUSY_TSC) > 0);
}

// The callee answers nothing: requests count when they arrive.
static void sink(void **state)
{
	struct bench_order o = gen_bed_order(BENCH_OPTIONS);

	(void)state;
	o.sink = 1;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 8, NULL, NULL);
	assert_sound();
	assert_int_equal(count(BENCH_N_MATCHED), 64);
	assert_int_equal(count(BENCH_N_ANSWERS), 0);
}

static void calls_on_hold(void **state)
{
	enum { HOLD_MS = 20 };
	const struct bench_stats *s = gen_bed_stats(&bed);
	struct bench_order o = gen_bed_order(BENCH_DIALOG);
	const uint64_t began_ns = now_ns();

	(void)state;
	o.hold_ms = HOLD_MS;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 8, NULL, NULL);
	if (now_ns() - began_ns < HOLD_MS * UINT64_C(1000000)) { // else the machine was busy
		assert_int_equal(s->open_calls, 64);
		assert_int_equal(count(BENCH_N_CALLS_DONE), 0);
	}
	for (unsigned i = 0; i < 1000000 && s->open_calls > 0; i++)
		gen_bed_cable(&bed, 1, NULL, NULL);
	assert_int_equal(count(BENCH_N_CALLS_DONE), 64);
	assert_sound();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_kind_goes_round),
	        cmocka_unit_test(lost),
	        cmocka_unit_test(doubles),
	        cmocka_unit_test(order_of_a_call),
	        cmocka_unit_test(arp),
	        cmocka_unit_test(ipv6),
	        cmocka_unit_test(a_mix_at_a_rate),
	        cmocka_unit_test(sink),
	        cmocka_unit_test(calls_on_hold),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
