// Links, neighbours and the lookup of a packet's next hop. How routes become ranges:
// nexthop_ranges.c.
#include "dataplane/table/nexthop.h"

#include "dataplane/table/setup.h"

enum { NEIGHBOUR_SLOTS_MIN = 16 };

size_t nexthop_add_link(struct table_builder *b, const struct link_row *l)
{
	return table_append(b, TABLE_LINKS, l, 1, sizeof(*l));
}

int nexthop_add_neighbour(struct table_builder *b, const struct neighbour *n, struct error *e)
{
	if ((n->addr.family != ADDR_IPV4 && n->addr.family != ADDR_IPV6) ||
	        n->link >= b->section[TABLE_LINKS].count)
		return error_set(e, "neighbour without address or link");
	struct neighbour row = *n;
	row.addr.port = 0;
	table_append(b, TABLE_NEIGHBOURS, &row, 1, sizeof(row));
	return b->failed ? error_set(e, "out of memory for neighbours") : 0;
}

static uint64_t neighbour_hash(struct hash_key key, const struct addr *a, uint32_t link)
{
	struct hash_state s;

	hash_start_13(&s, key);
	hash_add(&s, a->ip, sizeof(a->ip));
	hash_add(&s, &link, sizeof(link));
	return hash_end(&s);
}

// Slot of (addr, link), or the empty one where it belongs; never more steps than there are slots.
static size_t neighbour_slot(const struct neighbour *rows, const uint32_t *slot, size_t slots,
        uint64_t hash, const struct neighbour *wanted)
{
	size_t at = hash & (slots - 1);

	for (size_t i = 0; i < slots && slot[at] != 0; i++, at = (at + 1) & (slots - 1)) {
		const struct neighbour *n = &rows[slot[at] - 1];

		if (n->link == wanted->link && addr_eq_ip(&n->addr, &wanted->addr))
			return at;
	}
	return at;
}

void nexthop_index(struct table_builder *b)
{
	const struct neighbour *rows = b->section[TABLE_NEIGHBOURS].rows;
	size_t n = b->section[TABLE_NEIGHBOURS].count, slots = NEIGHBOUR_SLOTS_MIN;

	while (slots < 2 * n)
		slots *= 2;
	b->section[TABLE_NEIGHBOUR_INDEX].count = 0;
	table_append(b, TABLE_NEIGHBOUR_INDEX, NULL, slots, sizeof(uint32_t));
	if (b->failed)
		return;
	uint32_t *slot = b->section[TABLE_NEIGHBOUR_INDEX].rows;
	for (size_t i = 0; i < n; i++) {
		uint64_t hash = neighbour_hash(b->hash_key, &rows[i].addr, rows[i].link);

		// Of two with the same address the later one counts.
		slot[neighbour_slot(rows, slot, slots, hash, &rows[i])] = (uint32_t)i + 1;
	}
}

static bool ranges_check(const struct table_view *v, enum table_section section, bool ipv4)
{
	const struct route_range *r = v->rows[section];
	static const uint8_t zero[12];

	for (uint32_t i = 0; i < v->count[section]; i++) {
		if (r[i].hop >= v->count[TABLE_HOPS] ||
		        memcmp(r[i].first, r[i].last, sizeof(r[i].last)) > 0 ||
		        (i > 0 && memcmp(r[i - 1].last, r[i].first, sizeof(r[i].first)) >= 0))
			return false;
		if (ipv4 && (memcmp(r[i].first + 4, zero, sizeof(zero)) != 0 ||
		                    memcmp(r[i].last + 4, zero, sizeof(zero)) != 0))
			return false;
	}
	return true;
}

static bool links_check(const struct table_view *v)
{
	const struct link_row *l = v->rows[TABLE_LINKS];

	for (uint32_t i = 0; i < v->count[TABLE_LINKS]; i++)
		if (memchr(l[i].ifname, 0, sizeof(l[i].ifname)) == NULL ||
		        l[i].port >= SETUP_PORTS_MAX || l[i].vlan > 4095)
			return false;
	return true;
}

static bool hops_check(const struct table_view *v)
{
	const struct route_hop *h = v->rows[TABLE_HOPS];

	for (uint32_t i = 0; i < v->count[TABLE_HOPS]; i++) {
		uint8_t family = h[i].gateway.family;

		if (h[i].kind > HOP_BLACKHOLE ||
		        (h[i].kind == HOP_UNICAST && h[i].link >= v->count[TABLE_LINKS]) ||
		        (family != ADDR_NONE && family != ADDR_IPV4 && family != ADDR_IPV6))
			return false;
	}
	return true;
}

