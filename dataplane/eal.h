// DPDK's environment, started from the configuration's setup.
#pragma once

#include "dataplane/base/error.h"

struct dataplane;
struct setup;

// Whether the devices and cores of dp->setup are there. -1 with one line: what, where, what to do.
int eal_check(const struct dataplane *dp, struct error *e);
// Starts EAL: in memory on huge pages, or without them when too few are free or none are wanted
// (dp->no_huge; a warning says what that costs). Lcore 0 is the main one, 1..N the workers.
int eal_start(struct dataplane *dp, struct error *e);
// Bytes of the largest frame any port receives.
size_t eal_frame_room(const struct setup *s);
