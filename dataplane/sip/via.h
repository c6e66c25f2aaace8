// Via (RFC 3261 §20.42, RFC 3581 rport, RFC 5118 IPv6 forms).
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/sip/params.h"
#include "dataplane/sip/transport.h"

struct via {
	struct str all;
	enum transport transport;
	struct str transport_name;
	struct str host;    // sent-by host as written (IPv6 with brackets)
	uint16_t port;      // 0 = not given
	struct addr addr;   // sent-by as an address with port, family ADDR_NONE when it is a name
	struct str sent_by; // host[:port] as written
	struct str params;  // from the first ';'
	struct str branch;  // value; STR_NONE when absent
	struct str maddr;   // value; STR_NONE when absent
	struct param received;     // name.len 0 when absent
	struct param rport;        // name.len 0 when absent; value empty when to be filled
	struct addr received_addr; // received as an address; family ADDR_NONE when absent or bad
	uint16_t rport_value;      // 0 when absent or empty
	uint16_t n_params;
	bool oc; // says something of overload control (sip/oc.h)
};

// One value. White space (folds too) around every separator is legal. False on a syntax error, on a
// duplicate branch, received, rport or maddr, an unusable host or port, or protocol != SIP/2.0.
bool via_parse(struct str value, struct via *out);
