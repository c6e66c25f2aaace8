// Single changes of the kernel's links, addresses and routes, each idempotent: what is there
// already (or gone already) is no error.
#pragma once

#include "control/plan.h"

struct nl_sock;

// Makes the persistent TAP, without IPv6 duplicate detection, and brings it up. An interface of
// that name that is no TAP is an error.
int link_add_tap(const char *ifname, struct error *e);
int link_add_vlan(struct nl_sock *sk, const struct plan_item *i, struct error *e);
int link_delete(struct nl_sock *sk, const char *ifname, struct error *e);
int link_address(struct nl_sock *sk, const struct plan_item *i, bool add, struct error *e);
int link_gateway(struct nl_sock *sk, const struct plan_item *i, bool add, struct error *e);
