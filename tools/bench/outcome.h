// What a measurement found, for people and for machines.
#pragma once

#include <jansson.h>

#include "tools/bench/measure.h"

// Messages/s through the proxy at the loss-free rate.
double outcome_rate(const struct measure *m);
void outcome_print(const struct measure *m, FILE *out);
// One object; the caller's reference.
json_t *outcome_json(const struct measure *m);
