// The bed: ports, a worker, and frames carried by hand.
#include "tests/pipeline/gen_bed.h"

#include <rte_eth_ring.h>
#include <sys/mman.h>

enum { BED_RING = 4096, BED_ROOM = 2048 };

static void make_port(struct gen_bed *b, unsigned i)
{
	static unsigned n;
	const struct rte_eth_conf conf = {0};
	struct port *port = &b->dp.port[i];
	char name[32];
	int id;

	snprintf(name, sizeof(name), "gen-in-%u", n);
	b->in[i] = rte_ring_create(name, BED_RING, 0, 0);
	snprintf(name, sizeof(name), "gen-out-%u", n);
	b->out[i] = rte_ring_create(name, BED_RING, 0, 0);
	snprintf(name, sizeof(name), "gen%u", n++);
	id = rte_eth_from_rings(name, &b->in[i], 1, &b->out[i], 1, 0);
	assert_true(id >= 0);
	assert_int_equal(rte_eth_dev_configure((uint16_t)id, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup((uint16_t)id, 0, 512, 0, NULL, b->worker->pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup((uint16_t)id, 0, 512, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start((uint16_t)id), 0);
	port->id = (uint16_t)id;
	memcpy(port->mac, (uint8_t[]){2, 0, 0, 0, 0, 9}, 6); // whom the rig's neighbours are
	b->dp.n_ports = i + 1;
}

const char gen_bed_unused[] = "set port access device net_null0\n"
                              "set port access address 192.0.2.1/24\n"
                              "set port core device net_null1\n"
                              "set port core address 198.51.100.1/24\n"
                              "set leg access port access udp 192.0.2.1:5060\n"
                              "set leg core port core udp 198.51.100.1:5060\n"
                              "set domain default reject 404\n";

void gen_bed_start(struct gen_bed *b, const char *config, enum setup_engine engine)
{
	struct error e = {0};

	memset(b, 0, sizeof(*b));
	b->rig = rig_create(str_of(config), "gen_bed", &e);
	if (b->rig == NULL)
		fail_msg("%s", e.text);
	b->dp.setup.engine = (uint8_t)engine;
	b->dp.setup.n_ports = BENCH_SIDES;
	b->dp.setup.n_cores = 1;
	b->worker = worker_create(&b->dp, 1, BED_ROOM, &e); // the rig's is 0
	if (b->worker == NULL)
		fail_msg("%s", e.text);
	b->worker->index = b->worker->queue = 0;
	b->area = aligned_alloc(64, (sizeof(*b->area) + 63) & ~(size_t)63);
	assert_non_null(b->area);
	memset(b->area, 0, sizeof(*b->area));
	b->worker->area = b->area;
	for (unsigned i = 0; i < BENCH_SIDES; i++)
		make_port(b, i);
	b->bench = aligned_alloc(64, (sizeof(*b->bench) + 63) & ~(size_t)63);
	assert_non_null(b->bench);
	memset(b->bench, 0, sizeof(*b->bench));
	b->worker->generator = generator_create(b->worker, b->bench, &e);
	assert_non_null(b->worker->generator);
}

static void empty_ring(struct rte_ring *r)
{
	void *m;

	while (rte_ring_dequeue(r, &m) == 0)
		rte_pktmbuf_free(m);
}

void gen_bed_stop(struct gen_bed *b)
{
	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		rte_eth_dev_stop(b->dp.port[i].id);
		rte_eth_dev_close(b->dp.port[i].id);
		empty_ring(b->in[i]);
		empty_ring(b->out[i]);
		rte_ring_free(b->in[i]);
		rte_ring_free(b->out[i]);
	}
	b->worker->area = NULL;
	worker_destroy(b->worker);
	free(b->bench);
	free(b->area);
	rig_destroy(b->rig);
}

uint32_t gen_bed_clear(void)
{
	static uint32_t clears;

	return ++clears;
}

struct bench_order gen_bed_order(enum bench_kind kind)
{
	struct bench_order o = {.run = 1,
	        .ringing = 1,
	        .clear = gen_bed_clear(),
	        .timeout_ms = 10000,
	        .limit = 64,
	        .check_every = 1,
	        .size = 550,
	        .n_users = 1000,
	        .key = 0x1234567890abcdef,
	        .domain = "example.com"};

	o.weight[kind] = 1;
	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		o.side[i].port = (uint16_t)i;
		memcpy(o.side[i].mac, (uint8_t[]){2, 0, 0, 0, 1, (uint8_t)i}, 6); // of the rig
	}
	addr_parse(STR("192.0.2.100:5060"), &o.side[BENCH_CALLER].local);
	addr_parse(STR("198.51.100.10:5060"), &o.side[BENCH_CALLEE].local);
	o.side[BENCH_CALLER].proxy = o.side[BENCH_CALLEE].local;
	o.side[BENCH_CALLEE].proxy = o.side[BENCH_CALLER].local;
	return o;
}

void gen_bed_give(struct gen_bed *b, const struct bench_order *o)
{
	b->bench->order = *o;
	bench_order_give(b->bench);
	worker_turn(b->worker);
	assert_true(bench_order_taken(b->bench, 1));
}

static void carry(struct gen_bed *b, enum bench_side_id from, gen_bed_fn fn, void *arg)
{
	struct rte_ring *to = b->in[1 - from];
	void *m;

	while (rte_ring_dequeue(b->out[from], &m) == 0) {
		if (fn != NULL && fn(arg, from, m))
			continue;
		if (rte_ring_enqueue(to, m) != 0)
			rte_pktmbuf_free(m);
	}
}

void gen_bed_cable(struct gen_bed *b, unsigned turns, gen_bed_fn fn, void *arg)
{
	for (unsigned i = 0; i < turns; i++) {
		carry(b, BENCH_CALLER, fn, arg);
		carry(b, BENCH_CALLEE, fn, arg);
		worker_turn(b->worker);
	}
}

static void move(struct rte_ring *from, struct rte_ring *to)
{
	void *m;

	while (rte_ring_dequeue(from, &m) == 0)
		if (rte_ring_enqueue(to, m) != 0)
			rte_pktmbuf_free(m);
}

void gen_bed_proxy(struct gen_bed *b, unsigned turns)
{
	static struct rig_result unused;

	for (unsigned i = 0; i < turns; i++) {
		for (unsigned side = 0; side < BENCH_SIDES; side++)
			move(b->out[side], b->rig->to_port[side]);
		worker_turn(b->rig->dp.worker[0]);
		rig_control_turn(b->rig, &unused);
		for (unsigned side = 0; side < BENCH_SIDES; side++)
			move(b->rig->from_port[side], b->in[side]);
		worker_turn(b->worker);
	}
}

const struct bench_stats *gen_bed_stats(const struct gen_bed *b)
{
	return &b->bench->stats[0];
}

uint64_t gen_bed_count(const struct gen_bed *b, enum bench_count c)
{
	return b->bench->stats[0].count[c];
}

void gen_bed_settled(const struct gen_bed *b)
{
	for (unsigned i = 0; i < BENCH_SIDES; i++) {
		assert_int_equal(rte_ring_count(b->in[i]), 0);
		assert_int_equal(rte_ring_count(b->out[i]), 0);
	}
	assert_int_equal(rte_mempool_in_use_count(b->worker->pool), 0);
	assert_int_equal(rte_mempool_in_use_count(b->rig->frames), 0);
	assert_int_equal(rte_mempool_in_use_count(b->rig->dp.worker[0]->pool), 0);
}
