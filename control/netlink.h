// A libnl route socket, and errors of it in words.
#pragma once

#include <netlink/netlink.h>

#include "dataplane/base/addr.h"
#include "dataplane/base/error.h"

// Connected NETLINK_ROUTE socket, NULL with error.
struct nl_sock *netlink_open(struct error *e);
// libnl address of an address, with prefix length. NULL when out of memory.
struct nl_addr *netlink_addr(const struct addr *a, unsigned prefix_len);
// Fills `out` (port 0) from a libnl address; false for another family.
bool netlink_addr_get(const struct nl_addr *a, struct addr *out);
