// Patterns over messages: the compiled databases of a generation, and the scan.
#pragma once

#include "dataplane/worker.h"

struct pattern_set;

// The databases of a configuration ready to be scanned with, room for each worker to do so. NULL
// with error; *out is NULL without patterns.
int pattern_set_create(
        struct pattern_set **out, const struct table_view *v, unsigned n_workers, struct error *e);
void pattern_set_destroy(struct pattern_set *s, unsigned n_workers);

// What the patterns say of a request, also of one with a fault.
enum verdict policy_pattern(struct worker *w, struct packet *p);
