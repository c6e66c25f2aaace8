// Header field names: long and compact form, any case (RFC 3261 §7.3.1, §7.3.3, IANA registry).
// To add a header, add a row.
#pragma once

#include "dataplane/base/str.h"

// SINGLE: more than one field, or a comma list, is a fault (RELIABILITY rule 3).
// LIST: several fields mean the same as one field with commas (RFC 3261 §7.3.1).
enum header_flag {
	HEADER_SINGLE = 1,
	HEADER_LIST = 2,
	HEADER_MAY_BE_EMPTY = 4, // a field without any value is well-formed (RFC 3261 §25.1)
};

#define header_rows(X)                                                    \
	X(OTHER, "", 0, 0)                                                \
	X(VIA, "Via", 'v', HEADER_LIST)                                   \
	X(FROM, "From", 'f', HEADER_SINGLE)                               \
	X(TO, "To", 't', HEADER_SINGLE)                                   \
	X(CALL_ID, "Call-ID", 'i', HEADER_SINGLE)                         \
	X(CSEQ, "CSeq", 0, HEADER_SINGLE)                                 \
	X(MAX_FORWARDS, "Max-Forwards", 0, HEADER_SINGLE)                 \
	X(CONTACT, "Contact", 'm', HEADER_LIST)                           \
	X(ROUTE, "Route", 0, HEADER_LIST)                                 \
	X(RECORD_ROUTE, "Record-Route", 0, HEADER_LIST)                   \
	X(CONTENT_LENGTH, "Content-Length", 'l', HEADER_SINGLE)           \
	X(CONTENT_TYPE, "Content-Type", 'c', HEADER_SINGLE)               \
	X(REQUIRE, "Require", 0, HEADER_LIST)                             \
	X(PROXY_REQUIRE, "Proxy-Require", 0, HEADER_LIST)                 \
	X(SUPPORTED, "Supported", 'k', HEADER_LIST | HEADER_MAY_BE_EMPTY) \
	X(UNSUPPORTED, "Unsupported", 0, HEADER_LIST)                     \
	X(EXPIRES, "Expires", 0, HEADER_SINGLE)                           \
	X(MIN_EXPIRES, "Min-Expires", 0, HEADER_SINGLE)                   \
	X(ALLOW, "Allow", 0, HEADER_LIST | HEADER_MAY_BE_EMPTY)           \
	X(ACCEPT, "Accept", 0, HEADER_LIST | HEADER_MAY_BE_EMPTY)         \
	X(USER_AGENT, "User-Agent", 0, 0)                                 \
	X(SERVER, "Server", 0, 0)                                         \
	X(SUBJECT, "Subject", 's', 0)                                     \
	X(TIMESTAMP, "Timestamp", 0, 0)                                   \
	X(DATE, "Date", 0, 0)                                             \
	X(PATH, "Path", 0, HEADER_LIST)                                   \
	X(SERVICE_ROUTE, "Service-Route", 0, HEADER_LIST)                 \
	X(AUTHORIZATION, "Authorization", 0, 0)                           \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, 0)               \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, 0)                     \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, 0)                 \
	X(CONTENT_ENCODING, "Content-Encoding", 'e', HEADER_LIST)         \
	X(EVENT, "Event", 'o', HEADER_SINGLE)                             \
	X(REFER_TO, "Refer-To", 'r', 0)                                   \
	X(REFERRED_BY, "Referred-By", 'b', 0)                             \
	X(ACCEPT_CONTACT, "Accept-Contact", 'a', HEADER_LIST)             \
	X(REJECT_CONTACT, "Reject-Contact", 'j', HEADER_LIST)             \
	X(REQUEST_DISPOSITION, "Request-Disposition", 'd', HEADER_LIST)   \
	X(ALLOW_EVENTS, "Allow-Events", 'u', HEADER_LIST)                 \
	X(SESSION_EXPIRES, "Session-Expires", 'x', 0)                     \
	X(IDENTITY, "Identity", 'y', 0)                                   \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, HEADER_LIST)     \
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0, HEADER_LIST)   \
	X(REMOTE_PARTY_ID, "Remote-Party-ID", 0, HEADER_LIST)             \
	X(DIVERSION, "Diversion", 0, HEADER_LIST)                         \
	X(RETRY_AFTER, "Retry-After", 0, 0)                               \
	X(MAX_BREADTH, "Max-Breadth", 0, HEADER_SINGLE)                   \
	X(RESOURCE_PRIORITY, "Resource-Priority", 0, 0)

enum header_id {
#define X(id, name, compact, flags) HEADER_##id,
	header_rows(X)
#undef X
	        HEADER_COUNT,
};

_Static_assert(HEADER_COUNT <= 64, "a set of rows is one word");
// The rows that are SINGLE, a bit each.
#define X(id, name, compact, flags) | (uint64_t)(((flags)&HEADER_SINGLE) != 0) << HEADER_##id
static const uint64_t header_singles = 0 header_rows(X);
#undef X

// HEADER_OTHER for a name in no row. `name` without colon and white space.
enum header_id header_lookup(struct str name);
// The same for a name as it stands in a row, letter by letter, right before a ':', with 32 readable
// bytes from its start on; HEADER_OTHER says nothing.
enum header_id header_lookup_exact(const char *name, uint32_t len);
// Where header.c has to know a row of that name; for who adds one.
unsigned header_slot(struct str name);
struct str header_name(enum header_id id);
unsigned header_flags(enum header_id id);
