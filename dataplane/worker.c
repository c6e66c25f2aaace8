// A worker's loop, and the memory it runs on.
#include "dataplane/worker.h"

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_random.h>
#include <rte_ring.h>
#include <sys/prctl.h>
#include <time.h>

#include "dataplane/base/now.h"
#include "dataplane/dataplane.h"
#include "dataplane/engine.h"
#include "dataplane/generator/generator.h"
#include "dataplane/net/frag.h"
#include "dataplane/policy_auth.h"
#include "dataplane/policy_limit.h"
#include "dataplane/recall.h"
#include "dataplane/steer.h"

// Of control's heartbeats (one each 100 ms): the registrar is not there any more.
#define WORKER_CONTROL_DEAD_NS UINT64_C(2000000000)

enum {
	WORKER_BUFFERS_SMALL = 4096 - 1, // of 2 KB
	WORKER_BUFFERS_JUMBO = 2048 - 1, // of more
	WORKER_BUFFERS_LARGE = 128 - 1,  // of 64 KB
	WORKER_KERNEL_RING = 1024,
	WORKER_IDLE_TURNS = 128, // empty ones before an adaptive worker naps
	WORKER_NAP_NS = 50000,
};

struct rte_mbuf *worker_buffer(struct worker *w, size_t len)
{
	if (len <= w->room)
		return rte_pktmbuf_alloc(w->pool);
	if (len <= UINT16_MAX - RTE_PKTMBUF_HEADROOM)
		return rte_pktmbuf_alloc(w->pool_large);
	return NULL;
}

bool worker_buffer_bulk(struct worker *w, struct rte_mbuf **out, unsigned n)
{
	return rte_pktmbuf_alloc_bulk(w->pool, out, n) == 0;
}

// A system call none of them makes: the vDSO's clocks.
static void worker_clocks(struct worker *w)
{
	const struct root *root = w->dataplane->region.root;
	const uint64_t now = now_ns();

	w->now_s = now_boot_s();
	w->unix_s = now_unix_s();
	w->count_ms = w->count_base_ms + now / 1000000;
	w->control_lives = root == NULL || now - atomic_load_explicit(&root->control_beat_ns,
	                                                 memory_order_relaxed) <
	                                           WORKER_CONTROL_DEAD_NS;
}

// Adds this worker's counts to the shared ones: while it is busy only each millisecond, since that
// touches several kilobytes.
static void worker_report(struct worker *w, unsigned handled)
{
	const bool beat = w->tsc >= w->beat_tsc;

	if (beat) {
		worker_clocks(w);
		w->beat_tsc = w->tsc + w->tsc_hz / 1000;
		const unsigned lost = frag_expire(w->frag, w->tsc);
		w->delta.count[STATS_REASSEMBLY_TIMEOUT] += lost;
		if (w->shared != NULL)
			atomic_store_explicit(&w->shared->beat_ns, now_ns(), memory_order_relaxed);
	}
	if (!beat && (!w->dirty || handled >= BURST))
		return;
	stats_update_start(&w->area->stats);
	stats_add(&w->area->stats, &w->delta);
	stats_update_end(&w->area->stats);
	memset(&w->delta, 0, sizeof(w->delta));
	w->dirty = false;
}

// The end of a turn: nothing of the tables is held any more. The last store is
// sequentially consistent, so that the next turn's tables (the location table too) are read after
// the main lcore and control can see this.
static void worker_quiescent(struct worker *w)
{
	const uint64_t epoch = atomic_load_explicit(&w->epoch, memory_order_relaxed) + 1;

	w->config = w->nexthop = w->users = NULL;
	w->tokens = NULL;
	if (w->shared != NULL)
		atomic_store_explicit(&w->shared->epoch, epoch, memory_order_release);
	atomic_store(&w->epoch, epoch);
}

unsigned worker_turn(struct worker *w)
{
	struct dataplane *dp = w->dataplane;

	w->tsc = rte_rdtsc();
	w->config = atomic_load(&dp->running[ROOT_CONFIG]);
	w->nexthop = atomic_load(&dp->running[ROOT_NEXTHOP]);
	w->users = atomic_load(&dp->running[ROOT_USERS]);
	w->tokens = w->config != NULL ? w->config->tokens[w->index] : NULL;
	recall_turn(w);
	const unsigned handled = w->engine->turn(w);

	const bool behind = load_turn(&w->load, w->tsc, w->tsc_hz / 1000 * LOAD_SPAN_MS);

	w->delta.count[STATS_BEHIND] += behind;
	if (w->steer != NULL)
		steer_turn(w, handled, behind);
	w->delta.count[STATS_POLLS]++;
	w->delta.count[STATS_EMPTY_POLLS] += handled == 0;
	worker_report(w, handled);
	worker_quiescent(w);
	return handled;
}

// Lets others have the core after a while without work.
static void worker_idle(struct worker *w, unsigned handled)
{
	const struct timespec nap = {.tv_nsec = WORKER_NAP_NS};

	if (handled > 0) {
		w->idle_turns = 0;
		return;
	}
	if (!w->adaptive || ++w->idle_turns < WORKER_IDLE_TURNS)
		return;
	w->delta.count[STATS_SLEEPS]++;
	nanosleep(&nap, NULL);
}

int worker_run(void *arg)
{
	struct worker *w = arg;

	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // naps as short as they are meant
	while (!atomic_load_explicit(&w->dataplane->stop, memory_order_relaxed))
		worker_idle(w, worker_turn(w));
	worker_report(w, 0);
	return 0;
}

