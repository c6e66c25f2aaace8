// Groups: weighted Maglev. Each member has a permutation of the slots by the hash of its own
// address, and members take turns, in proportion to their weights, at claiming their next free
// slot.
#include "dataplane/table/group.h"

#include <stdlib.h>

#include "dataplane/sip/transport.h"
#include "dataplane/table/leg.h"

// One member while its slots are filled.
struct claimant {
	uint64_t hash;     // order of turns: not the order of the members
	uint32_t at, step; // permutation: at, at + step, ... modulo GROUP_SLOTS
	uint32_t credit;
	uint16_t weight;
	uint16_t number;
};

static uint64_t member_hash(const struct member *m, uint64_t which)
{
	char text[ADDR_TEXT_MAX];
	size_t len = addr_format(&m->addr, text);
	struct hash_state s;

	// A fixed key: all nodes of a cluster must fill the same slots.
	hash_start_13(&s, (struct hash_key){which, 0});
	hash_add_str(&s, (struct str){text, len});
	hash_add(&s, &m->transport, sizeof(m->transport));
	return hash_end(&s);
}

static int by_hash(const void *a, const void *b)
{
	const struct claimant *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

// A member has a turn each time its credit reaches the highest weight. All have one in the first
// round, so that the smallest weight still has a slot.
static void slots_fill(uint16_t *slot, struct claimant *c, unsigned n)
{
	uint32_t highest = 0;
	unsigned filled = 0;

	memset(slot, 0xff, GROUP_SLOTS * sizeof(*slot));
	for (unsigned i = 0; i < n; i++)
		if (c[i].weight > highest)
			highest = c[i].weight;
	for (unsigned i = 0; i < n; i++)
		c[i].credit = highest - c[i].weight;
	for (unsigned i = 0; filled < GROUP_SLOTS; i = i + 1 < n ? i + 1 : 0) {
		c[i].credit += c[i].weight;
		if (c[i].credit < highest)
			continue;
		c[i].credit -= highest;
		while (slot[c[i].at] != UINT16_MAX)
			c[i].at = (c[i].at + c[i].step) % GROUP_SLOTS;
		slot[c[i].at] = c[i].number;
		filled++;
	}
}

static bool member_check(const struct member *m)
{
	return (m->addr.family == ADDR_IPV4 || m->addr.family == ADDR_IPV6) && m->addr.port != 0 &&
	       m->transport > TRANSPORT_NONE && m->transport < TRANSPORT_OTHER;
}

static int members_check(const struct member *members, unsigned n, struct str name, struct error *e)
{
	for (unsigned i = 0; i < n; i++) {
		const struct member *m = &members[i];
		char text[ADDR_TEXT_MAX];

		if (!member_check(m))
			return error_set(e,
			        "group %.*s: member %u has no address, port or transport",
			        STR_ARG(name), i);
		for (unsigned k = 0; k < i; k++) {
			if (addr_eq(&m->addr, &members[k].addr) &&
			        m->transport == members[k].transport) {
				addr_format(&m->addr, text);
				return error_set(
				        e, "group %.*s: member %s twice", STR_ARG(name), text);
			}
		}
	}
	return 0;
}

static int name_check(const struct table_builder *b, struct str name, struct error *e)
{
	const struct group *groups = b->section[TABLE_GROUPS].rows;

	if (name.len == 0 || name.len >= sizeof(groups->name))
		return error_set(e, "group %.*s: name empty or too long", STR_ARG(name));
	for (size_t i = 0; i < b->section[TABLE_GROUPS].count; i++)
		if (str_eq(str_of(groups[i].name), name))
			return error_set(e, "group %.*s is there already", STR_ARG(name));
	if (b->section[TABLE_GROUPS].count >= UINT16_MAX)
		return error_set(e, "more than %u groups", UINT16_MAX);
	return 0;
}

int group_add(struct table_builder *b, struct str name, uint16_t leg, const struct member *members,
        unsigned n, struct error *e)
{
	struct claimant claimant[GROUP_MEMBERS_MAX];
	unsigned usable = 0;

	if (n > GROUP_MEMBERS_MAX)
		return error_set(
		        e, "group %.*s: more than %u members", STR_ARG(name), GROUP_MEMBERS_MAX);
	if (name_check(b, name, e) != 0 || members_check(members, n, name, e) != 0)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		uint64_t hash = member_hash(&members[i], 1);

		if (members[i].weight == 0)
			continue;
		claimant[usable++] = (struct claimant){
		        .hash = hash,
		        .at = (uint32_t)(hash % GROUP_SLOTS),
		        .step = (uint32_t)(member_hash(&members[i], 2) % (GROUP_SLOTS - 1)) + 1,
		        .weight = members[i].weight,
		        .number = (uint16_t)i,
		};
	}
	struct group g = {
	        .first_member =
	                (uint32_t)table_append(b, TABLE_MEMBERS, members, n, sizeof(*members)),
	        .n_members = n,
	        .first_slot = (uint32_t)table_append(
	                b, TABLE_MAGLEV, NULL, GROUP_SLOTS, sizeof(uint16_t)),
	        .usable = usable > 0,
	        .leg = leg,
	};
	memcpy(g.name, name.p, name.len);
	size_t index = table_append(b, TABLE_GROUPS, &g, 1, sizeof(g));
	if (b->failed)
		return error_set(e, "group %.*s: out of memory", STR_ARG(name));
	if (usable > 0) {
		qsort(claimant, usable, sizeof(claimant[0]), by_hash);
		slots_fill(
		        (uint16_t *)b->section[TABLE_MAGLEV].rows + g.first_slot, claimant, usable);
	}
	return (int)index;
}

