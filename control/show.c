// The show commands of configuration, tables and processes.
#include "control/show.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/commit.h"
#include "control/listing.h"
#include "dataplane/base/now.h"
#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/setup.h"

#define SECOND_NS 1000000000ull
enum { ROWS_A_TURN = 500 }; // of a listing that streams

static const struct table_view *config_view(const struct command_call *call)
{
	return publish_view(&call->control->publish, ROOT_CONFIG);
}

static struct listing listing_of(
        struct command_call *call, const struct listing_column *columns, unsigned n)
{
	return (struct listing){.out = call->out, .json = call->json, .columns = columns, .n = n};
}

#define LISTING(call, columns) listing_of(call, columns, sizeof(columns) / sizeof((columns)[0]))

// {"config": ["set ...", ...]}
static void config_json(struct command_call *call, struct str text)
{
	const char *before = "";

	evbuffer_add_printf(call->out, "{\"config\": [");
	while (text.len > 0) {
		struct str line = str_head(text, str_find(text, '\n'));

		evbuffer_add_printf(call->out, "%s\n  ", before);
		listing_json_string(call->out, line.p, line.len);
		before = ",";
		text = str_skip(text, line.len + 1);
	}
	evbuffer_add_printf(call->out, "\n]}\n");
}

enum command_end show_config(struct command_call *call)
{
	struct state *s = &call->control->state;
	const struct tree *t = s->running;
	struct tree *old = NULL;
	struct error e = {0};
	uint64_t n;
	char *text;

	if (call->n_words > 0 && str_eq(call->words[0], STR("candidate"))) {
		t = s->candidate;
	} else if (call->n_words == 2 && str_eq(call->words[0], STR("rollback"))) {
		if (!str_decimal(call->words[1], STATE_HISTORY, &n) || n >= s->n_commits)
			return command_fail_at(call, 1, "expected a number from 0 to %u",
			        s->n_commits > 0 ? s->n_commits - 1 : 0);
		old = state_parse(s->commit[n].text, strlen(s->commit[n].text), NULL, &e);
		if (old == NULL)
			return command_fail(call, "%s", e.text);
		t = old;
	} else if (call->n_words > 0 && !str_eq(call->words[0], STR("running"))) {
		return command_fail_at(call, 0, "expected candidate, running or rollback N");
	}
	text = text_write(t, false);
	tree_destroy(old);
	if (text == NULL)
		return command_fail(call, "out of memory");
	if (call->json)
		config_json(call, str_of(text));
	else
		evbuffer_add(call->out, text, strlen(text));
	free(text);
	return COMMAND_DONE;
}

enum command_end show_history(struct command_call *call)
{
	static const struct listing_column columns[] = {
	        {"rollback", -8, true}, {"serial", -7, true}, {"commit", 60, false}};
	struct listing l = LISTING(call, columns);
	const struct state *s = &call->control->state;

	listing_begin(&l, "history");
	for (unsigned i = 0; i < s->n_commits; i++)
		listing_row(&l, "%u\t%llu\t%s", i, (unsigned long long)s->commit[i].serial,
		        s->commit[i].header);
	listing_end(&l);
	return COMMAND_DONE;
}

static const struct root_port *port_of(const struct root *root, const char *name)
{
	uint32_t n = atomic_load(&root->n_ports);

	for (uint32_t i = 0; i < n && i < ROOT_PORTS_MAX; i++)
		if (strncmp(root->port[i].name, name, sizeof(root->port[i].name)) == 0)
			return &root->port[i];
	return NULL;
}

enum command_end show_port(struct command_call *call)
{
	static const struct listing_column columns[] = {{"name", 10, false}, {"twin", 15, false},
	        {"link", 5, false}, {"mac", 17, false}, {"mtu", -5, true}, {"queues", -6, true},
	        {"rx_packets", -12, true}, {"tx_packets", -12, true}, {"missed", -8, true},
	        {"errors", -8, true}, {"no_buffer", -9, true}, {"driver", 14, false},
	        {"device", 40, false}};
	struct listing l = LISTING(call, columns);
	const struct root *root = call->control->region.root;
	const struct setup *s = config_view(call) != NULL ? setup_get(config_view(call)) : NULL;

