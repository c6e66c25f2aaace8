// spry-dp as a whole: what the main lcore owns and the workers read. One per process.
#pragma once

#include <stdatomic.h>

#include "dataplane/port.h"
#include "dataplane/worker.h"

struct twin_set;          // twin.c
struct generation_loader; // generation.c

struct dataplane {
	struct region region;      // root == NULL in tests without control
	struct setup setup;        // what this process was started with
	struct location *location; // bindings, shared with control; NULL = none
	struct bench *bench;       // orders to a load generator, NULL = it is the proxy
	bool no_huge;

	unsigned n_ports, n_workers;
	struct port port[SETUP_PORTS_MAX];
	struct worker *worker[ROOT_WORKERS_MAX];

	// The tables in use. Written by the main lcore (generation.c), taken by each worker at the
	// start of its turn.
	struct generation *_Atomic running[ROOT_CHAINS];
	uint64_t taken[ROOT_CHAINS];      // last generation looked at: runs, or was refused
	struct generation_loader *loader; // of users, NULL = none runs
	bool launched;                    // workers run on lcores of their own
	atomic_bool stop;                 // workers end

	struct twin_set *twins;        // NULL = none
	struct rte_mempool *twin_pool; // frames read from the twins
};
