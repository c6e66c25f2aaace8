// Transports of SIP: their names in Via and in ;transport=, their default ports.
#pragma once

#include "dataplane/base/str.h"

#define transport_rows(X)     \
	X(NONE, "", 0)        \
	X(UDP, "UDP", 5060)   \
	X(TCP, "TCP", 5060)   \
	X(TLS, "TLS", 5061)   \
	X(WS, "WS", 80)       \
	X(WSS, "WSS", 443)    \
	X(SCTP, "SCTP", 5060) \
	X(OTHER, "", 0)

enum transport {
#define X(id, name, port) TRANSPORT_##id,
	transport_rows(X)
#undef X
	        TRANSPORT_COUNT,
};

// Any case. TRANSPORT_NONE for an empty name, TRANSPORT_OTHER for an unknown token.
enum transport transport_parse(struct str name);
struct str transport_name(enum transport t);
uint16_t transport_port(enum transport t);
