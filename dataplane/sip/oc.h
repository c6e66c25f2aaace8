// Overload control between neighbours (RFC 7339): a client says `oc` in its Via that it listens,
// and gets the load in the same Via of a response. Loss algorithm only. We are no client ourselves.
#pragma once

#include "dataplane/sip/edit.h"
#include "dataplane/sip/via.h"

enum { OC_VALIDITY_MS = 500 }; // how long a client heeds what it was told (RFC 7339 §4.3)

struct oc {
	uint8_t loss; // percent of its requests a client is to hold back; 0 = none
	uint64_t ms;  // since 1970, never going back: later ones replace earlier ones (§4.4)
};

// Adds to the list what makes `v`, the Via of a response's receiver, tell it `load`; offsets count
// from `base`. A Via that does not ask for it (`oc`, and `loss` in `oc-algo`), or load == NULL:
// only what somebody behind us says there in our name is taken out (§5.4).
void oc_edit(struct edit_list *l, const char *base, const struct via *v, const struct oc *load);
