// Settings of a registrar domain as its row.
#include "control/build_registrar.h"

#include <stdio.h>

enum { SOURCES_MAX = 256 };

// The prefixes of `third-party`. -1 with error.
static int read_sources(const struct node *domain, struct home_source *out, struct error *e)
{
	const char *text;
	unsigned n = 0, len;

	for (; (text = node_list(domain, "third-party", n)) != NULL; n++) {
		if (n == SOURCES_MAX)
			return error_set(e, "domain %s: more than %u third-party prefixes",
			        node_key(domain), SOURCES_MAX);
		out[n] = (struct home_source){0};
		if (!type_network(str_of(text), &out[n].addr, &len))
			return error_set(e, "domain %s third-party: '%s' is no network",
			        node_key(domain), text);
		out[n].len = (uint8_t)len;
	}
	return (int)n;
}

int build_registrar(const struct node *root, const struct node *domain, struct table_builder *b,
        struct error *e)
{
	const struct node *location = node_child(root, "location", NULL);
	const struct node *ping = node_child(location, "ping", NULL);
	struct home_source sources[SOURCES_MAX];
	const char *route = node_value(domain, "service-route");
	struct home h = {
	        .min_expires = (uint32_t)node_number(domain, "min-expires"),
	        .max_expires = (uint32_t)node_number(domain, "max-expires"),
	        .default_expires = (uint32_t)node_number(domain, "default-expires"),
	        .max_contacts = (uint16_t)node_number(domain, "max-contacts"),
	};
	unsigned flags = 0;
	char text[300];
	int len = 0, n = read_sources(domain, sources, e);

	if (n < 0)
		return -1;
	h.n_sources = (uint16_t)n;
	h.ping_s = (uint32_t)node_number(ping, "interval");
	if (strcmp(node_value(ping, "method"), "crlf") == 0)
		flags |= HOME_PING_CRLF;
	if (strcmp(node_value(ping, "method"), "options") == 0)
		flags |= HOME_PING_OPTIONS;
	if (node_switch(node_child(location, "refresh", NULL), "worker"))
		flags |= HOME_REFRESH;
	if (node_switch(domain, "foreign-contact"))
		flags |= HOME_FOREIGN;
	h.flags = (uint16_t)flags;
	if (route != NULL)
		len = snprintf(text, sizeof(text), "<sip:%s;lr>", route);
	return home_add(b, &h, (struct str){text, (size_t)len}, sources, e);
}