// Groups own their members and slots one after the other: no two share any, and the check is
// linear.
static bool group_row_check(const struct table_view *v, uint32_t i, uint32_t *next_member)
{
	const struct group *g = (const struct group *)v->rows[TABLE_GROUPS] + i;
	const struct member *member = v->rows[TABLE_MEMBERS];
	uint32_t members_left = v->count[TABLE_MEMBERS] - *next_member;

	if (memchr(g->name, 0, sizeof(g->name)) == NULL || g->n_members > GROUP_MEMBERS_MAX ||
	        g->first_member != *next_member || g->n_members > members_left ||
	        g->first_slot != i * GROUP_SLOTS ||
	        (g->leg != LEG_NONE && leg_by_id(v, g->leg) == NULL))
		return false;
	for (uint32_t k = 0; k < g->n_members; k++)
		if (!member_check(&member[*next_member + k]))
			return false;
	const uint16_t *slot = (const uint16_t *)v->rows[TABLE_MAGLEV] + g->first_slot;
	for (uint32_t k = 0; g->usable && k < GROUP_SLOTS; k++)
		if (slot[k] >= g->n_members)
			return false;
	*next_member += g->n_members;
	return true;
}

bool group_check(const struct table_view *v, struct error *e)
{
	uint32_t n = v->count[TABLE_GROUPS], next_member = 0;

	if (n > UINT16_MAX || v->count[TABLE_MAGLEV] != (uint64_t)n * GROUP_SLOTS) {
		error_set(e, "%u groups with %u slots", n, v->count[TABLE_MAGLEV]);
		return false;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (!group_row_check(v, i, &next_member)) {
			error_set(e, "group %u has a value out of range", i);
			return false;
		}
	}
	return true;
}

const struct member *group_pick(const struct table_view *v, const struct group *g, uint64_t hash)
{
	if (!g->usable)
		return NULL;
	const uint16_t *slot = (const uint16_t *)v->rows[TABLE_MAGLEV] + g->first_slot;
	const struct member *member = (const struct member *)v->rows[TABLE_MEMBERS];

	return &member[g->first_member + slot[hash % GROUP_SLOTS]];
}
