// The registrar's answers (RFC 3261 §10.3 step 8): stateless, by the same rules as the workers'
// replies.
#pragma once

#include "control/register_request.h"
#include "dataplane/sip/writer.h"

// Writes the answer to q: a refusal (q->answer.status), or 200 with these bindings. The length, 0
// when it does not fit.
size_t register_reply(const struct register_request *q, const struct location_contact *contacts,
        unsigned n, char *out, size_t room);
// Where it goes: to the source, by its Via. False when nothing may be sent.
bool register_reply_to(const struct register_request *q, struct addr *out);
