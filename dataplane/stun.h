// STUN binding requests on the SIP port: the keepalive of RFC 5626 §4.4.2 (RFC 5389).
#pragma once

#include "dataplane/base/addr.h"

// A well-formed binding request.
bool stun_is_request(struct str datagram);
// The success response with XOR-MAPPED-ADDRESS = src, and FINGERPRINT when the request had it.
// Length, or 0 when `room` is too small.
size_t stun_answer(struct str request, const struct addr *src, char *out, size_t room);
