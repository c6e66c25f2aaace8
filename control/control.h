// spryd: everything the process holds. main.c makes it, the parts below it know only what they
// need.
#pragma once

#include <event2/event.h>

#include "control/areas.h"
#include "control/janitor.h"
#include "control/mirror.h"
#include "control/publish.h"
#include "control/upcall.h"
#include "control/state.h"
#include "control/kernel.h"
#include "control/users.h"
#include "dataplane/base/log.h"
#include "dataplane/sip/token.h"

struct commit;
struct registrar;
struct store_sync;
struct client_list;

// What a worker had counted at the last `clear counters`.
struct baseline {
	struct stats stats;
	struct hit hits[HITS_MAX];
};

struct control {
	const char *config_file, *run_dir, *state_dir;
	int log_level;     // -l, 0 = by configuration
	bool remove_twins; // at a clean stop
	struct event_base *base;
	struct region region;
	struct janitor janitor;
	struct publish publish;
	struct areas areas;
	struct state state;
	struct kernel kernel;
	struct mirror *mirror;
	struct upcall *upcall;
	struct location *location; // bindings; NULL = no registrar
	struct registrar *registrar;
	struct store_sync *store; // its journal; NULL = what a power cut takes is gone
	struct users *users;      // who may authenticate
	struct commit *commit;
	struct client_list *clients;
	struct token_key keys[TOKEN_KEYS_MAX]; // kept ones, when the configuration has none
	unsigned n_keys;
	struct baseline *baseline; // one a worker, of the last `clear counters`; NULL = none
	uint64_t baseline_boot;    // dataplane_boot it belongs to
	struct upcall_counters upcall_baseline;
	uint64_t started_ns;
	bool failed; // at boot: the loop ends with an error
};