// Data room of the receive buffers, and how many there are.
static size_t worker_data_room(size_t room)
{
	return RTE_MAX(room + RTE_PKTMBUF_HEADROOM, (size_t)RTE_MBUF_DEFAULT_BUF_SIZE);
}

static unsigned worker_buffers(const struct setup *s, size_t room)
{
	const bool small = worker_data_room(room) <= RTE_MBUF_DEFAULT_BUF_SIZE;

	if (s->packets != 0)
		return RTE_MAX(
		        s->packets / s->n_cores, (uint32_t)FRAG_HELD_MAX + 1024 + steer_buffers(s));
	return FRAG_HELD_MAX + steer_buffers(s) +
	       (small ? WORKER_BUFFERS_SMALL + 1024u * s->n_ports : WORKER_BUFFERS_JUMBO);
}

size_t worker_memory_need(const struct setup *s, size_t room)
{
	const size_t overhead = sizeof(struct rte_mbuf) + 64; // mempool's header

	return worker_buffers(s, room) * (worker_data_room(room) + overhead) +
	       WORKER_BUFFERS_LARGE * (UINT16_MAX + overhead) + sizeof(struct worker) +
	       (8u << 20); // fragment table, rings, page ends
}

static bool worker_memory(struct worker *w, size_t room, int socket)
{
	const size_t data = worker_data_room(room);
	char name[32];

	snprintf(name, sizeof(name), "pool-%u", w->index);
	w->pool = rte_pktmbuf_pool_create(
	        name, worker_buffers(&w->dataplane->setup, room), 128, 0, (uint16_t)data, socket);
	w->room = data - RTE_PKTMBUF_HEADROOM;
	snprintf(name, sizeof(name), "large-%u", w->index);
	w->pool_large =
	        rte_pktmbuf_pool_create(name, WORKER_BUFFERS_LARGE, 0, 0, UINT16_MAX, socket);
	snprintf(name, sizeof(name), "kernel-%u", w->index);
	w->to_kernel =
	        rte_ring_create(name, WORKER_KERNEL_RING, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
	w->frag = frag_create(w->tsc_hz, socket);
	w->auth = auth_state_create(w->dataplane->setup.n_cores);
	w->policy = policy_state_create(w->dataplane->setup.n_cores);
	w->recall = recall_create(socket);
	if (w->index == 0)
		w->from_kernel = rte_ring_create(
		        "from-kernel", WORKER_KERNEL_RING, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return w->pool != NULL && w->pool_large != NULL && w->to_kernel != NULL &&
	       w->frag != NULL && w->auth != NULL && w->policy != NULL && w->recall != NULL &&
	       (w->index != 0 || w->from_kernel != NULL);
}

struct worker *worker_create(struct dataplane *dp, unsigned index, size_t room, struct error *e)
{
	const int socket = (int)rte_lcore_to_socket_id(index + 1);
	struct worker *w = rte_zmalloc_socket("worker", sizeof(*w), RTE_CACHE_LINE_SIZE, socket);

	if (w != NULL) {
		w->index = index;
		w->lcore = index + 1;
		w->queue = (uint16_t)index;
		w->dataplane = dp;
		w->tsc_hz = rte_get_tsc_hz();
		w->count_base_ms = now_unix_ms() - now_ns() / 1000000;
		worker_clocks(w);
		w->ip_id = (uint32_t)rte_rand();
		w->engine = &engines[dp->setup.engine];
		// a load generator that naps is late
		w->adaptive = dp->setup.idle == SETUP_ADAPTIVE && dp->setup.engine == SETUP_PROXY;
		if (worker_memory(w, room, socket))
			return w;
		worker_destroy(w);
	}
	error_set(e,
	        "worker %u: not enough packet memory; reserve more huge pages, or set fewer "
	        "worker cores",
	        index);
	return NULL;
}

int worker_attach(struct worker *w, struct error *e)
{
	struct region *r = &w->dataplane->region;

	w->area = region_worker(r, w->index, true, e);
	if (w->area == NULL)
		return -1;
	stats_repair(&w->area->stats);
	if (!ring_attach(&w->ring[0], w->area->punt, ROOT_PUNT_BYTES) ||
	        !ring_attach(&w->ring[1], w->area->inject, ROOT_INJECT_BYTES) ||
	        !ring_attach(&w->ring[2], w->area->event, ROOT_EVENT_BYTES))
		return error_set(e, "worker %u: its rings in %s are damaged", w->index, r->dir);
	w->punt = &w->ring[0];
	w->inject = &w->ring[1];
	w->event = &w->ring[2];
	w->shared = &r->root->worker[w->index];
	w->shared->core = w->dataplane->setup.core[w->index];
	w->shared->adaptive = w->adaptive;
	w->shared->steer = SETUP_STEER_OFF; // else steer_turn() says
	w->shared->steer_state = STEER_HERE;
	return 0;
}

void worker_destroy(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->area != NULL)
		region_worker_unmap(w->area);
	generator_destroy(w->generator);
	recall_destroy(w->recall);
	policy_state_destroy(w->policy);
	auth_state_destroy(w->auth);
	frag_destroy(w->frag);
	rte_ring_free(w->to_kernel);
	rte_ring_free(w->from_kernel);
	rte_mempool_free(w->pool);
	rte_mempool_free(w->pool_large);
	rte_free(w);
}
