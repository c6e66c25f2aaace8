// Remembers answers by what was asked, in a place made of a few of its bytes: another question of
// the same place takes it over. Strangers can make it forget, which costs what it costs without.
#include "dataplane/recall.h"

#include <rte_malloc.h>

#include "dataplane/base/vec.h"

enum { RECALL_BITS = 6, RECALL_ROWS = 1 << RECALL_BITS, RECALL_HOST_MAX = VEC_BYTES };

struct recall_domain {
	const struct domain *row;
	char host[RECALL_HOST_MAX];
	uint8_t len; // 0 = nothing is known
};

struct recall_nexthop {
	struct addr dst; // family ADDR_NONE = nothing is known
	enum nexthop_result result;
	struct nexthop hop;
};

// Of a route with a gateway: there are few, for very many destinations.
struct recall_gateway {
	const struct route_hop *route; // NULL = nothing is known
	enum nexthop_result result;
	struct nexthop hop;
};

// What there is to know of a next hop: port, up, vlan, MTU and link address, in two words that
// overlap.
struct hop_words {
	uint64_t first, last;
};
_Static_assert(offsetof(struct nexthop, mac) + 6 == offsetof(struct nexthop, port) + 14,
        "two words of 8 bytes reach from the port to the end of the link address");

struct recall_place {
	const struct leg *leg; // NULL = nothing is known
	struct hop_words hop;
	struct recall_way way;
};

// Tables, and their number: their memory may be another's later.
struct recall_of {
	const struct generation *tables;
	uint64_t number;
};

struct recall {
	struct recall_of config, routes;
	struct recall_domain domain[RECALL_ROWS];
	struct recall_nexthop nexthop[RECALL_ROWS];
	struct recall_gateway gateway[RECALL_ROWS];
	struct recall_place way[RECALL_ROWS];
};

struct recall *recall_create(int socket)
{
	return rte_zmalloc_socket("recall", sizeof(struct recall), RTE_CACHE_LINE_SIZE, socket);
}

void recall_destroy(struct recall *r)
{
	rte_free(r);
}

static struct recall_of recall_of(const struct generation *g)
{
	return (struct recall_of){g, g != NULL ? g->number : 0};
}

static bool is_same(struct recall_of a, struct recall_of b)
{
	return a.tables == b.tables && a.number == b.number;
}

void recall_turn(struct worker *w)
{
	struct recall *r = w->recall;
	const struct recall_of config = recall_of(w->config), routes = recall_of(w->nexthop);

	if (is_same(r->config, config) && is_same(r->routes, routes))
		return;
	memset(r, 0, sizeof(*r));
	r->config = config;
	r->routes = routes;
}

static unsigned place(uint64_t a, uint64_t b)
{
	const uint64_t mix = a ^ (b << 29 | b >> 35);

	return (unsigned)(mix * 0x9e3779b97f4a7c15u >> (64 - RECALL_BITS));
}

const struct domain *recall_domain(const struct worker *w, struct str host)
{
	struct recall_domain *d;
	uint64_t first, last;

	if (w->recall == NULL || host.len < sizeof(first) || host.len > RECALL_HOST_MAX)
		return domain_lookup(&w->config->view, host);
	memcpy(&first, host.p, sizeof(first));
	memcpy(&last, str_end(host) - sizeof(last), sizeof(last));
	d = &w->recall->domain[place(first, last)];
	if (d->len == host.len &&
	        (~vec_same(vec_load(host), vec_read(d->host)) & vec_low(host.len)) == 0)
		return d->row;
	d->row = domain_lookup(&w->config->view, host);
	d->len = (uint8_t)host.len;
	memcpy(d->host, host.p, host.len);
	return d->row;
}

static enum nexthop_result look_up(
        const struct worker *w, const struct addr *dst, struct nexthop *out)
{
	const struct table_view *v = &w->nexthop->view;
	const struct route_hop *route = nexthop_route_to(v, dst);
	struct recall_gateway *g;

	memset(out, 0, sizeof(*out));
	if (route == NULL || route->kind != HOP_UNICAST)
		return route != NULL && route->kind == HOP_LOCAL ? NEXTHOP_LOCAL : NEXTHOP_NO_ROUTE;
	if (route->gateway.family == ADDR_NONE)
		return nexthop_resolve(v, route, dst, out);
	g = &w->recall->gateway[place((uintptr_t)route, 0)];
	if (g->route != route) {
		memset(&g->hop, 0, sizeof(g->hop));
		g->result = nexthop_resolve(v, route, dst, &g->hop);
		g->route = route;
	}
	*out = g->hop;
	return g->result;
}

enum nexthop_result recall_nexthop(
        const struct worker *w, const struct addr *dst, struct nexthop *out)
{
	struct recall_nexthop *n;
	uint64_t half[2];

	if (w->recall == NULL || dst->family == ADDR_NONE)
		return nexthop_lookup(&w->nexthop->view, dst, out);
	memcpy(half, dst->ip, sizeof(half));
	n = &w->recall->nexthop[place(half[0], half[1])];
	if (!addr_eq_ip(&n->dst, dst)) {
		n->result = look_up(w, dst, &n->hop);
		n->dst = *dst;
	}
	*out = n->hop;
	return n->result;
}

static struct hop_words words_of(const struct nexthop *hop)
{
	const char *p = (const char *)hop + offsetof(struct nexthop, port);
	struct hop_words h;

	memcpy(&h.first, p, sizeof(h.first));
	memcpy(&h.last, p + 14 - sizeof(h.last), sizeof(h.last));
	return h;
}

static struct recall_place *place_of(
        const struct worker *w, const struct leg *leg, struct hop_words hop)
{
	return &w->recall->way[place(hop.first ^ leg->id, hop.last)];
}

const struct recall_way *recall_way(
        const struct worker *w, const struct leg *leg, const struct nexthop *hop)
{
	const struct hop_words h = words_of(hop);
	const struct recall_place *p = place_of(w, leg, h);

	return p->leg == leg && p->hop.first == h.first && p->hop.last == h.last ? &p->way : NULL;
}

struct recall_way *recall_way_add(
        const struct worker *w, const struct leg *leg, const struct nexthop *hop)
{
	const struct hop_words h = words_of(hop);
	struct recall_place *p = place_of(w, leg, h);

	p->leg = leg;
	p->hop = h;
	return &p->way;
}
