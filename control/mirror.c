// Mirrors the kernel's links, routes and neighbours: see mirror.h.
#include "control/mirror.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/route/link/vlan.h>
#include <stdlib.h>

#include "control/ask.h"
#include "control/convert.h"
#include "control/netlink.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"
#include "dataplane/table/group.h"

enum {
	MIRROR_GATHER_MS = 20,
	MIRROR_TICK_S = 5,
	MIRROR_BUFFER = 4 << 20,
};

enum mirror_dirty { DIRTY_LINKS = 1, DIRTY_ROUTES = 2, DIRTY_NEIGHBOURS = 4, DIRTY_ALL = 7 };

struct mirror {
	struct publish *publish;
	void (*settled)(void *arg);
	void *arg;
	struct nl_sock *events, *query;
	struct event *readable, *gather, *tick;
	unsigned dirty; // enum mirror_dirty
	bool gathering; // the timer runs
	struct ask ask;

	// What the kernel said last.
	struct link_row *links;
	struct nexthop_route *routes;
	struct neighbour *neighbours;
	size_t n_links, n_routes, n_neighbours;
};

static void mark(struct mirror *m, unsigned what)
{
	struct timeval gather = {0, MIRROR_GATHER_MS * 1000};

	m->dirty |= what;
	if (!m->gathering && m->dirty != 0)
		m->gathering = evtimer_add(m->gather, &gather) == 0;
}

static const struct setup *ports(const struct mirror *m)
{
	const struct table_view *config = publish_view(m->publish, ROOT_CONFIG);

	return config != NULL ? setup_get(config) : NULL;
}

// The loaders return false, and change nothing, when the kernel did not tell.
static bool load_links(struct mirror *m)
{
	const struct setup *setup = ports(m);
	struct nl_cache *cache;
	struct link_row *rows;
	size_t n = 0;

	if (setup == NULL || rtnl_link_alloc_cache(m->query, AF_UNSPEC, &cache) != 0)
		return false;
	rows = calloc((size_t)nl_cache_nitems(cache) + 1, sizeof(*rows));
	// Twins first: a VLAN interface is known by the twin it is on.
	for (int vlans = 0; rows != NULL && vlans < 2; vlans++)
		for (struct nl_object *o = nl_cache_get_first(cache); o != NULL;
		        o = nl_cache_get_next(o)) {
			struct rtnl_link *l = (struct rtnl_link *)o;

			if ((rtnl_link_is_vlan(l) != 0) == (vlans != 0) &&
			        convert_link(l, setup, rows, n, &rows[n]))
				n++;
		}
	nl_cache_free(cache);
	if (rows == NULL)
		return false;
	free(m->links);
	m->links = rows;
	m->n_links = n;
	return true;
}

static bool load_routes(struct mirror *m)
{
	struct nl_cache *cache;
	struct nexthop_route *rows;
	size_t n = 0;

	if (rtnl_route_alloc_cache(m->query, AF_UNSPEC, 0, &cache) != 0)
		return false;
	rows = calloc((size_t)nl_cache_nitems(cache) + 1, sizeof(*rows));
	for (struct nl_object *o = nl_cache_get_first(cache); rows != NULL && o != NULL;
	        o = nl_cache_get_next(o))
		if (convert_route((struct rtnl_route *)o, m->links, m->n_links, &rows[n]))
			n++;
	nl_cache_free(cache);
	if (rows == NULL)
		return false;
	free(m->routes);
	m->routes = rows;
	m->n_routes = n;
	return true;
}

static bool load_neighbours(struct mirror *m)
{
	uint64_t now = now_ns();
	struct nl_cache *cache;
	struct neighbour *rows;
	size_t n = 0;
	bool usable;

	if (rtnl_neigh_alloc_cache(m->query, &cache) != 0)
		return false;
	rows = calloc((size_t)nl_cache_nitems(cache) + 1, sizeof(*rows));
	for (struct nl_object *o = nl_cache_get_first(cache); rows != NULL && o != NULL;
	        o = nl_cache_get_next(o))
		if (convert_neighbour(
		            (struct rtnl_neigh *)o, m->links, m->n_links, &rows[n], &usable) &&
		        usable) {
			ask_resolved(&m->ask, m->links[rows[n].link].ifindex, &rows[n].addr, now);
			n++;
		}
	nl_cache_free(cache);
	if (rows == NULL)
		return false;
	free(m->neighbours);
	m->neighbours = rows;
	m->n_neighbours = n;
	return true;
}

