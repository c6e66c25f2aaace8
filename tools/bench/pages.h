// Huge pages of 2 MB, had for the time of a measurement.
#pragma once

#include "dataplane/base/error.h"

// Sees to it that so many MB are free. -1 with error, and the number is what it was.
int pages_take(unsigned long mb, struct error *e);
// The number is what it was before pages_take().
void pages_give_back(void);
