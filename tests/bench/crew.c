// Workers, ports of rings, tables: see crew.h.
#include "tests/bench/crew.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/generation.h"
#include "dataplane/net/eth.h"
#include "dataplane/net/frag.h"
#include "dataplane/net/udp.h"
#include "dataplane/sip/scan.h"
#include "dataplane/steer.h"
#include "tools/replay/rig_bindings.h"
#include "tools/replay/rig_tables.h"

enum { CREW_FRAMES = 8191 };

static unsigned n_crews; // names in EAL's memory are unique

// "0@0,1@0,2@1": worker i is lcore i + 1.
static void write_lcores(char *out, size_t room)
{
	unsigned cpu[CREW_WORKERS_MAX] = {0}, n = 0;
	cpu_set_t allowed;
	size_t at;

	CPU_ZERO(&allowed);
	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned i = 0; i < CPU_SETSIZE && n < CREW_WORKERS_MAX; i++)
		if (CPU_ISSET(i, &allowed))
			cpu[n++] = i;
	at = (size_t)snprintf(out, room, "--lcores=0@%u", cpu[0]);
	for (unsigned i = 0; i < CREW_WORKERS_MAX; i++)
		at += (size_t)snprintf(
		        out + at, room - at, ",%u@%u", i + 1, cpu[n > 0 ? i % n : 0]);
}

static int start_eal(struct error *e)
{
	static bool started;
	static char lcores[96];
	char *argv[] = {"crew", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf", "-m",
	        "512", lcores, "--main-lcore=0", "--log-level=3", NULL};

	if (started)
		return 0;
	if (scan_init() == NULL)
		return error_set(e, "SPRY_SCAN names a scanner this CPU can't run");
	write_lcores(lcores, sizeof(lcores));
	if (rte_eal_init(10, argv) < 0)
		return error_set(e, "EAL does not start: %s", rte_strerror(rte_errno));
	started = true;
	return 0;
}

static struct rte_ring *make_ring(
        const char *what, unsigned port, unsigned queue, unsigned room, unsigned flags)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u-%u-%u", what, n_crews, port, queue);
	return rte_ring_create(name, room, 0, flags);
}

static int open_port(struct crew *c, unsigned i, const struct crew_wish *wish, struct error *e)
{
	const unsigned single = RING_F_SP_ENQ | RING_F_SC_DEQ;
	const uint16_t n = (uint16_t)(CREW_STRIDE * (c->dp.n_workers - 1) + 1);
	struct rte_ring *rx[CREW_STRIDE * CREW_WORKERS_MAX], *tx[CREW_STRIDE * CREW_WORKERS_MAX];
	struct rte_eth_conf conf = {0};
	struct port *port = &c->dp.port[i];
	char name[32];

	for (unsigned q = 0; q < n; q++)
		rx[q] = tx[q] = c->none;
	for (unsigned w = 0; w < c->dp.n_workers; w++) {
		rx[w * CREW_STRIDE] = c->in[i][w] = make_ring("in", i, w, wish->room, single);
		if (w == 0 || !wish->one_wire)
			c->out[i][w] =
			        make_ring("out", i, w, wish->room, wish->one_wire ? 0 : single);
		else
			c->out[i][w] = c->out[i][0];
		tx[w * CREW_STRIDE] = c->out[i][w];
	}
	snprintf(name, sizeof(name), "crew%u-%u", n_crews, i);
	const int id = rte_eth_from_rings(name, rx, n, tx, n, 0);
	int failed = id < 0 ? id : rte_eth_dev_configure((uint16_t)id, n, n, &conf);

	for (uint16_t q = 0; q < n && failed == 0; q++) {
		failed = rte_eth_rx_queue_setup((uint16_t)id, q, 512, 0, NULL, c->frames);
		if (failed == 0)
			failed = rte_eth_tx_queue_setup((uint16_t)id, q, 512, 0, NULL);
	}
	if (failed != 0 || rte_eth_dev_start((uint16_t)id) != 0)
		return error_set(e, "ring port %u cannot be made: %s", i, rte_strerror(rte_errno));
	memcpy(port->name, c->dp.setup.port[i].name, sizeof(port->name));
	port->id = (uint16_t)id;
	port->mtu = 1500;
	memcpy(port->mac, (uint8_t[]){2, 0, 0, 0, 1, (uint8_t)i}, 6);
	port->started = true;
	port->link_up = true;
	return 0;
}

static int start_worker(struct crew *c, unsigned i, struct error *e)
{
	const size_t size = (sizeof(struct root_worker_area) + 63) & ~(size_t)63;
	struct root_worker_area *a = c->area[i] = aligned_alloc(64, size);
	struct worker *w = c->dp.worker[i] = worker_create(&c->dp, i, CREW_ROOM, e);

	if (a == NULL || w == NULL)
		return -1;
	memset(a, 0, size);
	w->area = a;
	w->queue = (uint16_t)(CREW_STRIDE * i);
	w->location = c->bindings != NULL ? rig_bindings_table(c->bindings) : NULL;
	w->control_lives = true;
	ring_init(a->event, ROOT_EVENT_BYTES);
	w->event = &w->ring[2];
	return ring_attach(w->event, a->event, ROOT_EVENT_BYTES) ? 0 : -1;
}

