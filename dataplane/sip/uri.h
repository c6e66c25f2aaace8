// URIs of SIP: sip, sips, tel (RFC 3261 §19.1, RFC 3966), as views.
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/sip/params.h"
#include "dataplane/sip/transport.h"

enum uri_scheme {
	URI_SIP,
	URI_SIPS,
	URI_TEL,
	URI_OTHER, // well-formed, of another scheme: 416
};

struct uri {
	struct str all;
	enum uri_scheme scheme;
	struct str user;     // without password; tel: the number. Escapes as written
	struct str password; // STR_NONE when absent
	struct str userinfo; // user[:password], without '@'; STR_NONE when absent
	struct str host;     // IPv6 with brackets, as written
	struct str port_text;
	uint16_t port; // 0 = not given
	uint16_t n_params;
	struct str hostport; // host[:port]: what to replace when the URI is re-targeted
	struct str params;   // from the first ';' (or empty)
	struct str headers;  // from '?' (or empty)
	struct addr addr;    // host as an address (with port), family ADDR_NONE when it is a name
};

// The whole of `text` must be the URI: no <>, no white space. RFC 3261 §25.1 with IPv6 references;
// host names as RFC 3261 (labels of letters, digits, '-'; '_' tolerated), IPv4-like only as four
// decimals. Port 1..65535. A second transport, maddr, lr, ttl, user or method parameter is an
// error, other repeated ones are not looked for. Returns false on any syntax error.
bool uri_parse(struct str text, struct uri *out);

// Begins with "sip:", in any case.
static inline bool uri_starts_sip(struct str s)
{
	uint32_t scheme = 0;

	if (s.len >= sizeof(scheme))
		memcpy(&scheme, s.p, sizeof(scheme));
	return (scheme | 0x202020) == VEC_WORD("sip:");
}

// Value of ;transport= (TRANSPORT_NONE when absent).
enum transport uri_transport(const struct uri *u);
// The address a request to the URI is sent to over UDP: of maddr, else of the host. False, and
// family ADDR_NONE, when that is a name.
bool uri_target(const struct uri *u, struct addr *out);
// Presence of a parameter such as lr; its value in *value (may be NULL).
bool uri_param(const struct uri *u, struct str name, struct str *value);

// Equality of RFC 3261 §19.1.4 (user and password in their case, host not, an escaped character is
// the character unless reserved, params as ruled there), of RFC 3966 §4 for tel. More than 24 or
// 2048 bytes of parameters or headers are equal only byte for byte, so are other schemes.
bool uri_eq(const struct uri *a, const struct uri *b);
