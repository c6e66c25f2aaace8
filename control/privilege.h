// From root to user spry, with CAP_NET_ADMIN only (links, addresses, routes, nft).
#pragma once

#include "dataplane/base/error.h"

// Is there something to drop: root, and a user spry?
bool privilege_can_drop(void);
// Whether a directory may be given away: empty, spry's already, or with files that only spryd
// makes. A mistyped -r /etc must not cost the machine its owners. -1 with an error that names it.
int privilege_may_give(const char *dir, struct error *e);
// Gives a directory and the plain files in it to user and group spry.
int privilege_give(const char *dir, struct error *e);
// Drops for good. Also without root: no new privileges by exec.
int privilege_drop(struct error *e);
