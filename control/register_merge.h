// What becomes of the bindings of an AoR by a REGISTER (RFC 3261 §10.3 steps 6 and 7, RFC 5626 §6).
// A pure function: all or nothing.
#pragma once

#include "control/register_request.h"

// How many bindings were added, changed, removed, or given more time and nothing else.
struct register_change {
	unsigned added, updated, removed, refreshed;
};

// `old`: the live bindings. Fills out (LOCATION_CONTACTS_MAX) with what there is afterwards, best
// first; texts are views of the request and of old. False when q->answer refuses it: then nothing
// changes.
bool register_merge(struct register_request *q, const struct location_contact *old, unsigned n_old,
        struct location_contact *out, unsigned *n_out, struct register_change *change);