	listing_begin(&l, "ports");
	for (unsigned i = 0; s != NULL && i < s->n_ports; i++) {
		const struct root_port *p = port_of(root, s->port[i].name);
		struct root_port copy;
		char mac[20] = "";

		if (p == NULL) {
			listing_row(&l, "%s\tspry-%s\t\t\t\t\t\t\t\t\t\t\t%s", s->port[i].name,
			        s->port[i].name, s->port[i].device);
			continue;
		}
		copy = *p;
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", copy.mac[0],
		        copy.mac[1], copy.mac[2], copy.mac[3], copy.mac[4], copy.mac[5]);
		listing_row(&l,
		        "%s\tspry-%s\t%s\t%s\t%u\t%u\t%llu\t%llu\t%llu\t%llu\t%llu\t%.31s\t%s",
		        s->port[i].name, s->port[i].name, copy.link_up ? "up" : "down", mac,
		        copy.mtu, copy.n_queues, (unsigned long long)copy.rx_packets,
		        (unsigned long long)copy.tx_packets, (unsigned long long)copy.missed,
		        (unsigned long long)copy.errors, (unsigned long long)copy.no_buffer,
		        copy.driver, s->port[i].device);
	}
	listing_end(&l);
	return COMMAND_DONE;
}

enum command_end show_leg(struct command_call *call)
{
	static const struct listing_column columns[] = {{"name", 16, false}, {"port", 10, false},
	        {"vlan", -4, true}, {"address", 24, false}, {"sent_by", 24, false},
	        {"received", -12, true}, {"sent", -12, true}, {"options", 40, false}};
	struct listing l = LISTING(call, columns);
	const struct table_view *v = config_view(call);
	const struct setup *setup = v != NULL ? setup_get(v) : NULL;
	struct stats sum;

	show_counters_sum(call->control, &sum, NULL);
	listing_begin(&l, "legs");
	for (uint32_t i = 0; setup != NULL && i < v->count[TABLE_LEGS] && i < STATS_LEGS; i++) {
		const struct leg *leg = (const struct leg *)v->rows[TABLE_LEGS] + i;
		char address[ADDR_TEXT_MAX], vlan[8] = "", options[96];

		addr_format(&leg->local, address);
		if (leg->vlan != 0)
			snprintf(vlan, sizeof(vlan), "%u", leg->vlan);
		snprintf(options, sizeof(options), "%s%s%s%s%s%s",
		        leg->flags & LEG_RECORD_ROUTE ? " record-route" : "",
		        leg->flags & LEG_CONTACT_PARAM ? " contact-rewrite" : "",
		        leg->flags & LEG_CONTACT_USER ? " contact-rewrite-user" : "",
		        leg->flags & LEG_LOOP_DETECT ? " loop-detect" : "",
		        leg->flags & LEG_OVERLOAD_CONTROL ? " overload-control" : "",
		        leg->flags & LEG_TRUSTED ? " trusted" : "");
		listing_row(&l, "%s\t%s\t%s\tudp %s\t%.*s\t%llu\t%llu\t%s", leg->name,
		        setup->port[leg->port].name, vlan, address, STR_ARG(leg_sent_by(leg)),
		        (unsigned long long)sum.leg_received[i],
		        (unsigned long long)sum.leg_sent[i], options + (options[0] != '\0'));
	}
	listing_end(&l);
	return COMMAND_DONE;
}

enum command_end show_group(struct command_call *call)
{
	static const struct listing_column columns[] = {{"group", 20, false}, {"member", 28, false},
	        {"weight", -6, true}, {"link_address", 12, false}, {"leg", 16, false}};
	struct listing l = LISTING(call, columns);
	const struct table_view *v = config_view(call);

