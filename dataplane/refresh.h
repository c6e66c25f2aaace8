// The fast path of registration: a REGISTER that changes nothing but time is answered by the
// worker. Whatever is not plainly that goes to the registrar.
#pragma once

#include "dataplane/sip/aor.h"
#include "dataplane/sip/writer.h"
#include "dataplane/worker.h"

// Could it be one? From the request alone: a Contact, of one's own, nothing to negotiate. Then the
// AoR, written to `out`; else STR_NONE.
struct str refresh_asks(
        const struct worker *w, struct packet *p, const struct home *home, char out[AOR_MAX]);
// Extends the binding, and tells control (event ring). False when anything else would change.
bool refresh(struct worker *w, struct packet *p);
// Of the 200: Contacts, Path, Service-Route, Date.
void refresh_write(struct worker *w, const struct packet *p, struct writer *out);
