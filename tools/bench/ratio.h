// What `spry-bench compare` prints: each peer's figures, and how many times ours they are.
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "tools/bench/peer.h"

enum { RATIO_RUNS_MAX = 31 };

struct ratio_row {
	const struct peer *peer;
	unsigned n;                        // measurements that succeeded
	struct figure run[RATIO_RUNS_MAX]; // in the order of time, until ratio_sort
	struct error why;                  // of the last one that did not
	bool absent;                       // the peer is not installed
};

struct ratio_table {
	struct ratio_row *row;
	unsigned n;
	bool best; // the best of the runs counts, not the median (a machine that others use too)
};

// Sorts each row's measurements by what a core does. To be called once before the rest.
void ratio_sort(struct ratio_table *t);
// The measurement that counts, or NULL when none succeeded.
const struct figure *ratio_figure(const struct ratio_table *t, const struct ratio_row *row);
// Ours for the same work against this row's: messages for a second of core. 0 = not known.
double ratio_of(const struct ratio_table *t, const struct ratio_row *row);
// "2.61 M", "160 k", "1,940" → always 3 digits that count.
void ratio_format(double n, char out[static 16]);
void ratio_print(const struct ratio_table *t, FILE *out);
// A new object: {"best", "peers": [...]}.
json_t *ratio_json(const struct ratio_table *t);
