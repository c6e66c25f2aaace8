// The real worker: frames come and go by ring ports (net_ring), all stages run in worker_turn().
// What the worker hands up is done beside it (rig_registrar.c).
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dataplane/generation.h"
#include "dataplane/net/eth.h"
#include "dataplane/net/frag.h"
#include "dataplane/net/udp.h"
#include "dataplane/sip/scan.h"
#include "tools/replay/poison.h"
#include "tools/replay/rig_inner.h"
#include "tools/replay/rig_tables.h"
#include "tools/replay/hitlist.h"

enum { RIG_FRAMES = 2047, RIG_LARGE = 31, RIG_SMALL_ROOM = 2048, RIG_RING = 4096 };

static unsigned n_rigs; // names in EAL's memory are unique

static unsigned first_cpu(void)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
		for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &allowed))
				return cpu;
	return 0;
}

static int start_eal(struct error *e)
{
	static bool started;
	static char lcores[48];
	char *argv[] = {"rig", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf", "-m",
	        "256", lcores, "--main-lcore=0", "--log-level=3", NULL};

	if (started)
		return 0;
	if (scan_init() == NULL)
		return error_set(e, "SPRY_SCAN=%s: no such scanner, or not for this CPU",
		        getenv("SPRY_SCAN"));
	snprintf(lcores, sizeof(lcores), "--lcores=0@%u,1@%u", first_cpu(), first_cpu());
	if (rte_eal_init(10, argv) < 0)
		return error_set(e, "EAL does not start: %s", rte_strerror(rte_errno));
	started = true;
	return 0;
}

static struct rte_ring *make_ring(const char *what, unsigned port)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u-%u", what, n_rigs, port);
	return rte_ring_create(name, RIG_RING, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

static int open_port(struct rig *r, unsigned i, struct error *e)
{
	struct rte_eth_conf conf = {0};
	struct port *port = &r->dp.port[i];
	char name[32];
	int id;

	snprintf(name, sizeof(name), "rig%u-%u", n_rigs, i);
	r->to_port[i] = make_ring("to", i);
	r->from_port[i] = make_ring("from", i);
	id = rte_eth_from_rings(name, &r->to_port[i], 1, &r->from_port[i], 1, 0);
	if (id < 0 || rte_eth_dev_configure((uint16_t)id, 1, 1, &conf) != 0 ||
	        rte_eth_rx_queue_setup((uint16_t)id, 0, 512, 0, NULL, r->frames) != 0 ||
	        rte_eth_tx_queue_setup((uint16_t)id, 0, 512, 0, NULL) != 0 ||
	        rte_eth_dev_start((uint16_t)id) != 0)
		return error_set(e, "ring port %u cannot be made: %s", i, rte_strerror(rte_errno));
	memcpy(port->name, r->dp.setup.port[i].name, sizeof(port->name));
	port->id = (uint16_t)id;
	port->mtu = RIG_FRAME_MAX;
	memcpy(port->mac, (uint8_t[]){2, 0, 0, 0, 1, (uint8_t)i}, 6);
	port->started = true;
	port->link_up = true;
	return 0;
}

static bool make_rings(struct worker *w, struct root_worker_area *a)
{
	ring_init(a->punt, ROOT_PUNT_BYTES);
	ring_init(a->inject, ROOT_INJECT_BYTES);
	ring_init(a->event, ROOT_EVENT_BYTES);
	w->punt = &w->ring[0];
	w->inject = &w->ring[1];
	w->event = &w->ring[2];
	return ring_attach(w->punt, a->punt, ROOT_PUNT_BYTES) &&
	       ring_attach(w->inject, a->inject, ROOT_INJECT_BYTES) &&
	       ring_attach(w->event, a->event, ROOT_EVENT_BYTES);
}

static struct rte_mempool *make_pool(const char *what, unsigned n, uint16_t room)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u", what, n_rigs);
	return rte_pktmbuf_pool_create(name, n, 0, 0, room, 0);
}

