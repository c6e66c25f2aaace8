// What spry wants of the kernel for a configuration, as a flat list: twins, VLAN interfaces,
// addresses, default routes, and which interfaces must be deaf. Pure: made from a tree, compared,
// written down and read back; kernel.c carries it out.
#pragma once

#include "config/tree.h"
#include "dataplane/base/addr.h"

enum plan_kind {   // in the order they are made; undone in reverse
	PLAN_DEAF, // ifname takes frames of a port by AF_PACKET: the kernel must not see them too
	PLAN_TWIN, // TAP
	PLAN_VLAN, // VLAN interface on `parent`
	PLAN_ADDRESS, // on ifname
	PLAN_GATEWAY, // default route by ifname
	PLAN_KINDS,
};

// Comparable by memcmp: unused bytes are zero.
struct plan_item {
	uint8_t kind; // enum plan_kind
	uint8_t prefix_len;
	uint16_t vlan;
	char ifname[16];
	char parent[16]; // PLAN_VLAN: the twin; PLAN_DEAF: the twin the table is named after
	struct addr addr;
	uint32_t metric; // PLAN_GATEWAY: later ports' default routes rank lower
};

struct plan {
	struct plan_item *items; // sorted by kind
	size_t n, room;
};

// -1 when a name does not fit an interface name, or out of memory.
int plan_make(struct plan *p, const struct tree *t, struct error *e);
void plan_clear(struct plan *p);
int plan_add(struct plan *p, const struct plan_item *item);
bool plan_has(const struct plan *p, const struct plan_item *item);
// *gone = what `from` has and `to` has not.
int plan_minus(const struct plan *from, const struct plan *to, struct plan *gone);

// Name of the twin of a port and VLAN (0 = untagged): "spry-access", "spry-access.100".
int plan_ifname(const char *port, unsigned vlan, char out[16], struct error *e);

// One line an item, malloc'ed, and back (lines that are none are skipped: they can only be newer).
char *plan_write(const struct plan *p);
int plan_read(struct plan *p, struct str text);
// For a person: "address 192.0.2.1/24 on spry-access".
void plan_describe(const struct plan_item *i, char *out, size_t room);
