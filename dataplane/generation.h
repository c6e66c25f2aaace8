// Generations of tables (DESIGN §1.6): the main lcore takes what control published, checks a
// private copy, swaps it in, waits until every worker has let go of the old one, acknowledges,
// frees.
#pragma once

#include "dataplane/base/error.h"
#include "dataplane/table/root.h"

struct dataplane;
struct generation;
struct setup;

// Makes an image ready for n_workers; takes the image over (frees it on failure too).
struct generation *generation_create(
        void *image, size_t len, enum root_chain chain, unsigned n_workers, struct error *e);
void generation_destroy(struct generation *g, unsigned n_workers);

// Swaps a generation in and frees the old one after every running worker has passed a quiescent
// point. False when a worker did not in 5 s: the old one is back in force, the new one never freed.
bool generation_publish(struct dataplane *dp, enum root_chain chain, struct generation *g);

// Takes users up; millions of them by a thread of its own, so that this must be called again
// (generation_turn does). Until the first are in force their legs answer 503.
void generation_users(struct dataplane *dp);
// Waits for that thread and forgets what it made.
void generation_stop(struct dataplane *dp);

// Whether this machine has the devices of a setup. -1 with the reason.
int generation_check_setup(const struct setup *s, struct error *e);

// Looks at the root page: takes what is newer than what runs. Returns true when the new
// configuration needs another set of ports or workers: the caller restarts the process (the next
// one acknowledges it).
bool generation_turn(struct dataplane *dp);
