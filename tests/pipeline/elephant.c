// Steering with real workers: one trunk's messages come by one queue and are spread over two to
// four workers. Whatever is switched, balanced or full, those of a Call-ID leave in the order they
// came, and each is accounted for.
#include "tests/unit/unit.h"

#include <rte_launch.h>
#include <sched.h>

#include "dataplane/generation.h"
#include "dataplane/steer.h"
#include "tests/bench/crew.h"
#include "tools/replay/rig_tables.h"

enum { CALLS = 3000, ROOM = 4096 };

#define CONFIG                                            \
	"set port access device net_null0\n"              \
	"set port access address 192.0.2.1/24\n"          \
	"set port core device net_null1\n"                \
	"set port core address 198.51.100.1/24\n"         \
	"set leg access port access udp 192.0.2.1:5060\n" \
	"set leg core port core udp 198.51.100.1:5060\n"  \
	"set group switches member 198.51.100.10:5060\n"  \
	"set domain example.com group switches\n"         \
	"set overload share 0\n"                          \
	"set memory packets 4096\n"

static struct crew *crew; // of the running test; destroyed by end()
static struct addr trunk;
static unsigned given[CALLS], left[CALLS], n_given, n_left;
static uint32_t seed;

static unsigned any(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void begin(unsigned n_workers, const char *more)
{
	char config[4096];
	struct crew_wish wish = {
	        .config = config, .n_workers = n_workers, .room = ROOM, .one_wire = true};
	struct error e = {0};

	snprintf(config, sizeof(config), CONFIG "%s", more);
	memset(given, 0, sizeof(given));
	memset(left, 0, sizeof(left));
	n_given = n_left = 0;
	seed = n_workers;
	crew = crew_create(&wish, &e);
	if (crew == NULL)
		fail_msg("%s", e.text);
	assert_true(addr_parse(STR("192.0.2.100:5060"), &trunk));
}

static int tear_down(void **state)
{
	(void)state;
	if (crew != NULL)
		crew_destroy(crew);
	crew = NULL;
	return 0;
}

// The next message of a call, to the queue of a worker.
static void arrives(unsigned worker, unsigned call)
{
	char text[1024];
	struct rte_mbuf *m;
	const int n = snprintf(text, sizeof(text),
	        "MESSAGE sip:1000@example.com SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK%u-%u\r\n"
	        "Max-Forwards: 70\r\n"
	        "To: <sip:1000@example.com>\r\n"
	        "From: <sip:trunk@example.net>;tag=%u\r\n"
	        "%s: call-%u@trunk\r\n"
	        "CSeq: %u MESSAGE\r\n"
	        "Content-Length: 0\r\n\r\n",
	        call, given[call], call, any(2) ? "Call-ID" : "i", call, given[call] + 1);

	m = crew_frame(crew, crew_leg(crew, "access"), &trunk, (struct str){text, (size_t)n});
	if (m == NULL)
		return; // the workers have all of them
	given[call]++;
	n_given++;
	assert_int_equal(rte_ring_enqueue(crew->in[0][worker], m), 0);
}

static unsigned number_behind(const char *text, size_t len, const char *what)
{
	const char *at = memmem(text, len, what, strlen(what));

	assert_non_null(at);
	return (unsigned)strtoul(at + strlen(what), NULL, 10);
}

// What is on the wire, in its order.
static void look(void)
{
	struct rte_mbuf *m;

	while (rte_ring_dequeue(crew->out[1][0], (void **)&m) == 0) {
		const char *text = rte_pktmbuf_mtod(m, const char *);
		const unsigned call = number_behind(text, m->data_len, ": call-");
		const unsigned number = number_behind(text, m->data_len, "CSeq: ");

		assert_in_range(call, 0, CALLS - 1);
		if (number <= left[call])
			fail_msg("call %u: %u behind %u", call, number, left[call]);
		left[call] = number;
		n_left++;
		rte_pktmbuf_free(m);
	}
}

static void turn(unsigned worker)
{
	worker_turn(crew->dp.worker[worker]);
	look();
}

static void wish(unsigned worker, enum setup_steer how)
{
	atomic_store(&crew->dp.worker[worker]->steer->wish, (uint8_t)how);
}

static void span_ends(unsigned worker)
{
	crew->dp.worker[worker]->steer->span_tsc = 0;
}

static struct stats all_stats(void)
{
	static struct stats s;

	crew_stats(crew, crew->dp.n_workers, &s);
	return s;
}

static void all_done(void)
{
	for (unsigned i = 0; i < 1000; i++)
		for (unsigned w = 0; w < crew->dp.n_workers; w++)
			turn(w);
}

// Each message is counted once, by way and verdict, and every buffer is back.
static void end(void)
{
	const struct stats s = all_stats();
	uint64_t sum = 0;

	for (unsigned way = 0; way < WAY_COUNT; way++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			sum += s.way[way][v];
	assert_int_equal(s.received, n_given);
	assert_int_equal(sum, n_given);
	assert_int_equal(s.way[WAY_FORWARDED][VERDICT_FORWARDED], n_left);
	assert_int_equal(n_left + s.way[WAY_DROPPED][VERDICT_STEER_FULL], n_given);
	assert_int_equal(s.count[STATS_STEERED_OUT], s.count[STATS_STEERED_IN]);
	assert_int_equal(crew_in_use(crew), 0);
	crew_destroy(crew);
	crew = NULL;
}

// Any worker's turn at any time, and wishes that change; calls of the queue of worker 0 and others
// of that of worker 1.
static void any_order_of_turns(void **state)
{
	(void)state;
	for (unsigned n_workers = 2; n_workers <= CREW_WORKERS_MAX; n_workers++) {
		begin(n_workers, "");
		for (unsigned i = 0; i < 4000; i++) {
			const unsigned calls = i % 1000 < 250 ? 20 : CALLS;

			for (unsigned n = any(24); n > 0; n--) {
				const unsigned call = any(calls);

				arrives(call % 8 == 0, call);
			}
			for (unsigned n = 0; n < 2; n++)
				turn(any(n_workers));
			if (any(20) == 0) {
				const unsigned w = any(n_workers);

				wish(w, (enum setup_steer)any(3));
				span_ends(w);
			}
		}
		all_done();
		assert_true(all_stats().count[STATS_STEERED_OUT] > n_given / 20);
		assert_true(all_stats().count[STATS_STEER_MOVED] > 1000);
		end();
	}
}

// A worker that does not come for its messages: what it has no room for is lost by name, and none
// of its calls goes on elsewhere.
static void full(void **state)
{
	uint64_t lost;

	(void)state;
	begin(2, "set worker steer on\n");
	span_ends(0);
	turn(0);
	for (unsigned i = 0; i < 4000; i++) { // until the cells are spread
		arrives(0, any(CALLS));
		turn(0);
		turn(1);
	}
	assert_true(all_stats().count[STATS_STEERED_OUT] > 100);
	all_done();
	for (unsigned i = 0; i < 3 * STEER_RING; i++) {
		arrives(0, any(CALLS));
		turn(0);
	}
	lost = all_stats().way[WAY_DROPPED][VERDICT_STEER_FULL];
	assert_in_range(lost, STEER_RING / 8, 3 * STEER_RING);
	wish(0, SETUP_STEER_OFF);
	span_ends(0);
	for (unsigned i = 0; i < 100; i++) {
		arrives(0, any(CALLS));
		turn(0); // not before worker 1 has sent what it has
	}
	assert_int_equal(crew->dp.worker[0]->steer->state, STEER_HOME);
	assert_true(all_stats().way[WAY_DROPPED][VERDICT_STEER_FULL] > lost);
	for (unsigned i = 0; i < 1000 && crew->dp.worker[0]->steer->state != STEER_HERE; i++) {
		all_done();
		span_ends(0);
	}
	assert_int_equal(crew->dp.worker[0]->steer->state, STEER_HERE);
	assert_int_equal(steer_from(crew->dp.worker[1]), 0);
	end();
}

// By itself: begins when one worker has too much and the other nothing to do, balances, and ends
// when it is over; then its time goes faster.
static void automatic(void **state)
{
	struct steer *s;
	uint64_t away = 0, turns = 0;

	(void)state;
	begin(2, "");
	s = crew->dp.worker[0]->steer;
	for (; turns < 100000 && all_stats().count[STATS_STEERED_OUT] < 20000; turns++) {
		while (rte_ring_count(crew->in[0][0]) < 2 * BURST)
			arrives(0, any(CALLS));
		turn(0);
		turn(1);
		away = SPREAD_CELLS - spread_count(&s->spread, 0);
	}
	assert_true(all_stats().count[STATS_STEERED_OUT] >= 20000);
	assert_in_range(away, 50, SPREAD_CELLS - 50);
	assert_int_equal(crew->dp.worker[1]->steer->state, STEER_HERE);
	crew->dp.worker[0]->tsc_hz /= 20;
	for (turns = 0; turns < 2000000 && s->state != STEER_HERE; turns++) {
		if (turns % 1000 == 0)
			arrives(0, any(CALLS));
		turn(0);
		turn(1);
	}
	assert_int_equal(s->state, STEER_HERE);
	all_done();
	end();
}

// What has no Call-ID stays; so does everything of a leg that asks for passwords or counts sources,
// also when that begins while it is spread.
static void stays(void **state)
{
	static const char *const more[] = {"set leg access auth all\n",
	        "set limit calls rate 1000000 by source\nset limit calls method MESSAGE\n",
	        "set limit calls rate 1000000 by from\n"};
	static const char junk[] = "\r\n\r\n";
	struct generation *tables[ROOT_CHAINS];
	struct error e = {0};
	char config[4096];

	(void)state;
	for (unsigned i = 0; i < unit_rows(more); i++) {
		begin(2, "set worker steer on\n");
		span_ends(0);
		turn(0);
		for (unsigned n = 0; n < 5000; n++) {
			arrives(0, any(CALLS));
			turn(0);
			turn(1);
		}
		assert_true(all_stats().count[STATS_STEERED_OUT] > 1000);
		for (unsigned n = 0; n < 50; n++) {
			struct rte_mbuf *m =
			        crew_frame(crew, crew_leg(crew, "access"), &trunk, STR(junk));

			assert_int_equal(rte_ring_enqueue(crew->in[0][0], m), 0);
			turn(0);
		}
		assert_int_equal(all_stats().way[WAY_ABSORBED][VERDICT_KEEPALIVE], 50);
		all_done();
		snprintf(config, sizeof(config), CONFIG "set worker steer on\n%s", more[i]);
		if (!rig_tables_for(str_of(config), "more", 2, tables, &e))
			fail_msg("%s", e.text);
		tables[ROOT_CONFIG]->number++;
		assert_true(generation_publish(&crew->dp, ROOT_CONFIG, tables[ROOT_CONFIG]));
		generation_destroy(tables[ROOT_NEXTHOP], 2);
		generation_destroy(tables[ROOT_USERS], 2);
		arrives(0, 1);
		all_done();
		for (unsigned n = 0; n < 1000 && crew->dp.worker[0]->steer->here == 0; n++) {
			span_ends(0);
			all_done();
		}
		assert_true((crew->dp.worker[0]->steer->here & 1) != 0); // leg access
		const uint64_t before = all_stats().count[STATS_STEERED_OUT];

		for (unsigned n = 0; n < 500; n++) {
			arrives(0, any(CALLS));
			turn(0);
		}
		assert_int_equal(all_stats().count[STATS_STEERED_OUT], before);
		tear_down(NULL);
	}
}

// The same on threads, as in spry-dp.
static void on_lcores(void **state)
{
	unsigned stuck = 0;

	(void)state;
	for (unsigned n_workers = 2; n_workers <= CREW_WORKERS_MAX; n_workers += 2) {
		begin(n_workers, "set worker steer on\n");
		for (unsigned w = 0; w < n_workers; w++) {
			crew->dp.worker[w]->adaptive = true; // there are fewer CPUs than workers
			crew->dp.worker[w]->tsc_hz /= 20;
			assert_int_equal(
			        rte_eal_remote_launch(worker_run, crew->dp.worker[w], w + 1), 0);
		}
		while (n_given < 30000) {
			for (unsigned n = any(40); n > 0; n--) {
				const unsigned call = any(CALLS);

				arrives(call % 8 == 0, call);
			}
			look();
			if (any(200) == 0)
				wish(any(2), (enum setup_steer)any(3));
			while (rte_ring_count(crew->in[0][0]) > ROOM / 2 && stuck++ < 10000000)
				sched_yield();
		}
		for (unsigned w = 0; w < n_workers; w++)
			wish(w, SETUP_STEER_OFF);
		while ((rte_ring_count(crew->in[0][0]) > 0 || rte_ring_count(crew->in[0][1]) > 0) &&
		        stuck++ < 10000000) {
			look();
			sched_yield();
		}
		atomic_store(&crew->dp.stop, true);
		rte_eal_mp_wait_lcore();
		assert_true(stuck < 10000000);
		all_done();
		assert_true(all_stats().count[STATS_STEERED_OUT] > 1000);
		end();
	}
}

#define crew_test(t) cmocka_unit_test_teardown(t, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        crew_test(any_order_of_turns),
	        crew_test(full),
	        crew_test(automatic),
	        crew_test(stays),
	        crew_test(on_lcores),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
