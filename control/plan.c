// What spry wants of the kernel, as a flat list: see plan.h.
#include "control/plan.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/type.h"

int plan_add(struct plan *p, const struct plan_item *item)
{
	size_t at = p->n;

	if (p->n == p->room) {
		size_t room = p->room == 0 ? 16 : 2 * p->room;
		struct plan_item *grown = realloc(p->items, room * sizeof(*grown));

		if (grown == NULL)
			return -1;
		p->items = grown;
		p->room = room;
	}
	while (at > 0 && p->items[at - 1].kind > item->kind)
		at--;
	memmove(&p->items[at + 1], &p->items[at], (p->n - at) * sizeof(*item));
	p->items[at] = *item;
	p->n++;
	return 0;
}

void plan_clear(struct plan *p)
{
	free(p->items);
	*p = (struct plan){0};
}

bool plan_has(const struct plan *p, const struct plan_item *item)
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(&p->items[i], item, sizeof(*item)) == 0)
			return true;
	return false;
}

int plan_minus(const struct plan *from, const struct plan *to, struct plan *gone)
{
	*gone = (struct plan){0};
	for (size_t i = 0; i < from->n; i++) {
		if (plan_has(to, &from->items[i]))
			continue;
		if (plan_add(gone, &from->items[i]) != 0) {
			plan_clear(gone);
			return -1;
		}
	}
	return 0;
}

int plan_ifname(const char *port, unsigned vlan, char out[16], struct error *e)
{
	int len = vlan == 0 ? snprintf(out, IFNAMSIZ, "spry-%s", port)
	                    : snprintf(out, IFNAMSIZ, "spry-%s.%u", port, vlan);

	if (len < IFNAMSIZ)
		return 0;
	return error_set(e, "port %s: name too long for an interface spry-%s%s%.0u (15 characters)",
	        port, port, vlan != 0 ? ".VLAN" : "", vlan);
}

// "net_af_packet0,iface=eth1,..." -> eth1
static bool af_packet_iface(const char *device, char out[16])
{
	const char *at = strstr(device, ",iface=");
	size_t len;

	if (strncmp(device, "net_af_packet", 13) != 0 || at == NULL)
		return false;
	at += 7;
	len = strcspn(at, ",");
	if (len == 0 || len >= IFNAMSIZ)
		return false;
	memset(out, 0, IFNAMSIZ);
	memcpy(out, at, len);
	return true;
}

// Addresses and default routes of a port or one of its VLANs.
static int add_addresses(struct plan *p, const struct node *n, const char *ifname, uint32_t metric)
{
	const char *value;

	for (unsigned i = 0; (value = node_list(n, "address", i)) != NULL; i++) {
		struct plan_item item = {.kind = PLAN_ADDRESS};
		unsigned len;

		if (!type_prefix(str_of(value), &item.addr, &len))
			continue; // the tree holds checked values only
		item.prefix_len = (uint8_t)len;
		memcpy(item.ifname, ifname, IFNAMSIZ);
		if (plan_add(p, &item) != 0)
			return -1;
	}
	for (unsigned i = 0; (value = node_list(n, "gateway", i)) != NULL; i++) {
		struct plan_item item = {.kind = PLAN_GATEWAY, .metric = metric};

		if (!addr_parse_ip(str_of(value), &item.addr))
			continue;
		memcpy(item.ifname, ifname, IFNAMSIZ);
		if (plan_add(p, &item) != 0)
			return -1;
	}
	return 0;
}

static int add_port(struct plan *p, const struct node *port, uint32_t *metric, struct error *e)
{
	struct plan_item twin = {.kind = PLAN_TWIN}, deaf = {.kind = PLAN_DEAF};
	const char *device = node_value(port, "device");
	const struct node *v = NULL;

	if (plan_ifname(node_key(port), 0, twin.ifname, e) != 0)
		return -1;
	memcpy(deaf.parent, twin.ifname, sizeof(deaf.parent));
	if (device != NULL && af_packet_iface(device, deaf.ifname) && plan_add(p, &deaf) != 0)
		return error_set(e, "out of memory");
	if (plan_add(p, &twin) != 0 || add_addresses(p, port, twin.ifname, ++*metric) != 0)
		return error_set(e, "out of memory");
	while ((v = node_next(port, "vlan", v)) != NULL) {
		struct plan_item item = {.kind = PLAN_VLAN};

		item.vlan = (uint16_t)strtoul(node_key(v), NULL, 10);
		memcpy(item.parent, twin.ifname, sizeof(item.parent));
		if (plan_ifname(node_key(port), item.vlan, item.ifname, e) != 0)
			return -1;
		if (plan_add(p, &item) != 0 || add_addresses(p, v, item.ifname, ++*metric) != 0)
			return error_set(e, "out of memory");
	}
	return 0;
}