// Gateways and group members are asked for before the first message needs them.
static void ask_ahead(struct mirror *m)
{
	const struct table_view *config = publish_view(m->publish, ROOT_CONFIG);
	const struct table_view *nexthop = publish_view(m->publish, ROOT_NEXTHOP);
	uint64_t now = now_ns();

	for (size_t i = 0; i < m->n_routes; i++) {
		const struct route_hop *h = &m->routes[i].hop;

		if (h->kind == HOP_UNICAST && h->gateway.family != ADDR_NONE)
			ask_wanted(&m->ask, m->links[h->link].ifindex, &h->gateway, true, now);
	}
	if (config == NULL || nexthop == NULL)
		return;
	for (uint32_t i = 0; i < config->count[TABLE_MEMBERS]; i++) {
		const struct member *member =
		        (const struct member *)config->rows[TABLE_MEMBERS] + i;
		struct nexthop hop;

		if (nexthop_lookup(nexthop, &member->addr, &hop) == NEXTHOP_UNRESOLVED)
			mirror_want(m, hop.port, hop.vlan, &hop.via);
	}
}

static int build(struct mirror *m, struct table_builder *b, struct error *e)
{
	table_begin(b, m->publish->chain[ROOT_NEXTHOP].key);
	for (size_t i = 0; i < m->n_links; i++)
		nexthop_add_link(b, &m->links[i]);
	if (nexthop_add_routes(b, m->routes, m->n_routes, e) != 0) {
		table_abandon(b);
		return -1;
	}
	for (size_t i = 0; i < m->n_neighbours; i++)
		if (nexthop_add_neighbour(b, &m->neighbours[i], e) != 0) {
			table_abandon(b);
			return -1;
		}
	nexthop_index(b);
	return 0;
}

static void on_published(void *arg, enum publish_result result, const char *why)
{
	struct mirror *m = arg;

	if (result == PUBLISH_REFUSED || result == PUBLISH_TIMEOUT)
		log_error("next hops not taken up: %s", why);
	m->settled(m->arg);
	mark(m, 0); // what changed meanwhile
}

static void update(struct mirror *m)
{
	struct table_builder b;
	struct error e = {0};
	int rc;

	if (ports(m) == NULL || publish_in_flight(m->publish, ROOT_NEXTHOP))
		return; // comes again: with the first configuration, or when that one is settled
	// Rows of routes and neighbours point at links.
	if ((m->dirty & DIRTY_LINKS) != 0)
		m->dirty = DIRTY_ALL;
	if (((m->dirty & DIRTY_LINKS) != 0 && !load_links(m)) ||
	        ((m->dirty & DIRTY_ROUTES) != 0 && !load_routes(m)) ||
	        ((m->dirty & DIRTY_NEIGHBOURS) != 0 && !load_neighbours(m))) {
		mark(m, DIRTY_ALL); // old rows do not fit new links: again, soon
		return;
	}
	m->dirty = 0;
	if (build(m, &b, &e) != 0) {
		log_error("next hops: %s", e.text);
		return;
	}
	rc = publish_offer(m->publish, ROOT_NEXTHOP, &b, on_published, m, &e);
	if (rc < 0)
		log_error("next hops: %s", e.text);
	ask_ahead(m);
	if (rc == 0)
		m->settled(m->arg);
}

static void on_gather(evutil_socket_t fd, short what, void *arg)
{
	struct mirror *m = arg;

	(void)fd, (void)what;
	m->gathering = false;
	update(m);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct mirror *m = arg;

	(void)fd, (void)what;
	ask_tick(&m->ask, now_ns());
}

static bool known(const struct mirror *m, const struct neighbour *row)
{
	for (size_t i = 0; i < m->n_neighbours; i++)
		if (m->neighbours[i].link == row->link &&
		        addr_eq_ip(&m->neighbours[i].addr, &row->addr))
			return memcmp(m->neighbours[i].mac, row->mac, sizeof(row->mac)) == 0;
	return false;
}

// A neighbour event that changes nothing for the dataplane (REACHABLE to STALE and back) is not
// worth a generation.
static bool neighbour_changed(struct mirror *m, struct rtnl_neigh *neigh, bool gone)
{
	struct neighbour row;
	bool usable;

	if (!convert_neighbour(neigh, m->links, m->n_links, &row, &usable))
		return false;
	if (usable && !gone) {
		ask_resolved(&m->ask, m->links[row.link].ifindex, &row.addr, now_ns());
		return !known(m, &row);
	}
	for (size_t i = 0; i < m->n_neighbours; i++)
		if (m->neighbours[i].link == row.link &&
		        addr_eq_ip(&m->neighbours[i].addr, &row.addr))
			return true;
	return false;
}

