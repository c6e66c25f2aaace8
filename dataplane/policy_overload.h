// Overload: what a worker that is behind does not take on (work order: responses and requests
// within dialogs first). Called before everything that costs more than parse.
#pragma once

#include "dataplane/sip/oc.h"
#include "dataplane/worker.h"

// Only while w->load.level is not 0: OVERLOAD, OVERLOAD_REFUSED or NONE for a request.
enum verdict policy_overload(const struct worker *w, const struct packet *p);

// What clients on that leg are told of our load (RFC 7339): `out`, or NULL when nothing. All
// workers together: a client's requests and the responses to them may come by different ones.
const struct oc *policy_overload_load(const struct worker *w, const struct leg *to, struct oc *out);
