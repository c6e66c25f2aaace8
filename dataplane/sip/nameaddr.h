// name-addr and addr-spec: From, To, Contact, Route, Record-Route, Path ... (RFC 3261 §20.10,
// §25.1).
#pragma once

#include "dataplane/sip/uri.h"

struct nameaddr {
	struct str all;
	struct str display; // as written, quotes kept; empty when absent
	struct str uri;     // between <>, or the addr-spec (then its ; and ? belong to the header)
	bool bracketed;
	struct str params; // header parameters, from the first ';' after the URI (or empty)
	struct str tag;    // value of the tag parameter, empty when absent
	bool star;         // Contact: *
};

// One value (no comma list: see value_iter). False on a syntax error: unbalanced quote, text after
// '>', display name that is neither tokens nor a quoted string, white space inside the addr-spec, a
// bad parameter, a second tag, a bare addr-spec with ',' or '?' (RFC 3261 §20 wants brackets) ...
// The URI is not parsed here (uri_parse does), only delimited.
bool nameaddr_parse(struct str value, struct nameaddr *out);
