// Builds the tables of the chains from a configuration, and of what its kernel would know.
#include "tools/replay/config_image.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/check.h"
#include "config/text.h"
#include "control/build.h"
#include "dataplane/table/nexthop.h"

enum { CONFIG_IMAGE_ROUTES_MAX = 1024, CONFIG_IMAGE_LINKS_MAX = 64, CONFIG_IMAGE_HOSTS = 256 };

static const struct hash_key table_key = {1, 2};
static const struct token_key seal_key = {.epoch = 3,
        .usable = 1,
        .mac = {0x1122334455667788, 0x99aabbccddeeff00},
        .cipher = "0123456789abcde"};

// What the lines say, before tables are made of it.
struct kernel {
	struct table_builder b;
	const struct setup *setup;
	unsigned n_links;
	char link[CONFIG_IMAGE_LINKS_MAX][32];
	uint8_t mac[CONFIG_IMAGE_LINKS_MAX][6]; // of whoever is there
	struct nexthop_route route[CONFIG_IMAGE_ROUTES_MAX];
	size_t n_routes;
};

// The link of a port ("core") or of a VLAN on it ("core.7"), -1 = none. Made when it is not there
// yet.
static int link_index(struct kernel *k, const char *name)
{
	struct link_row l = {.up = 1, .mtu = UINT16_MAX};
	unsigned vlan = 0;
	char port[16];

	for (unsigned i = 0; i < k->n_links; i++) {
		if (strcmp(k->link[i], name) == 0)
			return (int)i;
	}
	if (k->n_links == CONFIG_IMAGE_LINKS_MAX || sscanf(name, "%15[^.].%u", port, &vlan) < 1)
		return -1;
	while (l.port < k->setup->n_ports && strcmp(k->setup->port[l.port].name, port) != 0)
		l.port++;
	if (l.port == k->setup->n_ports)
		return -1;
	snprintf(l.ifname, sizeof(l.ifname), "spry-%.10s", name);
	l.ifindex = k->n_links + 1;
	l.vlan = (uint16_t)vlan;
	nexthop_add_link(&k->b, &l);
	snprintf(k->link[k->n_links], sizeof(k->link[0]), "%s", name);
	memcpy(k->mac[k->n_links], (uint8_t[]){2, 0, 0, 0, 0, 9}, 6);
	return (int)k->n_links++;
}

static bool parse_prefix(const char *text, struct addr *out, uint8_t *len)
{
	struct str s = str_of(text);
	size_t slash = str_find(s, '/');
	uint64_t n;

	if (!addr_parse_ip(str_head(s, slash), out))
		return false;
	*len = out->family == ADDR_IPV4 ? 32 : 128;
	if (slash < s.len) {
		if (!str_decimal(str_skip(s, slash + 1), *len, &n))
			return false;
		*len = (uint8_t)n;
	}
	return true;
}