	listing_begin(&l, "groups");
	for (uint32_t i = 0; v != NULL && i < v->count[TABLE_GROUPS]; i++) {
		const struct group *g = (const struct group *)v->rows[TABLE_GROUPS] + i;
		const struct leg *leg = leg_by_id(v, g->leg);

		for (uint32_t k = 0; k < g->n_members; k++) {
			const struct member *m =
			        (const struct member *)v->rows[TABLE_MEMBERS] + g->first_member + k;
			char address[ADDR_TEXT_MAX];

			addr_format(&m->addr, address);
			listing_row(&l, "%s\tudp %s\t%u\t%s\t%s", g->name, address, m->weight,
			        mirror_resolved(call->control->mirror, &m->addr) ? "known"
			                                                         : "unknown",
			        leg != NULL ? leg->name : "");
		}
	}
	listing_end(&l);
	return COMMAND_DONE;
}

static const char *const hop_word[] = {"unicast", "local", "blackhole"};

static void route_row(
        struct listing *l, const struct table_view *v, const struct route_range *r, uint8_t family)
{
	const struct route_hop *h = (const struct route_hop *)v->rows[TABLE_HOPS] + r->hop;
	const struct link_row *link = (const struct link_row *)v->rows[TABLE_LINKS] + h->link;
	struct addr first = {.family = family}, last = {.family = family};
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX] = "";

	memcpy(first.ip, r->first, sizeof(first.ip));
	memcpy(last.ip, r->last, sizeof(last.ip));
	addr_format_ip(&first, a);
	addr_format_ip(&last, b);
	if (h->gateway.family != ADDR_NONE)
		addr_format_ip(&h->gateway, via);
	listing_row(l, "%s\t%s\t%s\t%s\t%s", a, b, h->kind < 3 ? hop_word[h->kind] : "?", via,
	        h->kind == HOP_UNICAST ? link->ifname : "");
}

// What a worker would do with a packet to the address.
static enum command_end route_lookup(struct command_call *call, const struct table_view *v)
{
	static const char *const result_word[] = {"reachable", "no-route", "local", "unresolved"};
	struct nexthop hop = {0};
	enum nexthop_result result;
	struct addr dst;
	char to[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX] = "", detail[200] = "";

	if (!addr_parse_ip(call->words[0], &dst))
		return command_fail_at(call, 0, "expected an address");
	result = nexthop_lookup(v, &dst, &hop);
	addr_format_ip(&dst, to);
	if (result == NEXTHOP_OK || result == NEXTHOP_UNRESOLVED)
		addr_format_ip(&hop.via, via);
	if (call->json) {
		evbuffer_add_printf(call->out,
		        "{\"address\": \"%s\", \"result\": \"%s\", \"via\": \"%s\"}\n", to,
		        result_word[result], via);
		return COMMAND_DONE;
	}
	if (result == NEXTHOP_OK)
		snprintf(detail, sizeof(detail),
		        " via %s port %u vlan %u mtu %u at %02x:%02x:%02x:%02x:%02x:%02x", via,
		        hop.port, hop.vlan, hop.mtu, hop.mac[0], hop.mac[1], hop.mac[2], hop.mac[3],
		        hop.mac[4], hop.mac[5]);
	else if (result == NEXTHOP_UNRESOLVED)
		snprintf(detail, sizeof(detail), " via %s: its link address is not known", via);
	evbuffer_add_printf(call->out, "%s %s%s\n", to, result_word[result], detail);
	return COMMAND_DONE;
}

enum command_end show_route(struct command_call *call)
{
	static const struct listing_column columns[] = {{"first", 28, false}, {"last", 28, false},
	        {"kind", 9, false}, {"gateway", 28, false}, {"link", 16, false}};
	struct listing l = LISTING(call, columns);
	const struct table_view *v = mirror_view(call->control->mirror);
	uint64_t n4, n, i = call->cursor, end;

	if (v == NULL)
		return command_fail(call, "no routes yet");
	if (call->cursor == 0 && call->n_words > 0)
		return route_lookup(call, v);
	n4 = v->count[TABLE_ROUTES4];
	n = n4 + v->count[TABLE_ROUTES6];
	if (i == 0)
		listing_begin(&l, "routes");
	for (end = i + ROWS_A_TURN; i < n && i < end; i++)
		if (i < n4)
			route_row(&l, v, (const struct route_range *)v->rows[TABLE_ROUTES4] + i,
			        ADDR_IPV4);
		else
			route_row(&l, v,
			        (const struct route_range *)v->rows[TABLE_ROUTES6] + i - n4,
			        ADDR_IPV6);
	call->cursor = i;
	if (i < n)
		return COMMAND_MORE;
	listing_end(&l);
	return COMMAND_DONE;
}

