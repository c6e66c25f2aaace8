// Table images of configuration text, as spryd would publish them, and of what its kernel would
// know.
#pragma once

#include "config/tree.h"
#include "control/user_list.h"
#include "dataplane/table/root.h"
#include "dataplane/table/setup.h"

struct config_image {
	void *bytes; // 64-byte aligned, malloc'ed
	size_t len;
};

// Configuration lines and, among them, what the kernel would know besides the ports' addresses and
// gateways:
//   route PREFIX/LEN PORT [via ADDRESS]
//   neighbour PORT MAC       link address of all hosts there (default 02:00:00:00:00:09)
// The first 255 hosts of connected networks and the gateways are neighbours. False with error, then
// nothing is left to free. Generation n of each chain.
bool config_image_make(struct str text, const char *name, uint64_t n,
        struct config_image out[ROOT_CHAINS], struct error *e);
void config_image_clear(struct config_image images[ROOT_CHAINS]);

// The chain of users alone, of generation n.
bool config_image_users(
        const struct user_list *users, uint64_t n, struct config_image *out, struct error *e);
