// Two spry-dp, the generator and the proxy under test, each on its cores, joined by net_memif or by
// real ports. Started and ended together: net_memif's server crashes when a polled client leaves.
#pragma once

#include "tools/bench/deputy.h"
#include "tools/bench/scenario.h"

struct pair_wish {
	const char *generator_cores, *proxy_cores; // as `worker cores` takes them
	const char *engine;                        // of the generator
	// real ports' devargs or PCI addresses, both of one kind; n_ports 0 = net_memif, one pair a
	// side
	unsigned n_ports;
	const char *generator_port[2], *proxy_port[2];
	bool no_huge;
	unsigned huge_mb; // reserved for the time it runs; 0 = what is free is used
	bool copy;        // net_memif without zero-copy
};

struct pair {
	char base[128];
	struct device generator, proxy;
	struct scenario_ports ports;
	struct deputy *deputy;
	struct bench *bench;
	unsigned n_generators; // workers
	bool memif;
	bool same_run; // the generator goes on where it was from trial to trial: refreshes have to
	               // have the Call-ID of what they refresh
	uint64_t bindings;
};

// In a directory of its own in $SPRY_RUN, else /dev/shm. One pair at a time in a process. -1 with
// error, and nothing is left.
int pair_start(struct pair *p, const struct scenario *s, const struct pair_wish *w,
        uint64_t bindings, struct error *e);
void pair_stop(struct pair *p);
// False when one of them has ended; *e says why.
bool pair_lives(struct pair *p, struct error *e);