enum command_end show_neighbor(struct command_call *call)
{
	static const struct listing_column columns[] = {
	        {"address", 40, false}, {"link_address", 17, false}, {"link", 16, false}};
	struct listing l = LISTING(call, columns);
	const struct table_view *v = mirror_view(call->control->mirror);
	uint64_t i = call->cursor, end = i + ROWS_A_TURN, n;

	if (v == NULL)
		return command_fail(call, "no neighbors yet");
	n = v->count[TABLE_NEIGHBOURS];
	if (i == 0)
		listing_begin(&l, "neighbors");
	for (; i < n && i < end; i++) {
		const struct neighbour *r = (const struct neighbour *)v->rows[TABLE_NEIGHBOURS] + i;
		const struct link_row *link =
		        (const struct link_row *)v->rows[TABLE_LINKS] + r->link;
		char address[ADDR_TEXT_MAX];

		addr_format_ip(&r->addr, address);
		listing_row(&l, "%s\t%02x:%02x:%02x:%02x:%02x:%02x\t%s", address, r->mac[0],
		        r->mac[1], r->mac[2], r->mac[3], r->mac[4], r->mac[5], link->ifname);
	}
	call->cursor = i;
	if (i < n)
		return COMMAND_MORE;
	listing_end(&l);
	return COMMAND_DONE;
}

enum command_end show_version(struct command_call *call)
{
	struct control *c = call->control;
	const struct root *root = c->region.root;
	bool lives = publish_dataplane_lives(&c->publish);
	uint32_t pid = lives ? atomic_load(&root->dataplane_pid) : 0;
	unsigned long long up = (now_ns() - c->started_ns) / SECOND_NS;
	unsigned long long config = c->publish.chain[ROOT_CONFIG].generation;
	unsigned long long nexthop = c->publish.chain[ROOT_NEXTHOP].generation;
	unsigned left = commit_confirm_left(c);

	if (call->json) {
		evbuffer_add_printf(call->out,
		        "{\"version\": \"%s\", \"control\": {\"pid\": %d, \"uptime_s\": %llu}, "
		        "\"dataplane\": {\"running\": %s, \"pid\": %u, \"boots\": %llu, "
		        "\"workers\": %u, \"scan\": \"%.15s\", \"huge_pages\": %s}, "
		        "\"generation\": {\"config\": %llu, \"nexthop\": %llu}, "
		        "\"confirm_s\": %u}\n",
		        SPRY_VERSION, (int)atomic_load(&root->control_pid), up,
		        lives ? "true" : "false", pid,
		        (unsigned long long)atomic_load(&root->dataplane_boot),
		        atomic_load(&root->n_workers), root->scan, root->no_huge ? "false" : "true",
		        config, nexthop, left);
		return COMMAND_DONE;
	}
	evbuffer_add_printf(call->out, "spry        %s\ncontrol     pid %d, up %llu s\n",
	        SPRY_VERSION, (int)atomic_load(&root->control_pid), up);
	if (lives)
		evbuffer_add_printf(call->out,
		        "dataplane   pid %u, %u workers, started %llu times, %s pages, scanner %.15s\n",
		        pid, atomic_load(&root->n_workers),
		        (unsigned long long)atomic_load(&root->dataplane_boot),
		        root->no_huge ? "ordinary" : "huge", root->scan);
	else
		evbuffer_add_printf(call->out, "dataplane   not running\n");
	evbuffer_add_printf(call->out,
	        "tables      configuration %llu, next hops %llu\nregion      %s\nfile        %s\n",
	        config, nexthop, c->region.dir, c->config_file);
	if (left > 0)
		evbuffer_add_printf(call->out, "confirm     goes back in %u s\n", left);
	return COMMAND_DONE;
}
