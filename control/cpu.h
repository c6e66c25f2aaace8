// What the kernel says of CPU cores.
#pragma once

#include "dataplane/base/error.h"

// The last core this process may run on.
uint16_t cpu_last(void);
// -1 and an error that lists the cores there are when one of them is not online.
int cpu_check_online(const uint16_t *cores, unsigned n, struct error *e);
// Does the scheduler keep everybody else off all of them (isolcpus=)?
bool cpu_isolated(const uint16_t *cores, unsigned n);