static int start_worker(struct rig *r, struct error *e)
{
	r->frames = make_pool("frames", RIG_FRAMES, RIG_SMALL_ROOM);
	r->large = make_pool("jumbos", RIG_LARGE, UINT16_MAX);
	r->area = aligned_alloc(64, (sizeof(*r->area) + 63) & ~(size_t)63);
	if (r->frames == NULL || r->large == NULL || r->area == NULL)
		return error_set(e, "out of memory");
	memset(r->area, 0, sizeof(*r->area));
	r->dp.worker[0] = worker_create(&r->dp, 0, RIG_SMALL_ROOM, e);
	if (r->dp.worker[0] == NULL)
		return -1;
	r->dp.n_workers = 1;
	r->dp.worker[0]->area = r->area;
	return make_rings(r->dp.worker[0], r->area) ? 0 : error_set(e, "rings cannot be made");
}

static int start(struct rig *r, struct error *e)
{
	if (start_worker(r, e) != 0)
		return -1;
	for (; r->dp.n_ports < r->dp.setup.n_ports; r->dp.n_ports++)
		if (open_port(r, r->dp.n_ports, e) != 0)
			return -1;
	if (rig_config(r)->count[TABLE_HOMES] == 0)
		return 0;
	r->registrar = rig_registrar_create(r, e);
	return r->registrar != NULL ? 0 : -1;
}

struct rig *rig_create(struct str text, const char *name, struct error *e)
{
	struct rig *r = aligned_alloc(64, (sizeof(*r) + 63) & ~(size_t)63);
	struct generation *tables[ROOT_CHAINS];

	memset(r, 0, sizeof(*r));
	n_rigs++;
	if (start_eal(e) != 0 || !rig_tables(text, name, tables, e)) {
		free(r);
		return NULL;
	}
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		atomic_store(&r->dp.running[chain], tables[chain]);
	r->dp.setup = *setup_get(&tables[ROOT_CONFIG]->view);
	r->dp.setup.n_cores = 1;
	if (start(r, e) == 0)
		return r;
	rig_destroy(r);
	return NULL;
}

void rig_destroy(struct rig *r)
{
	for (unsigned i = 0; i < r->dp.n_ports; i++) {
		rte_eth_dev_stop(r->dp.port[i].id);
		rte_eth_dev_close(r->dp.port[i].id);
		rte_ring_free(r->to_port[i]);
		rte_ring_free(r->from_port[i]);
	}
	rig_registrar_destroy(r->registrar);
	if (r->dp.worker[0] != NULL)
		r->dp.worker[0]->area = NULL;
	worker_destroy(r->dp.worker[0]);
	rte_mempool_free(r->frames);
	rte_mempool_free(r->large);
	free(r->area);
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		generation_destroy(atomic_load(&r->dp.running[chain]), 1);
	free(r);
}

void rig_behind(struct rig *r, unsigned level)
{
	r->behind = (uint8_t)level;
	r->dp.worker[0]->load.level = r->behind;
}

void rig_watch(struct rig *r, rig_watch_fn fn, void *arg)
{
	r->watch = fn;
	r->watch_arg = arg;
}

// Everything that left. False when it is more than one datagram, or not one as it should be.
static bool take_out(struct rig *r, struct rig_result *out)
{
	unsigned n = 0;
	void *m;

	while (rte_ring_dequeue(r->dp.worker[0]->to_kernel, &m) == 0)
		rte_pktmbuf_free(m);
	for (unsigned i = 0; i < r->dp.n_ports; i++) {
		while (rte_ring_dequeue(r->from_port[i], &m) == 0) {
			const char *wrong = rig_frame_read(r, (uint8_t)i, m, out);

			if (r->watch != NULL)
				r->watch(r->watch_arg,
				        (struct str){rte_pktmbuf_mtod((struct rte_mbuf *)m, char *),
				                rte_pktmbuf_data_len((struct rte_mbuf *)m)});
			rte_pktmbuf_free(m);
			if (wrong == NULL && ++n > 1)
				wrong = "more than one datagram left";
			if (wrong != NULL)
				out->fault = wrong;
		}
	}
	return out->fault == NULL;
}

static void read_stats(const struct rig *r, struct stats *out)
{
	*out = r->area->stats;
	stats_add(out, &r->dp.worker[0]->delta);
}

