// What the dataplane needs to start: ports and workers. A change here restarts it.
#pragma once

#include "dataplane/table/table.h"

enum { SETUP_PORTS_MAX = 16, SETUP_CORES_MAX = 64 };

struct setup_port {
	char name[16];    // also of the kernel twin: spry-<name>, IFNAMSIZ
	char device[112]; // PCI address or devargs
	uint16_t mtu;     // 0 = the device's own
	uint8_t promiscuous;
	uint8_t reserved[5];
};

enum setup_idle { SETUP_POLL, SETUP_ADAPTIVE };
enum setup_steer { SETUP_STEER_OFF, SETUP_STEER_AUTO, SETUP_STEER_ON };

// What the workers do: rows of engines[] (dataplane/engine.c) in this order.
#define setup_engine_rows(X) \
	X(PROXY, "proxy")    \
	X(UAC, "uac")        \
	X(UAS, "uas")        \
	X(GENERATOR, "generator")

enum setup_engine {
#define X(id, name) SETUP_##id,
	setup_engine_rows(X)
#undef X
	        SETUP_ENGINES,
};

struct setup {
	uint16_t n_ports;
	uint16_t n_cores; // workers = cores
	uint8_t idle;     // enum setup_idle
	uint8_t huge;     // 0 = never ask for huge pages
	uint8_t steer;    // enum setup_steer
	uint8_t engine;   // enum setup_engine
	uint32_t packets; // packet buffers; 0 = computed from ports and cores
	uint16_t core[SETUP_CORES_MAX];
	struct setup_port port[SETUP_PORTS_MAX];
};

// SETUP_ENGINES when it is none.
enum setup_engine setup_engine_find(struct str name);
const struct setup *setup_get(const struct table_view *v);
bool setup_check(const struct table_view *v, struct error *e);