static bool neighbours_check(const struct table_view *v)
{
	const struct neighbour *n = v->rows[TABLE_NEIGHBOURS];
	const uint32_t *slot = v->rows[TABLE_NEIGHBOUR_INDEX];
	uint32_t count = v->count[TABLE_NEIGHBOURS], slots = v->count[TABLE_NEIGHBOUR_INDEX];

	for (uint32_t i = 0; i < count; i++)
		if (n[i].link >= v->count[TABLE_LINKS] ||
		        (n[i].addr.family != ADDR_IPV4 && n[i].addr.family != ADDR_IPV6))
			return false;
	if ((slots & (slots - 1)) != 0 || slots / 2 < count)
		return false;
	for (uint32_t i = 0; i < slots; i++)
		if (slot[i] > count)
			return false;
	return true;
}

bool nexthop_check(const struct table_view *v, struct error *e)
{
	const char *bad = !links_check(v)                          ? "links"
	                  : !hops_check(v)                         ? "hops"
	                  : !ranges_check(v, TABLE_ROUTES4, true)  ? "IPv4 routes"
	                  : !ranges_check(v, TABLE_ROUTES6, false) ? "IPv6 routes"
	                  : !neighbours_check(v)                   ? "neighbours"
	                                                           : NULL;

	if (bad != NULL)
		error_set(e, "table of %s has a value out of range or out of order", bad);
	return bad == NULL;
}

static uint64_t big_endian(const uint8_t *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
	return __builtin_bswap64(n);
}

// The last range that does not start behind the address, if it reaches that far.
static const struct route_range *range_find(const struct table_view *v, const struct addr *dst)
{
	enum table_section section = dst->family == ADDR_IPV4 ? TABLE_ROUTES4 : TABLE_ROUTES6;
	const struct route_range *r = v->rows[section];
	uint64_t high = big_endian(dst->ip), low = big_endian(dst->ip + 8);
	uint32_t from = 0, n = v->count[section];

	while (n > 0) {
		uint32_t half = n / 2;
		const struct route_range *mid = &r[from + half];
		uint64_t mid_high = big_endian(mid->first);

		if (mid_high < high || (mid_high == high && big_endian(mid->first + 8) <= low)) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	if (from == 0 || memcmp(r[from - 1].last, dst->ip, sizeof(dst->ip)) < 0)
		return NULL;
	return &r[from - 1];
}

const struct route_hop *nexthop_route_to(const struct table_view *v, const struct addr *dst)
{
	const struct route_range *range = range_find(v, dst);

	return range != NULL ? (const struct route_hop *)v->rows[TABLE_HOPS] + range->hop : NULL;
}

enum nexthop_result nexthop_resolve(const struct table_view *v, const struct route_hop *hop,
        const struct addr *dst, struct nexthop *out)
{
	const uint32_t *slot = v->rows[TABLE_NEIGHBOUR_INDEX];
	const struct link_row *link = (const struct link_row *)v->rows[TABLE_LINKS] + hop->link;
	*out = (struct nexthop){
	        .via = hop->gateway.family != ADDR_NONE ? hop->gateway : *dst,
	        .port = link->port,
	        .up = link->up,
	        .vlan = link->vlan,
	        .mtu = link->mtu,
	};
	out->via.port = 0;
	if (slot == NULL)
		return NEXTHOP_UNRESOLVED;
	const struct neighbour wanted = {.addr = out->via, .link = hop->link};
	const struct neighbour *rows = v->rows[TABLE_NEIGHBOURS];
	uint64_t hash = neighbour_hash(v->header->hash_key, &wanted.addr, wanted.link);
	size_t at = neighbour_slot(rows, slot, v->count[TABLE_NEIGHBOUR_INDEX], hash, &wanted);
	if (slot[at] == 0)
		return NEXTHOP_UNRESOLVED;
	memcpy(out->mac, rows[slot[at] - 1].mac, sizeof(out->mac));
	return NEXTHOP_OK;
}

enum nexthop_result nexthop_lookup(
        const struct table_view *v, const struct addr *dst, struct nexthop *out)
{
	const struct route_hop *hop = nexthop_route_to(v, dst);

	if (hop == NULL)
		return NEXTHOP_NO_ROUTE;
	if (hop->kind != HOP_UNICAST)
		return hop->kind == HOP_LOCAL ? NEXTHOP_LOCAL : NEXTHOP_NO_ROUTE;
	return nexthop_resolve(v, hop, dst, out);
}
