// Addresses, gateways, legs, groups, keys: what must fit together.
#include "config/rules.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	// The sizes of the tables built from this (dataplane/table/, checked there again).
	PORTS_MAX = 16,
	LEGS_TABLE_MAX = 64,
	MEMBERS_MAX = 256,
	KEYS_MAX = 4,
	IFNAME_MAX = 15,
	IPV6_MTU_MIN = 1280,
};

int rules_at_line(struct error *e, const struct node *n, const char *keyword)
{
	if (e != NULL) {
		e->line = node_line(n, keyword);
		e->column = 0;
	}
	return -1;
}

static unsigned count(const struct node *parent, const char *keyword)
{
	const struct node *n = NULL;
	unsigned total = 0;

	while ((n = node_next(parent, keyword, n)) != NULL)
		total++;
	return total;
}

static bool prefix_holds(const struct addr *prefix, unsigned len, const struct addr *ip)
{
	unsigned whole = len / 8, rest = len % 8;

	if (prefix->family != ip->family || memcmp(prefix->ip, ip->ip, whole) != 0)
		return false;
	return rest == 0 || (prefix->ip[whole] ^ ip->ip[whole]) >> (8 - rest) == 0;
}

static bool is_link_local(const struct addr *a)
{
	return a->family == ADDR_IPV6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

// Is ip one of the addresses of n (own), or in one of their networks?
static bool address_known(const struct node *n, const struct addr *ip, bool own)
{
	const char *text;

	for (unsigned i = 0; (text = node_list(n, "address", i)) != NULL; i++) {
		struct addr a;
		unsigned len;

		if (!type_prefix(str_of(text), &a, &len))
			continue;
		if (own ? addr_eq_ip(&a, ip) : prefix_holds(&a, len, ip))
			return true;
	}
	return false;
}

static bool has_ipv6(const struct node *n)
{
	const char *text;

	for (unsigned i = 0; (text = node_list(n, "address", i)) != NULL; i++) {
		if (strchr(text, ':') != NULL)
			return true;
	}
	return false;
}

// What ports and their VLANs have in common.
static int check_network(
        const struct node *port, const struct node *n, const char *path, struct error *e)
{
	int64_t mtu = node_number(port, "mtu");
	const char *text;

	for (unsigned i = 0; (text = node_list(n, "gateway", i)) != NULL; i++) {
		struct addr ip;

		if (!addr_parse_ip(str_of(text), &ip))
			continue;
		if (address_known(n, &ip, true))
			return RULES_FAULT(
			        e, n, "gateway", "%s gateway: %s is its own address", path, text);
		if (!is_link_local(&ip) && !address_known(n, &ip, false))
			return RULES_FAULT(e, n, "gateway",
			        "%s gateway: %s is in the network of none of its addresses", path,
			        text);
	}
	if (mtu != 0 && mtu < IPV6_MTU_MIN && has_ipv6(n))
		return RULES_FAULT(e, port, "mtu", "port %s mtu: IPv6 needs at least %d",
		        node_key(port), IPV6_MTU_MIN);
	return 0;
}

static int check_vlans(const struct node *port, struct error *e)
{
	const struct node *vlan = NULL;

	while ((vlan = node_next(port, "vlan", vlan)) != NULL) {
		char path[64], ifname[64];

		snprintf(path, sizeof(path), "port %s vlan %s", node_key(port), node_key(vlan));
		snprintf(ifname, sizeof(ifname), "spry-%s.%s", node_key(port), node_key(vlan));
		if (strlen(ifname) > IFNAME_MAX)
			return RULES_FAULT(e, vlan, NULL,
			        "%s: the kernel interface would be %s, longer than %d; take a "
			        "shorter name for the port",
			        path, ifname, IFNAME_MAX);
		if (check_network(port, vlan, path, e) != 0)
			return -1;
	}
	return 0;
}

// The kernel interface a device drives (",iface=NAME"), empty when none.
static struct str device_interface(struct str device)
{
	while (device.len > 0) {
		size_t end = str_find(device, ',');
		struct str argument = str_head(device, end);

		if (argument.len > 6 && str_eq(str_head(argument, 6), STR("iface=")))
			return str_skip(argument, 6);
		device = str_skip(device, end + 1);
	}
	return STR_NONE;
}

// What names a device stands before its arguments.
static bool same_device(const struct node *a, const struct node *b)
{
	struct str x = str_of(node_value(a, "device")), y = str_of(node_value(b, "device"));
	struct str iface = device_interface(x);

	// two sockets on one interface: each would take every frame
	if (iface.len > 0 && str_eq(iface, device_interface(y)))
		return true;
	return str_eq(str_head(x, str_find(x, ',')), str_head(y, str_find(y, ',')));
}

static int check_ports(const struct node *root, struct error *e)
{
	const struct node *port = NULL;

	if (count(root, "port") > PORTS_MAX)
		return error_set(e, "port: more than %d ports", PORTS_MAX);
	while ((port = node_next(root, "port", port)) != NULL) {
		const struct node *other = port;
		char path[32];

		snprintf(path, sizeof(path), "port %s", node_key(port));
		while ((other = node_next(root, "port", other)) != NULL) {
			if (same_device(port, other))
				return RULES_FAULT(e, other, "device",
				        "port %s device: port %s has that device already",
				        node_key(other), node_key(port));
		}
		if (check_network(port, port, path, e) != 0 || check_vlans(port, e) != 0)
			return -1;
	}
	return 0;
}

// One address of a port or VLAN.
struct place {
	struct addr addr;
	const struct node *port, *node;
	const char *text;
};

struct places {
	struct place *place;
	size_t n, room;
};

static bool add_addresses(struct places *p, const struct node *port, const struct node *n)
{
	const char *text;

	for (unsigned i = 0; (text = node_list(n, "address", i)) != NULL; i++) {
		struct place one = {.port = port, .node = n, .text = text};
		unsigned len;

		if (!type_prefix(str_of(text), &one.addr, &len) || is_link_local(&one.addr))
			continue;
		if (p->n == p->room) {
			size_t room = p->room > 0 ? 2 * p->room : 16;
			struct place *more = realloc(p->place, room * sizeof(*more));

			if (more == NULL)
				return false;
			p->place = more;
			p->room = room;
		}
		p->place[p->n++] = one;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = memcmp(&x->addr, &y->addr, sizeof(x->addr));

	// Equal ones in the order of the tree, so that the later one is at fault.
	return c != 0 ? c
	              : (node_line(x->node, "address") > node_line(y->node, "address")) -
	                        (node_line(x->node, "address") < node_line(y->node, "address"));
}

static int find_twice(const struct places *p, struct error *e)
{
	for (size_t i = 1; i < p->n; i++) {
		const struct place *a = &p->place[i - 1], *b = &p->place[i];
		bool vlan = b->node != b->port;

		if (addr_eq_ip(&a->addr, &b->addr))
			return RULES_FAULT(e, b->node, "address",
			        "port %s%s%s address: %s is set on port %s%s%s too",
			        node_key(b->port), vlan ? " vlan " : "",
			        vlan ? node_key(b->node) : "", b->text, node_key(a->port),
			        a->node != a->port ? " vlan " : "",
			        a->node != a->port ? node_key(a->node) : "");
	}
	return 0;
}

static int check_addresses(const struct node *root, struct error *e)
{
	struct places p = {0};
	const struct node *port = NULL, *vlan = NULL;
	bool ok = true;
	int rc;

	while (ok && (port = node_next(root, "port", port)) != NULL) {
		ok = add_addresses(&p, port, port);
		while (ok && (vlan = node_next(port, "vlan", vlan)) != NULL)
			ok = add_addresses(&p, port, vlan);
	}
	if (ok && p.n > 0)
		qsort(p.place, p.n, sizeof(p.place[0]), by_address);
	rc = ok ? find_twice(&p, e) : error_set(e, "out of memory");
	free(p.place);
	return rc;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int check_leg(const struct node *root, const struct node *leg, struct error *e)
{
	const char *port_name = node_value(leg, "port"), *vlan = node_value(leg, "vlan");
	const char *udp = node_value(leg, "udp");
	const struct node *port = node_child(root, "port", port_name), *other = leg, *net = port;
	struct addr a;

	if (vlan != NULL)
		net = node_child(port, "vlan", vlan);
	if (net == NULL)
		return RULES_FAULT(e, leg, "vlan", "leg %s vlan: port %s has no vlan %s",
		        node_key(leg), port_name, vlan);
	if (!addr_parse(str_of(udp), &a) || !address_known(net, &a, true))
		return RULES_FAULT(e, leg, "udp", "leg %s udp: %s is no address of port %s%s%s",
		        node_key(leg), udp, port_name, vlan != NULL ? " vlan " : "",
		        vlan != NULL ? vlan : "");
	while ((other = node_next(root, "leg", other)) != NULL) {
		if (same_text(port_name, node_value(other, "port")) &&
		        same_text(vlan, node_value(other, "vlan")) &&
		        same_text(udp, node_value(other, "udp")))
			return RULES_FAULT(e, other, "udp", "leg %s udp: leg %s has %s already",
			        node_key(other), node_key(leg), udp);
	}
	return 0;
}

static int check_legs(const struct node *root, struct error *e)
{
	const struct node *leg = NULL;

	if (count(root, "leg") > LEGS_TABLE_MAX)
		return error_set(e, "leg: more than %d legs", LEGS_TABLE_MAX);
	while ((leg = node_next(root, "leg", leg)) != NULL) {
		if (check_leg(root, leg, e) != 0)
			return -1;
	}
	return 0;
}

// A member that is ourselves: each request would come back at once.
static int check_member(const struct node *root, const struct node *group,
        const struct node *member, struct error *e)
{
	const struct node *leg = NULL;

	while ((leg = node_next(root, "leg", leg)) != NULL) {
		if (strcmp(node_value(leg, "udp"), node_key(member)) == 0)
			return RULES_FAULT(e, member, NULL,
			        "group %s member %s: that is leg %s itself", node_key(group),
			        node_key(member), node_key(leg));
	}
	return 0;
}

static int check_groups(const struct node *root, struct error *e)
{
	const struct node *group = NULL;

	while ((group = node_next(root, "group", group)) != NULL) {
		const struct node *member = NULL, *leg = NULL;
		bool ipv6 = false;

		if (node_has(group, "leg")) {
			leg = node_child(root, "leg", node_value(group, "leg"));
			ipv6 = node_value(leg, "udp")[0] == '[';
		}
		if (count(group, "member") == 0)
			return RULES_FAULT(
			        e, group, NULL, "group %s: it has no member", node_key(group));
		if (count(group, "member") > MEMBERS_MAX)
			return RULES_FAULT(e, group, NULL, "group %s: more than %d members",
			        node_key(group), MEMBERS_MAX);
		while ((member = node_next(group, "member", member)) != NULL) {
			if (check_member(root, group, member, e) != 0)
				return -1;
			if (leg != NULL && (node_key(member)[0] == '[') != ipv6)
				return RULES_FAULT(e, member, NULL,
				        "group %s member %s: leg %s speaks %s", node_key(group),
				        node_key(member), node_key(leg), ipv6 ? "IPv6" : "IPv4");
		}
	}
	return 0;
}

static int check_keys(const struct node *root, struct error *e)
{
	const struct node *token = node_child(root, "token", NULL);

	if (count(token, "key") > KEYS_MAX)
		return RULES_FAULT(e, node_next(token, "key", NULL), NULL,
		        "token key: more than %d keys", KEYS_MAX);
	if (node_has(token, "seal") && node_child(token, "key", node_value(token, "seal")) == NULL)
		return RULES_FAULT(e, token, "seal", "token seal: there is no token key %s",
		        node_value(token, "seal"));
	return 0;
}

int rules_check(const struct node *root, struct error *e)
{
	if (check_ports(root, e) != 0 || check_addresses(root, e) != 0)
		return -1;
	if (check_legs(root, e) != 0 || check_groups(root, e) != 0)
		return -1;
	return check_keys(root, e) != 0
	               ? -1
	               : (rules_registrar(root, e) != 0 ? -1 : rules_policy(root, e));
}
