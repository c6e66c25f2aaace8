// Trust between sides: who may say who a caller is (RFC 3325, RELIABILITY A18).
#pragma once

#include "dataplane/worker.h"

// Takes out of p what its sender's side may not assert, and what the other side may not see. For
// rewrite.
void policy_trust_edit(const struct worker *w, struct packet *p);
