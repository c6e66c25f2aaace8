// The load generator through the real proxy, all stages: nothing is lost, and nothing in the
// messages is otherwise than the order expects of the proxy.
#include "tests/pipeline/gen_bed.h"

static struct gen_bed bed;

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set leg access port access udp 192.0.2.1:5060 contact-rewrite on\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set group g member 198.51.100.10:5060\n"
                             "set domain example.com group g\n"
                             "set domain home.example.com registrar\n"
                             "set overload share 0\n"; // nothing is refused on a busy machine

static int start(void **state)
{
	(void)state;
	gen_bed_start(&bed, config, SETUP_GENERATOR);
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

static struct bench_order order_of(enum bench_kind kind)
{
	struct bench_order o = gen_bed_order(kind);

	addr_parse(STR("192.0.2.1:5060"), &o.side[BENCH_CALLER].proxy);
	addr_parse(STR("198.51.100.1:5060"), &o.side[BENCH_CALLEE].proxy);
	o.expect = (struct bench_expect){.vias = 1, .hops = 1, .received = 1};
	o.expect.uri = BENCH_URI_SENT;
	return o;
}

static void run(const struct bench_order *o, enum bench_kind kind)
{
	const struct bench_stats *s = gen_bed_stats(&bed);

	gen_bed_give(&bed, o);
	gen_bed_proxy(&bed, 16);
	if (count(BENCH_N_CORRUPT) > 0)
		fail_msg("%s: %.*s", bench_fault_row[s->sample_fault].name, (int)s->sample_len,
		        s->sample);
	assert_true(s->kind[kind].sent > 30);
	assert_int_equal(s->kind[kind].matched, s->kind[kind].sent);
	assert_int_equal(count(BENCH_N_LOST), 0);
	assert_int_equal(count(BENCH_N_UNEXPECTED), 0);
	assert_int_equal(count(BENCH_N_REORDERED), 0);
	assert_int_equal(count(BENCH_N_MATCHED), count(BENCH_N_SENT));
	assert_int_equal(s->in_flight, 0);
	gen_bed_settled(&bed);
}

static void invites(void **state)
{
	struct bench_order o = order_of(BENCH_INVITE);

	(void)state;
	o.expect.record_routes = 2; // legs differ
	o.expect.contact = BENCH_CONTACT_PROXY;
	run(&o, BENCH_INVITE);
}

// Many callers behind one sent-by: the proxy says where each came from, and answers there.
static void many_sources(void **state)
{
	struct bench_order o = order_of(BENCH_DIALOG);

	(void)state;
	o.side[BENCH_CALLER].n_ports = 5;
	o.side[BENCH_CALLER].n_addrs = 3;
	o.side[BENCH_CALLER].local.port = 10000;
	o.expect.record_routes = 2;
	o.size = 1400;
	run(&o, BENCH_DIALOG);
	assert_int_equal(count(BENCH_N_CALLS_DONE), 64);
}

static void calls(void **state)
{
	struct bench_order o = order_of(BENCH_DIALOG);

	(void)state;
	o.expect.record_routes = 2;
	o.expect.contact = BENCH_CONTACT_ANY;
	run(&o, BENCH_DIALOG);
	assert_int_equal(count(BENCH_N_CALLS), 64);
	assert_int_equal(count(BENCH_N_CALLS_DONE), 64);
	assert_int_equal(gen_bed_stats(&bed)->open_calls, 0);
	assert_int_equal(gen_bed_stats(&bed)->status[1], 64);
	assert_int_equal(gen_bed_stats(&bed)->status[2], 128);
}

static void others(void **state)
{
	static const enum bench_kind kinds[] = {BENCH_OPTIONS, BENCH_MESSAGE};

	(void)state;
	for (size_t i = 0; i < unit_rows(kinds); i++) {
		struct bench_order o = order_of(kinds[i]);

		o.expect.record_routes = UINT8_MAX;
		run(&o, kinds[i]);
		assert_int_equal(gen_bed_stats(&bed)->status[2], 64);
	}
}

static void responses(void **state)
{
	struct bench_order o = order_of(BENCH_RESPONSE);

	(void)state;
	o.expect.record_routes = 2;
	run(&o, BENCH_RESPONSE);
}

static void registers(void **state)
{
	struct bench_order o = order_of(BENCH_REGISTER);

	(void)state;
	strcpy(o.domain, "home.example.com");
	o.n_users = 32; // each twice
	run(&o, BENCH_REGISTER);
	assert_int_equal(gen_bed_stats(&bed)->status[2], 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(invites),
	        cmocka_unit_test(calls),
	        cmocka_unit_test(many_sources),
	        cmocka_unit_test(others),
	        cmocka_unit_test(responses),
	        cmocka_unit_test(registers),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