static void mask(struct addr *a, uint8_t len)
{
	for (unsigned bit = len; bit < 128; bit++)
		a->ip[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static int add_route(
        struct kernel *k, const char *prefix, const char *port, const char *via, int kind)
{
	struct nexthop_route *r = &k->route[k->n_routes];
	int link = link_index(k, port);

	if (k->n_routes == CONFIG_IMAGE_ROUTES_MAX || link < 0)
		return -1;
	memset(r, 0, sizeof(*r));
	if (!parse_prefix(prefix, &r->prefix, &r->prefix_len) ||
	        (via[0] != '\0' && !addr_parse_ip(str_of(via), &r->hop.gateway)))
		return -1;
	if (kind == HOP_LOCAL)
		r->prefix_len = r->prefix.family == ADDR_IPV4 ? 32 : 128;
	mask(&r->prefix, r->prefix_len);
	r->hop.link = (uint32_t)link;
	r->hop.kind = (uint8_t)kind;
	k->n_routes++;
	return 0;
}

// Every host of a connected network answers: the first 255 of it, and the gateways.
static int add_neighbour(
        struct kernel *k, const char *link, const struct addr *host, struct error *e)
{
	const int l = link_index(k, link);
	struct neighbour n = {.addr = *host, .link = (uint32_t)l};

	if (l < 0)
		return error_set(e, "%s: no such port", link);
	memcpy(n.mac, k->mac[l], sizeof(n.mac));
	return nexthop_add_neighbour(&k->b, &n, e);
}

// As the kernel: the last address of a network is that of all in it.
static int add_broadcast(struct kernel *k, struct addr host, uint8_t len, const char *link)
{
	char text[ADDR_TEXT_MAX];

	for (unsigned bit = len; bit < 32; bit++)
		host.ip[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	addr_format_ip(&host, text);
	return add_route(k, text, link, "", HOP_LOCAL);
}

static int add_connected(struct kernel *k, const char *prefix, const char *link, struct error *e)
{
	int rc = add_route(k, prefix, link, "", HOP_UNICAST) |
	         add_route(k, prefix, link, "", HOP_LOCAL);
	struct addr host;
	uint8_t len;

	if (rc != 0 || !parse_prefix(prefix, &host, &len))
		return error_set(e, "too many addresses at %s", prefix);
	if (host.family == ADDR_IPV4 && len < 31)
		rc = add_broadcast(k, host, len, link);
	mask(&host, len);
	for (unsigned i = 1; i < CONFIG_IMAGE_HOSTS && rc == 0; i++) {
		host.ip[addr_ip_len(&host) - 1] = (uint8_t)i;
		rc = add_neighbour(k, link, &host, e);
	}
	return rc;
}

static int add_gateway(struct kernel *k, const char *gateway, const char *link, struct error *e)
{
	struct addr a;

	if (!addr_parse_ip(str_of(gateway), &a) ||
	        add_route(k, a.family == ADDR_IPV4 ? "0.0.0.0/0" : "::/0", link, gateway,
	                HOP_UNICAST) != 0)
		return error_set(e, "too many routes at gateway %s", gateway);
	return add_neighbour(k, link, &a, e);
}

// Addresses and gateways of a port, or of a VLAN on it.
static int add_interface(struct kernel *k, const struct node *n, const char *link, struct error *e)
{
	const char *word;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && (word = node_list(n, "address", i)) != NULL; i++)
		rc = add_connected(k, word, link, e);
	for (unsigned i = 0; rc == 0 && (word = node_list(n, "gateway", i)) != NULL; i++)
		rc = add_gateway(k, word, link, e);
	return rc;
}

static int add_ports(struct kernel *k, const struct tree *t, struct error *e)
{
	const struct node *port = NULL, *vlan = NULL;
	char link[40];
	int rc = 0;

	while (rc == 0 && (port = node_next(tree_root(t), "port", port)) != NULL) {
		rc = add_interface(k, port, node_key(port), e);
		while (rc == 0 && (vlan = node_next(port, "vlan", vlan)) != NULL) {
			snprintf(link, sizeof(link), "%.16s.%.8s", node_key(port), node_key(vlan));
			rc = add_interface(k, vlan, link, e);
		}
	}
	return rc;
}

// "route PREFIX PORT [via ADDRESS]"
static int add_line(struct kernel *k, const char *line, struct error *e)
{
	char prefix[64], link[64], via[64] = "";

	if (sscanf(line, "route %63s %63s via %63s", prefix, link, via) >= 2 &&
	        add_route(k, prefix, link, via, HOP_UNICAST) == 0)
		return 0;
	return error_set(e, "bad line: %s", line);
}

// "neighbour PORT MAC"
static int set_mac(struct kernel *k, const char *line, struct error *e)
{
	unsigned m[6];
	char link[64];
	int l = -1;

	if (sscanf(line, "neighbour %63s %2x:%2x:%2x:%2x:%2x:%2x", link, &m[0], &m[1], &m[2], &m[3],
	            &m[4], &m[5]) == 7)
		l = link_index(k, link);
	if (l < 0)
		return error_set(e, "bad line: %s", line);
	for (unsigned i = 0; i < 6; i++)
		k->mac[l][i] = (uint8_t)m[i];
	return 0;
}

typedef int (*line_fn)(struct kernel *k, const char *line, struct error *e);

// Calls fn with each line that begins with `word`, or blanks these lines (fn NULL): the others keep
// their numbers.
static int each_line(char *text, const char *word, line_fn fn, struct kernel *k, struct error *e)
{
	char line[256];
	int rc = 0;

	while (rc == 0 && *text != '\0') {
		size_t n = strcspn(text, "\n");

		if (strncmp(text, word, strlen(word)) == 0 && fn == NULL) {
			memset(text, ' ', n);
		} else if (strncmp(text, word, strlen(word)) == 0) {
			snprintf(line, sizeof(line), "%.*s", (int)n, text);
			rc = fn(k, line, e);
		}
		text += n + (text[n] != '\0');
	}
	return rc;
}

static bool finish(struct table_builder *b, enum root_chain chain, uint64_t n,
        struct config_image *out, struct error *e)
{
	out->bytes = table_finish(b, chain, n, &out->len, e);
	return out->bytes != NULL;
}

static struct tree *read_tree(const char *text, const char *name, struct error *e)
{
	struct tree *t = tree_create();

	if (text_read(t, str_of(text), name, e) == 0 && check(t, e) == 0)
		return t;
	tree_destroy(t);
	return NULL;
}

static bool make_config(const struct tree *t, uint64_t n, struct config_image *out, struct error *e)
{
	struct table_builder b;

	table_begin(&b, table_key);
	return build_config(t, &seal_key, 1, &b, e) == 0 && finish(&b, ROOT_CONFIG, n, out, e);
}

bool config_image_users(
        const struct user_list *users, uint64_t n, struct config_image *out, struct error *e)
{
	struct table_builder b;

	table_begin(&b, table_key);
	if (user_list_build(users, &b, e) == 0)
		return finish(&b, ROOT_USERS, n, out, e);
	table_abandon(&b);
	return false;
}

static bool make_users(const struct tree *t, uint64_t n, struct config_image *out, struct error *e)
{
	struct user_list users;
	bool made;

	if (user_list_read(&users, t, false, e) != 0)
		return false;
	made = config_image_users(&users, n, out, e);
	user_list_clear(&users);
	return made;
}

static bool make_nexthop(const struct tree *t, char *text, const struct config_image *config,
        struct config_image *out, struct error *e)
{
	struct kernel *k = calloc(1, sizeof(*k));
	struct table_view v;
	bool made = false;

	if (k == NULL || table_open(&v, config->bytes, config->len, ROOT_CONFIG, e) != 0) {
		free(k);
		return false;
	}
	k->setup = setup_get(&v);
	table_begin(&k->b, table_key);
	if (each_line(text, "neighbour ", set_mac, k, e) == 0 && add_ports(k, t, e) == 0 &&
	        each_line(text, "route ", add_line, k, e) == 0 &&
	        nexthop_add_routes(&k->b, k->route, k->n_routes, e) == 0) {
		nexthop_index(&k->b);
		made = finish(&k->b, ROOT_NEXTHOP, v.header->generation, out, e);
	} else {
		table_abandon(&k->b);
	}
	free(k);
	return made;
}

void config_image_clear(struct config_image images[ROOT_CHAINS])
{
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++) {
		free(images[chain].bytes);
		images[chain] = (struct config_image){NULL, 0};
	}
}

bool config_image_make(struct str text, const char *name, uint64_t n,
        struct config_image out[ROOT_CHAINS], struct error *e)
{
	char *config = strndup(text.p, text.len), *all = strndup(text.p, text.len);
	struct tree *t;
	bool made;

	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		out[chain] = (struct config_image){NULL, 0};
	each_line(config, "route ", NULL, NULL, e);
	each_line(config, "neighbour ", NULL, NULL, e);
	t = read_tree(config, name, e);
	made = t != NULL && make_config(t, n, &out[ROOT_CONFIG], e) &&
	       make_users(t, n, &out[ROOT_USERS], e) &&
	       make_nexthop(t, all, &out[ROOT_CONFIG], &out[ROOT_NEXTHOP], e);
	free(all);
	free(config);
	tree_destroy(t);
	if (!made)
		config_image_clear(out);
	return made;
}
