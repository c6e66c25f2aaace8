// Kernel twins: a TAP interface spry-<port> for each port (DESIGN §4). The main lcore carries
// frames between the TAPs and the workers' rings.
#pragma once

#include "dataplane/base/error.h"

struct dataplane;

// Opens (makes, when control did not) the twin of every port and gives it the port's MAC and MTU.
int twin_open(struct dataplane *dp, struct error *e);
void twin_close(struct dataplane *dp);
// Carries a bounded number of frames each way; waits up to wait_us for one. Returns frames carried.
unsigned twin_turn(struct dataplane *dp, unsigned wait_us);