int plan_make(struct plan *p, const struct tree *t, struct error *e)
{
	const struct node *port = NULL;
	uint32_t metric = 0;

	*p = (struct plan){0};
	while ((port = node_next(tree_root(t), "port", port)) != NULL)
		if (add_port(p, port, &metric, e) != 0) {
			plan_clear(p);
			return -1;
		}
	return 0;
}

static const char *const plan_word[PLAN_KINDS] = {
        [PLAN_DEAF] = "deaf",
        [PLAN_TWIN] = "twin",
        [PLAN_VLAN] = "vlan",
        [PLAN_ADDRESS] = "address",
        [PLAN_GATEWAY] = "gateway",
};

char *plan_write(const struct plan *p)
{
	char *text = NULL, ip[ADDR_TEXT_MAX];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_item *it = &p->items[i];

		snprintf(ip, sizeof(ip), "-");
		if (it->addr.family != ADDR_NONE)
			addr_format_ip(&it->addr, ip);
		fprintf(f, "%s %s %s %s %u %u %u\n", plan_word[it->kind], it->ifname,
		        it->parent[0] != '\0' ? it->parent : "-", ip, it->prefix_len, it->vlan,
		        it->metric);
	}
	return fclose(f) == 0 ? text : NULL;
}

static bool read_item(const char *line, struct plan_item *out)
{
	char word[16], ifname[16], parent[16], ip[ADDR_TEXT_MAX];
	unsigned prefix_len, vlan, metric;
	struct plan_item i = {.kind = PLAN_KINDS};

	if (sscanf(line, "%15s %15s %15s %55s %u %u %u", word, ifname, parent, ip, &prefix_len,
	            &vlan, &metric) != 7)
		return false;
	for (uint8_t k = 0; k < PLAN_KINDS; k++)
		if (strcmp(word, plan_word[k]) == 0)
			i.kind = k;
	if (i.kind == PLAN_KINDS || prefix_len > 128 || vlan > 4094 ||
	        (strcmp(ip, "-") != 0 && !addr_parse_ip(str_of(ip), &i.addr)))
		return false;
	memcpy(i.ifname, ifname, strlen(ifname));
	if (strcmp(parent, "-") != 0)
		memcpy(i.parent, parent, strlen(parent));
	i.prefix_len = (uint8_t)prefix_len;
	i.vlan = (uint16_t)vlan;
	i.metric = metric;
	*out = i;
	return true;
}

int plan_read(struct plan *p, struct str text)
{
	*p = (struct plan){0};
	while (text.len > 0) {
		size_t end = str_find(text, '\n');
		struct plan_item item;
		char line[256];

		snprintf(line, sizeof(line), "%.*s", STR_ARG(str_head(text, end)));
		text = str_skip(text, end + 1);
		if (read_item(line, &item) && plan_add(p, &item) != 0)
			return -1;
	}
	return 0;
}

void plan_describe(const struct plan_item *i, char *out, size_t room)
{
	char ip[ADDR_TEXT_MAX] = "";

	if (i->addr.family != ADDR_NONE)
		addr_format_ip(&i->addr, ip);
	if (i->kind == PLAN_ADDRESS)
		snprintf(out, room, "address %s/%u on %s", ip, i->prefix_len, i->ifname);
	else if (i->kind == PLAN_GATEWAY)
		snprintf(out, room, "gateway %s by %s", ip, i->ifname);
	else if (i->kind == PLAN_DEAF)
		snprintf(out, room, "kernel deaf on %s", i->ifname);
	else
		snprintf(out, room, "interface %s", i->ifname);
}
