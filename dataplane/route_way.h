// What decides the way of a request after RFC 3261 §16.4: its Request-URI, the next Route, the leg.
#pragma once

#include "dataplane/table/domain.h"
#include "dataplane/worker.h"

struct route_way {
	const struct uri *uri; // Request-URI, with our own doings undone
	bool uri_own;          // it is one of our addresses
	bool has_next;
	const struct leg *leg; // to leave by, as a token of ours says; NULL = by kernel route
	struct addr flow;      // where to, as it says; family ADDR_NONE = to the Request-URI
	struct uri next;       // (has_next) the topmost Route that is not ours
	struct uri undone;     // what `uri` is when it is not as it came
};

// The row of the host a URI is to be found by: maddr comes before the host (RFC 3261 §16.5). An
// IPv6 address is looked up as the configuration spells it.
const struct domain *route_way_domain(const struct worker *w, const struct uri *u);

// RFC 3261 §16.4: a strict router's exchange undone, own maddr stripped, a hidden Contact put back,
// own Routes taken off. Fills *way, and in p routes_popped, last_route_taken, strict_route,
// next_uri and in_dialog.
enum verdict route_way(struct worker *w, struct packet *p, struct route_way *way);
