// What must hold whatever came in (RELIABILITY T3): the output is the input but for the edits that
// are a proxy's, goes where it may, is not much longer. Pure functions; each returns what is
// broken, NULL when nothing is.
#pragma once

#include "tools/replay/rig.h"

// A message that was forwarded: it can be read again; every header field a proxy has nothing to do
// with, and the body, are there byte for byte, in order; one Via more (requests) or less
// (responses); Max-Forwards counted down.
const char *inspect_forwarded(struct str in, const struct rig_result *r);

// An answer of ours: to the source and nobody else, never to an ACK or a response, at most twice as
// long as what it answers (STUN: 64 bytes more).
const char *inspect_reply(struct str in, const struct addr *from, const struct rig_result *r);

// The one of them that fits what became of it, and the time it took. `in` STR_NONE: not known (a
// fragment of it came).
const char *inspect(struct str in, const struct addr *from, const struct rig_result *r);
