// The tables a test's text describes, as the workers get them.
#pragma once

#include "dataplane/base/error.h"
#include "dataplane/worker.h"

// Fills out[ROOT_CHAINS]; the caller gives them to generation_destroy. The text is rig.h's.
bool rig_tables(struct str text, const char *name, struct generation *out[], struct error *e);
// The same for several workers.
bool rig_tables_for(struct str text, const char *name, unsigned n_workers, struct generation *out[],
        struct error *e);
