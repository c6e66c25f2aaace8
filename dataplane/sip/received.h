// The sender's Via: what RFC 3261 §18.2.1 and RFC 3581 §4 have us note in it, and where responses
// go by it.
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/sip/edit.h"
#include "dataplane/sip/via.h"

// Adds to the list what makes `received` and `rport` of the topmost Via tell the packet's source;
// offsets count from `base`.
void received_edit(
        struct edit_list *l, const char *base, const struct via *v, const struct addr *src);

// Where a reply made here goes: always back to the source address (RELIABILITY rule 6), to its port
// when the client asked for that (rport), else to the port of sent-by. False when nothing may be
// sent there.
bool received_reply_to(const struct via *v, const struct addr *src, struct addr *out);

// Where a response goes by the next Via (RFC 3261 §18.2.2): received, else sent-by; rport, else the
// port of sent-by. False when that is a name, or no address a response may be sent to. maddr is for
// multicast only.
bool received_next(const struct via *v, struct addr *out);
