// The fast path of registration: a REGISTER that changes nothing but time is answered by the
// worker. Whatever is not plainly that goes to the registrar.
#pragma once

#include "dataplane/sip/writer.h"
#include "dataplane/worker.h"

// Could it be one? From the request alone: one Contact, no removal, nothing to negotiate.
bool refresh_asks(const struct worker *w, const struct packet *p, const struct home *home);
// Extends the binding, and tells control (event ring). False when anything else would change.
bool refresh(struct worker *w, struct packet *p);
// Of the 200: Contacts, Path, Service-Route, Date.
void refresh_write(struct worker *w, const struct packet *p, struct writer *out);
