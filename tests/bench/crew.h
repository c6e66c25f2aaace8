// Several real workers in one process on ring ports, each with queues of its own on every port and
// all with the same tables, as in spry-dp: for the tests of steering and the benchmarks of several
// cores. The caller runs their turns, on one thread or on an lcore each.
#pragma once

#include "dataplane/dataplane.h"

struct rig_bindings;

// Queue numbers are apart, so that the counters that net_ring keeps by queue share no cache line.
enum { CREW_WORKERS_MAX = 4, CREW_STRIDE = 4, CREW_ROOM = 2048 };

struct crew_wish {
	const char *config;
	unsigned n_workers;
	unsigned room; // frames that can wait in each ring
	bool one_wire; // all workers send into the rings of worker 0: then it has one order
};

struct crew {
	struct dataplane dp;
	struct rte_ring *in[SETUP_PORTS_MAX][CREW_WORKERS_MAX],
	        *out[SETUP_PORTS_MAX][CREW_WORKERS_MAX];
	struct rte_ring *none; // of queues nobody has
	struct root_worker_area *area[CREW_WORKERS_MAX];
	struct rte_mempool *frames;    // of what arrives
	struct rig_bindings *bindings; // NULL = nobody can register
};

// Starts EAL when it is the first one, with an lcore a worker on the CPUs that this process may
// use, in turn. NULL with error.
struct crew *crew_create(const struct crew_wish *wish, struct error *e);
void crew_destroy(struct crew *c);

// A datagram to the address of a leg as a frame; NULL when there is no buffer.
struct rte_mbuf *crew_frame(
        struct crew *c, const struct leg *l, const struct addr *from, struct str bytes);
const struct leg *crew_leg(const struct crew *c, const char *name);
// All counters since the start, of one worker or (worker == the number of them) of all.
void crew_stats(const struct crew *c, unsigned worker, struct stats *out);
// Registers with the registrar; false when it refuses.
bool crew_register(struct crew *c, const struct leg *l, const struct addr *from, struct str bytes);
// Buffers of any pool that are in use.
unsigned crew_in_use(const struct crew *c);