static void neighbour_event(struct nl_object *o, void *arg)
{
	struct {
		struct mirror *m;
		bool gone, changed;
	} *c = arg;

	c->changed = neighbour_changed(c->m, (struct rtnl_neigh *)o, c->gone);
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct mirror *m = arg;
	uint16_t type = nlmsg_hdr(msg)->nlmsg_type;
	struct {
		struct mirror *m;
		bool gone, changed;
	} c = {m, type == RTM_DELNEIGH, false};

	if (type == RTM_NEWLINK || type == RTM_DELLINK) {
		mark(m, DIRTY_LINKS);
	} else if (type == RTM_NEWNEIGH || type == RTM_DELNEIGH) {
		if (nl_msg_parse(msg, neighbour_event, &c) != 0 || c.changed)
			mark(m, DIRTY_NEIGHBOURS);
	} else {
		mark(m, DIRTY_ROUTES);
	}
	return NL_OK;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct mirror *m = arg;
	int rc = nl_recvmsgs_default(m->events);

	(void)fd, (void)what;
	// Events were lost (ENOBUFS is NLE_NOMEM here): look at everything.
	if (rc < 0 && rc != -NLE_AGAIN)
		mark(m, DIRTY_ALL);
}

void mirror_refresh(struct mirror *m)
{
	m->dirty = DIRTY_ALL;
	update(m);
}

void mirror_want(struct mirror *m, uint8_t port, uint16_t vlan, const struct addr *addr)
{
	if (!addr_is_unicast(addr))
		return;
	for (size_t i = 0; i < m->n_links; i++)
		if (m->links[i].port == port && m->links[i].vlan == vlan) {
			ask_wanted(&m->ask, m->links[i].ifindex, addr, false, now_ns());
			return;
		}
}

const struct table_view *mirror_view(const struct mirror *m)
{
	return publish_view(m->publish, ROOT_NEXTHOP);
}

bool mirror_resolved(const struct mirror *m, const struct addr *addr)
{
	const struct table_view *v = mirror_view(m);
	struct nexthop hop;

	return v != NULL && !publish_in_flight(m->publish, ROOT_NEXTHOP) &&
	       nexthop_lookup(v, addr, &hop) == NEXTHOP_OK;
}

static int listen_events(struct mirror *m, struct error *e)
{
	int rc;

	m->events = netlink_open(e);
	m->query = netlink_open(e);
	m->ask.netlink = netlink_open(e);
	if (m->events == NULL || m->query == NULL || m->ask.netlink == NULL)
		return -1;
	nl_socket_disable_seq_check(m->events);
	nl_socket_modify_cb(m->events, NL_CB_VALID, NL_CB_CUSTOM, on_message, m);
	(void)nl_socket_set_buffer_size(m->events, MIRROR_BUFFER, 0);
	(void)nl_socket_set_nonblocking(m->events);
	rc = nl_socket_add_memberships(m->events, RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR,
	        RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, 0);
	return rc == 0 ? 0 : error_set(e, "rtnetlink: %s", nl_geterror(rc));
}

struct mirror *mirror_create(struct event_base *base, struct publish *publish,
        void (*settled)(void *arg), void *arg, struct error *e)
{
	struct mirror *m = calloc(1, sizeof(*m));
	struct timeval every = {MIRROR_TICK_S, 0};

	if (m == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	m->publish = publish;
	m->settled = settled;
	m->arg = arg;
	m->dirty = DIRTY_ALL;
	if (listen_events(m, e) != 0) {
		mirror_destroy(m);
		return NULL;
	}
	m->readable =
	        event_new(base, nl_socket_get_fd(m->events), EV_READ | EV_PERSIST, on_readable, m);
	m->gather = evtimer_new(base, on_gather, m);
	m->tick = event_new(base, -1, EV_PERSIST, on_tick, m);
	if (m->readable == NULL || m->gather == NULL || m->tick == NULL ||
	        event_add(m->readable, NULL) != 0 || event_add(m->tick, &every) != 0) {
		error_set(e, "out of memory");
		mirror_destroy(m);
		return NULL;
	}
	return m;
}

void mirror_destroy(struct mirror *m)
{
	if (m == NULL)
		return;
	if (m->readable != NULL)
		event_free(m->readable);
	if (m->gather != NULL)
		event_free(m->gather);
	if (m->tick != NULL)
		event_free(m->tick);
	nl_socket_free(m->events);
	nl_socket_free(m->query);
	nl_socket_free(m->ask.netlink);
	free(m->links);
	free(m->routes);
	free(m->neighbours);
	free(m);
}
