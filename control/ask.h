// Neighbours the dataplane wants: the kernel is asked to resolve them, and asked again as long as
// they resolve, because it sees none of the traffic and would forget them under it.
#pragma once

#include "dataplane/base/addr.h"

struct nl_sock;

enum { ASK_MAX = 1024 };

struct ask_row {
	struct addr addr;
	uint32_t ifindex;
	bool gateway;         // the kernel keeps it fresh by itself where it can ("managed")
	uint64_t asked_ns;    // last time
	uint64_t wanted_ns;   // last time somebody wanted it
	uint64_t resolved_ns; // last time it was seen resolved
};

struct ask {
	struct nl_sock *netlink;
	struct ask_row row[ASK_MAX];
	unsigned n;
	uint64_t refused; // the table was full
};

// Somebody wants addr on the interface: asks the kernel unless it was asked within the last second.
void ask_wanted(
        struct ask *a, uint32_t ifindex, const struct addr *addr, bool gateway, uint64_t at_ns);
// It was seen resolved.
void ask_resolved(struct ask *a, uint32_t ifindex, const struct addr *addr, uint64_t at_ns);
// Every few seconds: asks again what is due, forgets what does not resolve and nobody wants.
void ask_tick(struct ask *a, uint64_t at_ns);
