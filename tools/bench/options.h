// Options of the one-shot commands.
#pragma once

#include "tools/bench/measure.h"

struct options {
	struct measure_wish wish;
	const char *scenario; // the first word that is no option; NULL = none
	bool json;
	const char *plot;  // file
	const char *sweep; // "bindings", "size"
};

// Reads argv[1..]. -1 with an error that names the word.
int options_read(struct options *o, int argc, char **argv, struct error *e);
// The options, one a line.
void options_help(FILE *out);
