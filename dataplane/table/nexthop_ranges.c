// Routes of the kernel -> disjoint address ranges: prefixes are sorted so that a longer one comes
// after the one that holds it, then one sweep with a stack of open prefixes writes the ranges.
#include <stdlib.h>

#include "dataplane/table/nexthop.h"

typedef unsigned __int128 address;

struct open_prefix {
	address last;
	uint32_t hop;
};

struct sweep {
	struct table_builder *b;
	enum table_section section;
	unsigned bits; // 32 or 128
	struct open_prefix stack[130];
	unsigned depth;
	address next; // first address without a range yet
	bool full;    // the last address has its range: `next` has wrapped
};

static address address_of(const uint8_t *ip, unsigned bits)
{
	address a = 0;

	for (unsigned i = 0; i < bits / 8; i++)
		a = a << 8 | ip[i];
	return a;
}

static void address_put(address a, unsigned bits, uint8_t *ip)
{
	for (unsigned i = 0; i < bits / 8; i++)
		ip[i] = (uint8_t)(a >> (bits - 8 - 8 * i));
}

// Prefix's last address.
static address last_of(address first, unsigned bits, unsigned prefix_len)
{
	unsigned host = bits - prefix_len;

	return host == 0 ? first : host == 128 ? ~(address)0 : first | (((address)1 << host) - 1);
}

// Zeroes what is no part of the route, so that equal routes and hops are equal bytes.
static int route_clean(struct nexthop_route *route, size_t n_links, struct error *e)
{
	struct nexthop_route r = {.prefix_len = route->prefix_len, .metric = route->metric};
	unsigned bits = route->prefix.family == ADDR_IPV4 ? 32 : 128;

	if ((route->prefix.family != ADDR_IPV4 && route->prefix.family != ADDR_IPV6) ||
	        route->prefix_len > bits || route->hop.kind > HOP_BLACKHOLE)
		return error_set(e, "route without family, or its prefix too long");
	if (route->hop.kind == HOP_UNICAST && route->hop.link >= n_links)
		return error_set(e, "route by a link that is not there");
	r.prefix.family = route->prefix.family;
	address host = last_of(0, bits, route->prefix_len);
	address_put(address_of(route->prefix.ip, bits) & ~host, bits, r.prefix.ip);
	r.hop.kind = route->hop.kind;
	if (route->hop.kind == HOP_UNICAST) {
		r.hop.link = route->hop.link;
		r.hop.gateway = route->hop.gateway;
		r.hop.gateway.port = 0;
	}
	memcpy(route, &r, sizeof(r));
	return 0;
}

// Family, first address, shorter prefix first, then the better route.
static int by_prefix(const void *a, const void *b)
{
	const struct nexthop_route *x = a, *y = b;
	int order = x->prefix.family - y->prefix.family;

	if (order == 0)
		order = memcmp(x->prefix.ip, y->prefix.ip, sizeof(x->prefix.ip));
	if (order == 0)
		order = x->prefix_len - y->prefix_len;
	if (order == 0)
		order = (x->metric > y->metric) - (x->metric < y->metric);
	return order != 0 ? order : memcmp(&x->hop, &y->hop, sizeof(x->hop));
}

// A hop's row: each different hop has one. `index` is a hash table of row + 1.
static uint32_t hop_row(
        struct table_builder *b, uint32_t *index, size_t slots, const struct route_hop *hop)
{
	const struct route_hop *hops = b->section[TABLE_HOPS].rows;
	size_t at = hash_13(b->hash_key, hop, sizeof(*hop)) & (slots - 1);

	for (; index[at] != 0; at = (at + 1) & (slots - 1))
		if (memcmp(&hops[index[at] - 1], hop, sizeof(*hop)) == 0)
			return index[at] - 1;
	uint32_t row = (uint32_t)table_append(b, TABLE_HOPS, hop, 1, sizeof(*hop));
	index[at] = row + 1;
	return row;
}

// Writes [s->next, last] -> hop, or makes the range before it longer.
static void range_put(struct sweep *s, address last, uint32_t hop)
{
	if (s->full || s->next > last)
		return;
	struct route_range range = {.hop = hop};
	size_t n = s->b->section[s->section].count;
	struct route_range *before = (struct route_range *)s->b->section[s->section].rows;

	address_put(last, s->bits, range.last);
	if (n > 0 && before[n - 1].hop == hop &&
	        address_of(before[n - 1].last, s->bits) + 1 == s->next) {
		memcpy(before[n - 1].last, range.last, sizeof(range.last));
	} else {
		address_put(s->next, s->bits, range.first);
		table_append(s->b, s->section, &range, 1, sizeof(range));
	}
	s->next = last + 1;
	s->full = last == last_of(0, s->bits, 0);
}

static void close_top(struct sweep *s)
{
	const struct open_prefix *top = &s->stack[--s->depth];

	range_put(s, top->last, top->hop);
}

static void sweep_route(struct sweep *s, const struct nexthop_route *r, uint32_t hop)
{
	address first = address_of(r->prefix.ip, s->bits);

	while (s->depth > 0 && s->stack[s->depth - 1].last < first)
		close_top(s);
	if (s->depth > 0 && s->next < first)
		range_put(s, first - 1, s->stack[s->depth - 1].hop);
	s->next = first;
	s->stack[s->depth++] = (struct open_prefix){last_of(first, s->bits, r->prefix_len), hop};
}

static bool same_prefix(const struct nexthop_route *a, const struct nexthop_route *b)
{
	return a->prefix_len == b->prefix_len && addr_eq_ip(&a->prefix, &b->prefix);
}

// All routes of one family, sorted. Of equal prefixes the first counts.
static void sweep_family(struct table_builder *b, const struct nexthop_route *routes, size_t n,
        uint32_t *index, size_t slots)
{
	bool ipv4 = n > 0 && routes[0].prefix.family == ADDR_IPV4;
	struct sweep s = {.b = b, .bits = ipv4 ? 32 : 128};

	s.section = ipv4 ? TABLE_ROUTES4 : TABLE_ROUTES6;
	for (size_t i = 0; i < n && !b->failed; i++)
		if (i == 0 || !same_prefix(&routes[i - 1], &routes[i]))
			sweep_route(&s, &routes[i], hop_row(b, index, slots, &routes[i].hop));
	while (s.depth > 0)
		close_top(&s);
}

int nexthop_add_routes(
        struct table_builder *b, struct nexthop_route *routes, size_t n, struct error *e)
{
	size_t slots = 16, n_ipv4 = 0;

	if (b->section[TABLE_ROUTES4].count + b->section[TABLE_ROUTES6].count > 0)
		return error_set(e, "routes were added before");
	for (size_t i = 0; i < n; i++) {
		if (route_clean(&routes[i], b->section[TABLE_LINKS].count, e) != 0)
			return -1;
		n_ipv4 += routes[i].prefix.family == ADDR_IPV4;
	}
	while (slots < 2 * n)
		slots *= 2;
	uint32_t *index = calloc(slots, sizeof(*index));
	if (index == NULL)
		return error_set(e, "out of memory for %zu routes", n);
	if (n > 0)
		qsort(routes, n, sizeof(*routes), by_prefix);
	sweep_family(b, routes, n_ipv4, index, slots);
	sweep_family(b, routes + n_ipv4, n - n_ipv4, index, slots);
	free(index);
	return b->failed ? error_set(e, "out of memory for %zu routes", n) : 0;
}
