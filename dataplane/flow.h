// Flows (RFC 5626 §5.3): where a phone's messages came from is where its requests go, for the whole
// dialog, when it says so (`ob`) or can't be reached by its Contact.
#pragma once

#include "dataplane/worker.h"

// The flow of who sent this request, when its dialog must be kept on it; NULL = by its Contact.
const struct addr *flow_of_sender(struct packet *p);
// The flow of who it goes to, when it was chosen by one.
static inline const struct addr *flow_of_target(const struct packet *p)
{
	return p->flow_out ? &p->target : NULL;
}
