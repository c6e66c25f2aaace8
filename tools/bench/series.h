// One scenario again and again, with another number of bindings or another size each time.
#pragma once

#include "tools/bench/options.h"

// Prints a line or a JSON object for each, draws the picture that was asked for. -1 with error.
int series_run(const struct options *o, struct error *e);
