// From a target address to a leg and the next hop on the link: the last step of both routes.
#pragma once

#include "dataplane/worker.h"

// p->target (port filled in, UDP) is known, and `leg` to leave by, or NULL when the kernel's route
// is to choose one. Fills leg_out and hop; a verdict when it cannot be sent there.
enum verdict target_settle(struct worker *w, struct packet *p, const struct leg *leg);
