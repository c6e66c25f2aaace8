// What spryd does for a running spry-dp, as far as a measurement needs it: heartbeats, rings
// emptied, REGISTERs answered by the real registrar (no journal).
#pragma once

#include "tools/bench/device.h"

struct deputy;

// Beats for these devices from now on. NULL with error.
struct deputy *deputy_start(struct device *const *devices, unsigned n, struct error *e);
// Takes what the workers of the device hand up, too; by its registrar when it has bindings. The
// device runs (its rings are there).
int deputy_serve(struct deputy *p, struct device *d, struct error *e);
// Before the device is destroyed.
void deputy_stop(struct deputy *p);