// By the counters: exactly one packet went exactly one way.
static bool take_verdict(struct rig *r, struct rig_result *out)
{
	const struct stats *before = &r->before;
	struct stats now;
	uint64_t n = 0;

	read_stats(r, &now);
	for (unsigned way = 0; way < WAY_COUNT; way++) {
		for (unsigned v = 0; v < VERDICT_COUNT; v++) {
			if (now.way[way][v] == before->way[way][v])
				continue;
			n += now.way[way][v] - before->way[way][v];
			out->way = way_name[way];
			out->verdict = verdict_row[v].name;
		}
	}
	if (n != 1 || now.received != before->received + 1)
		out->fault = "it was not counted exactly once";
	return out->fault == NULL;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void turns(struct rig *r, struct rig_result *out)
{
	const uint64_t start_ns = cpu_ns();

	for (unsigned i = 0; i < RIG_TURNS; i++) {
		if (r->behind > 0)
			r->dp.worker[0]->load.level = r->behind;
		if (worker_turn(r->dp.worker[0]) == 0)
			break;
	}
	out->cpu_ns += cpu_ns() - start_ns;
}

// Fragments that wait are the only buffers that may be in use afterwards.
static bool all_given_back(const struct rig *r)
{
	const struct worker *w = r->dp.worker[0];

	return rte_mempool_in_use_count(r->frames) + rte_mempool_in_use_count(r->large) ==
	               frag_held(w->frag) &&
	       rte_mempool_in_use_count(w->pool) == 0 &&
	       rte_mempool_in_use_count(w->pool_large) == 0;
}

static bool run(struct rig *r, uint8_t port, struct rte_mbuf *m, struct rig_result *out)
{
	char *end = (char *)m->buf_addr + m->data_off + m->data_len;
	const size_t behind = (size_t)m->buf_len - m->data_off - m->data_len;

	read_stats(r, &r->before);
	if (rte_ring_enqueue(r->to_port[port], m) != 0) {
		rte_pktmbuf_free(m);
		out->fault = "no room on the ring of the port";
		return false;
	}
	poison(end, behind);
	turns(r, out);
	unpoison(end, behind);
	out->config = rig_config(r);
	hitlist_take(out->config, r->area->hits, out->rules, sizeof(out->rules));
	if (take_verdict(r, out) && rig_control_turn(r, out))
		turns(r, out);
	if (!take_out(r, out))
		return false;
	if (!all_given_back(r))
		out->fault = "a buffer was not given back";
	return out->fault == NULL;
}

static struct rte_mempool *pool_for(const struct rig *r, size_t len)
{
	return len + ETH_HEADER_MAX + IP_V6_HEADER + UDP_HEADER <= RIG_SMALL_ROOM ? r->frames
	                                                                          : r->large;
}

static bool start_result(struct rig_result *out, const struct leg *l)
{
	memset(out, 0, offsetof(struct rig_result, bytes));
	out->verdict = out->way = "?";
	if (l == NULL)
		out->fault = "no such leg";
	return l != NULL;
}

bool rig_send(struct rig *r, struct str leg, const struct addr *from, struct str bytes,
        struct rig_result *out)
{
	const struct leg *l = rig_leg(r, leg);
	struct rte_mbuf *m;

	if (!start_result(out, l))
		return false;
	if (from->family != l->local.family) {
		out->fault = "the source is of another family than the leg";
		return false;
	}
	m = rig_frame_make(pool_for(r, bytes.len), r, l, from, bytes);
	if (m == NULL)
		out->fault = "too long for a frame";
	return m != NULL && run(r, l->port, m, out);
}

bool rig_frame(struct rig *r, struct str leg, struct str frame, struct rig_result *out)
{
	const struct leg *l = rig_leg(r, leg);
	struct rte_mbuf *m;

	if (!start_result(out, l))
		return false;
	m = rig_frame_copy(pool_for(r, frame.len), r, l, frame);
	if (m == NULL)
		out->fault = "too long for a frame";
	return m != NULL && run(r, l->port, m, out);
}

struct str rig_first_leg(const struct rig *r)
{
	const struct table_view *v = rig_config(r);

	return v->count[TABLE_LEGS] > 0 ? str_of(((const struct leg *)v->rows[TABLE_LEGS])->name)
	                                : STR_NONE;
}

bool rig_beside(const struct rig *r, struct str leg, struct addr *out)
{
	const struct leg *l = rig_leg(r, leg);
	uint8_t *last;

	if (l == NULL)
		return false;
	*out = l->local;
	last = &out->ip[addr_ip_len(out) - 1];
	*last = *last != 99 ? 99 : 98;
	out->port = 5060;
	return true;
}

uint64_t rig_stats(const struct rig *r, struct stats *out)
{
	read_stats(r, out);
	return rte_get_tsc_hz();
}
