// One spry-dp under spry-bench's care: its shared region, the tables it gets, its process.
#pragma once

#include <sys/types.h>

#include "dataplane/table/location.h"
#include "dataplane/table/root.h"
#include "dataplane/table/setup.h"

struct user_list;

struct device {
	const char *name; // "proxy", "generator"
	char dir[160];    // its region
	char log[168];
	struct region region;      // root NULL = none
	struct location *location; // NULL = none
	uint64_t generation;       // last one published
	unsigned n_cores;
	uint16_t core[SETUP_CORES_MAX];
	pid_t pid; // 0 = does not run
	struct root_worker_area *area[ROOT_WORKERS_MAX];
};

// Makes the region base/name. `huge`: on huge pages as far as there are any.
int device_create(struct device *d, const char *base, const char *name, bool huge, struct error *e);
// Ends the process at once, when it still runs, and removes the region.
void device_destroy(struct device *d);

// Makes tables of the text (tools/replay/config_image.h) the wanted ones of all chains; `users`
// (may be NULL) take the place of the text's. Nobody waits for the workers.
int device_publish(
        struct device *d, const char *text, const struct user_list *users, struct error *e);
// The table of bindings, before the process starts. It stays the caller's to fill.
int device_make_location(struct device *d, uint64_t slots, struct error *e);

// What a child of ours does first: ends with its parent, ignores ^C (the parent ends it in order),
// goes before other programs as far as it is allowed.
void device_child(pid_t parent);
// Starts the process on its cores, what it says goes to the log.
int device_spawn(struct device *d, struct error *e);
// Waits until the workers run with what was published. -1 with what the process said when it ended,
// or does not get there in time.
int device_wait(struct device *d, struct error *e);
// False when the process has ended (*e says how), or there is none.
bool device_lives(struct device *d, struct error *e);

// Of all workers: the counters, and what the kernel says of their time.
struct device_time {
	uint64_t cpu_ns;  // they had a CPU
	uint64_t wait_ns; // they wanted one, and others had it
};
void device_stats(struct device *d, struct stats *sum);
struct device_time device_time(const struct device *d);
