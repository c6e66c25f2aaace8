// What is measured: one row a scenario. To add one: a row, and in README when operators should
// know.
#pragma once

#include <stdio.h>

#include "dataplane/table/bench.h"

enum scenario_flag {
	SCENARIO_SINK = 1,     // requests go one way: the callee only checks and counts
	SCENARIO_PHONES = 2,   // callees are bindings in the location table
	SCENARIO_REGISTER = 4, // callers register; spry-bench plays the registrar beside the worker
	SCENARIO_DIGEST = 8,   // with passwords
	SCENARIO_ONE_FLOW = 16, // all from one address and port
	SCENARIO_REWRITE = 32,  // Contact rewriting towards the core
};

struct scenario {
	const char *name;
	const char *text;
	uint16_t weight[BENCH_KINDS];
	unsigned flags;    // enum scenario_flag
	unsigned messages; // through the proxy for each one begun
	unsigned size;     // bytes of a request
	uint64_t bindings; // in the location table
	uint32_t users;    // 0 = as many as bindings
	unsigned patterns; // literals searched for in header values
	const char *unit;  // what is begun: "calls", "messages", "registrations"
	struct bench_expect expect;
};

extern const struct scenario scenarios[]; // ended by name NULL
// NULL when there is none of that name.
const struct scenario *scenario_find(const char *name);

enum { SCENARIO_PORTS = 2, SCENARIO_CALLER_PORTS = 1000 };
#define SCENARIO_MAC "02:00:00:00:00:09" // of every memif port
#define SCENARIO_PASSWORD "bench"

// Where the two processes meet: devices and, in the table of next hops, link addresses of the other
// end.
struct scenario_ports {
	char proxy[SCENARIO_PORTS][112], generator[SCENARIO_PORTS][112];
	char proxy_mac[SCENARIO_PORTS][18], generator_mac[SCENARIO_PORTS][18];
};

// Configuration of the proxy under test, and of the generator. `engine` is a word of `worker
// engine`.
void scenario_proxy_text(const struct scenario *s, const struct scenario_ports *p,
        const char *cores, uint64_t slots, FILE *out);
void scenario_generator_text(
        const struct scenario_ports *p, const char *engine, const char *cores, FILE *out);
// What the generator is asked to send: sides, kinds, users; not the rate.
void scenario_order(const struct scenario *s, const struct scenario_ports *p, uint64_t bindings,
        struct bench_order *out);
