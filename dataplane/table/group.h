// Groups of next hops with weights. The member is picked by consistent hash (Maglev, Eisenbud et
// al. 2016) of the Call-ID: all messages of a call take one path without state, and a member that
// comes or goes moves few calls.
#pragma once

#include "dataplane/table/table.h"

enum {
	GROUP_MEMBERS_MAX = 256,
	GROUP_SLOTS = 4093, // prime, slots of a group's Maglev table
};

struct member {
	struct addr addr; // port filled in
	uint8_t transport;
	uint8_t reserved;
	uint16_t weight; // 0 = never picked
};

struct group {
	char name[32];
	uint32_t first_member, n_members; // in MEMBERS
	uint32_t first_slot; // in MAGLEV; its GROUP_SLOTS slots hold member numbers of this group
	uint16_t usable;     // 0 = no member has weight
	uint16_t leg;        // leg id to leave by, LEG_NONE = by kernel route
};

// Adds the group, its members and its slots. Returns its index or -1. The slots depend on the
// members' addresses, transports and weights only: the same on every node, in any order.
int group_add(struct table_builder *b, struct str name, uint16_t leg, const struct member *members,
        unsigned n, struct error *e);
bool group_check(const struct table_view *v, struct error *e);

// The member for a hash (of the Call-ID), NULL when the group has none that may be picked.
const struct member *group_pick(const struct table_view *v, const struct group *g, uint64_t hash);