static int start(struct crew *c, const struct crew_wish *wish, struct error *e)
{
	char name[32];

	snprintf(name, sizeof(name), "crew-frames-%u", n_crews);
	c->frames = rte_pktmbuf_pool_create(name, CREW_FRAMES, 128, 0, CREW_ROOM, 0);
	c->none = make_ring("none", 0, 0, 4, 0);
	c->bindings = rig_bindings_create(&atomic_load(&c->dp.running[ROOT_CONFIG])->view, e);
	if (c->frames == NULL || c->none == NULL || e->text[0] != '\0')
		return -1;
	for (unsigned i = 0; i < c->dp.n_workers; i++)
		if (start_worker(c, i, e) != 0)
			return -1;
	if (steer_create(&c->dp, e) != 0)
		return -1;
	for (; c->dp.n_ports < c->dp.setup.n_ports; c->dp.n_ports++)
		if (open_port(c, c->dp.n_ports, wish, e) != 0)
			return -1;
	return 0;
}

struct crew *crew_create(const struct crew_wish *wish, struct error *e)
{
	struct crew *c = aligned_alloc(64, (sizeof(*c) + 63) & ~(size_t)63);
	struct generation *tables[ROOT_CHAINS];

	memset(c, 0, sizeof(*c));
	n_crews++;
	if (start_eal(e) != 0 ||
	        !rig_tables_for(str_of(wish->config), "crew", wish->n_workers, tables, e)) {
		free(c);
		return NULL;
	}
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		atomic_store(&c->dp.running[chain], tables[chain]);
	c->dp.setup = *setup_get(&tables[ROOT_CONFIG]->view);
	c->dp.setup.n_cores = (uint16_t)wish->n_workers;
	c->dp.setup.idle = SETUP_POLL;
	c->dp.n_workers = wish->n_workers;
	if (start(c, wish, e) == 0)
		return c;
	crew_destroy(c);
	return NULL;
}

static void empty(struct rte_ring *r)
{
	void *m;

	while (r != NULL && rte_ring_dequeue(r, &m) == 0)
		rte_pktmbuf_free(m);
}

void crew_destroy(struct crew *c)
{
	for (unsigned i = 0; i < c->dp.n_ports; i++) {
		rte_eth_dev_stop(c->dp.port[i].id);
		rte_eth_dev_close(c->dp.port[i].id);
		for (unsigned w = 0; w < c->dp.n_workers; w++) {
			empty(c->in[i][w]);
			empty(c->out[i][w]);
			rte_ring_free(c->in[i][w]);
			if (w == 0 || c->out[i][w] != c->out[i][0])
				rte_ring_free(c->out[i][w]);
		}
	}
	steer_destroy(&c->dp);
	for (unsigned i = 0; i < c->dp.n_workers; i++) {
		if (c->dp.worker[i] != NULL)
			c->dp.worker[i]->area = NULL;
		worker_destroy(c->dp.worker[i]);
		free(c->area[i]);
	}
	rig_bindings_destroy(c->bindings);
	rte_ring_free(c->none);
	rte_mempool_free(c->frames);
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		generation_destroy(atomic_load(&c->dp.running[chain]), c->dp.n_workers);
	free(c);
}

struct rte_mbuf *crew_frame(
        struct crew *c, const struct leg *l, const struct addr *from, struct str bytes)
{
	static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 9};
	const uint16_t len = (uint16_t)(UDP_HEADER + bytes.len);
	const uint16_t port[3] = {htons(from->port), htons(l->local.port), htons(len)};
	struct ip_out ip = {.src = from,
	        .dst = &l->local,
	        .protocol = IP_UDP,
	        .checksum = true,
	        .payload_len = len};
	struct rte_mbuf *m = rte_pktmbuf_alloc(c->frames);
	uint8_t *udp, *at;
	uint16_t sum;

	if (m == NULL)
		return NULL;
	udp = (uint8_t *)rte_pktmbuf_append(m, len);
	if (udp == NULL) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	memcpy(udp, port, sizeof(port));
	memset(udp + 6, 0, 2);
	memcpy(udp + UDP_HEADER, bytes.p, bytes.len);
	sum = udp_checksum(from, &l->local, udp, len);
	memcpy(udp + 6, &sum, 2);
	at = ip_write(udp, &ip);
	at = eth_write(at, c->dp.port[l->port].mac, peer_mac, l->vlan,
	        from->family == ADDR_IPV6 ? ETH_IPV6 : ETH_IPV4);
	rte_pktmbuf_prepend(m, (uint16_t)(udp - at));
	return m;
}

const struct leg *crew_leg(const struct crew *c, const char *name)
{
	return leg_by_id(&atomic_load(&c->dp.running[ROOT_CONFIG])->view, leg_id(str_of(name)));
}

void crew_stats(const struct crew *c, unsigned worker, struct stats *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < c->dp.n_workers; i++)
		if (worker == i || worker == c->dp.n_workers) {
			stats_add(out, &c->area[i]->stats);
			stats_add(out, &c->dp.worker[i]->delta);
		}
}

bool crew_register(struct crew *c, const struct leg *l, const struct addr *from, struct str bytes)
{
	const struct ring_message head = {.leg = l->id, .src = *from};
	static char answer[MESSAGE_BYTES_MAX];
	struct addr to;
	const size_t len = registrar_take(
	        rig_bindings_registrar(c->bindings), &head, bytes, answer, sizeof(answer), &to);

	return len > 12 && memcmp(answer, "SIP/2.0 200 ", 12) == 0;
}

unsigned crew_in_use(const struct crew *c)
{
	unsigned n = rte_mempool_in_use_count(c->frames);

	for (unsigned i = 0; i < c->dp.n_workers; i++)
		n += rte_mempool_in_use_count(c->dp.worker[i]->pool) +
		     rte_mempool_in_use_count(c->dp.worker[i]->pool_large);
	return n;
}
