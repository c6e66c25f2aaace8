// The scenarios, and what they mean for the two processes.
#include "tools/bench/scenario.h"

#include <string.h>

#define DOMAIN "example.com"
#define PHONES "phones.example.com"

enum {
	SCENARIO_USERS = 100000,
	SCENARIO_TIMEOUT_MS = 200,
	SCENARIO_INTERLEAVE = 64, // Call-IDs under way at once
	SCENARIO_CHECK_EVERY = 64,
};

// What the rows have in common.
#define FORWARDED .vias = 1, .hops = 1, .record_routes = 255, .received = 1
#define HIDDEN FORWARDED, .contact = BENCH_CONTACT_PROXY
#define SIZED .size = 550, .users = SCENARIO_USERS
#define INVITES \
	.weight = {[BENCH_INVITE] = 1}, .messages = 1, .unit = "messages", .expect = {HIDDEN}
#define ONE_WAY .flags = SCENARIO_SINK | SCENARIO_REWRITE

const struct scenario scenarios[] = {
        {"options", "OPTIONS one way by a static route: the stateless minimum", SIZED,
                .weight = {[BENCH_OPTIONS] = 1}, .flags = SCENARIO_SINK, .messages = 1,
                .unit = "messages", .expect = {FORWARDED}},
        {"invite", "INVITEs by a static route: Via, Record-Route, Contact rewriting", SIZED,
                INVITES, ONE_WAY},
        {"invite-location", "INVITEs to registered phones, of 1 M bindings (--bindings)",
                .weight = {[BENCH_INVITE] = 1},
                .flags = SCENARIO_SINK | SCENARIO_REWRITE | SCENARIO_PHONES, .messages = 1,
                .size = 550, .bindings = 1000000, .unit = "messages",
                .expect = {HIDDEN, .uri = BENCH_URI_BINDING}},
        {"register-refresh", "REGISTERs that extend a binding, digest MD5, answered by the worker",
                SIZED, .weight = {[BENCH_REGISTER] = 1},
                .flags = SCENARIO_REGISTER | SCENARIO_DIGEST, .messages = 1,
                .unit = "registrations"},
        {"dialog", "whole calls: INVITE, 180, 200, ACK, BYE, 200", SIZED,
                .weight = {[BENCH_DIALOG] = 1}, .flags = SCENARIO_REWRITE, .messages = 6,
                .unit = "calls", .expect = {HIDDEN}},
        {"patterns-100", "invite, 100 literals looked for in header values", SIZED, INVITES,
                ONE_WAY, .patterns = 100},
        {"patterns-1000", "invite, 1,000 literals looked for in header values", SIZED, INVITES,
                ONE_WAY, .patterns = 1000},
        {"flood", "invite among 10 parts of junk", SIZED,
                .weight = {[BENCH_INVITE] = 1, [BENCH_JUNK] = 10}, ONE_WAY, .messages = 1,
                .unit = "messages", .expect = {HIDDEN}},
        {"elephant", "invite, all from one address and port", SIZED, INVITES,
                .flags = SCENARIO_SINK | SCENARIO_REWRITE | SCENARIO_ONE_FLOW},
        {.name = NULL},
};

const struct scenario *scenario_find(const char *name)
{
	for (const struct scenario *s = scenarios; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

// Words that no message of ours holds.
static void pattern_lines(const struct scenario *s, FILE *out)
{
	static const char *const fields[] = {"User-Agent", "From", "To"};

	for (unsigned i = 0; i < s->patterns; i++) {
		unsigned x = i * 2654435761u;

		fprintf(out, "set pattern p%u match \"x%08x\"\n", i, x);
		fprintf(out, "set pattern p%u in header %s\n", i, fields[i % 3]);
		fprintf(out, "set pattern p%u action drop\n", i);
	}
}

void scenario_proxy_text(const struct scenario *s, const struct scenario_ports *p,
        const char *cores, uint64_t slots, FILE *out)
{
	static const char *const name[] = {"access", "core"};
	static const char *const address[] = {"192.0.2.1", "198.51.100.1"};

	for (unsigned i = 0; i < SCENARIO_PORTS; i++) {
		fprintf(out, "set port %s device %s\nneighbour %s %s\n", name[i], p->proxy[i],
		        name[i], p->generator_mac[i]);
		// the longest messages grow, and a memif's buffer has room for them
		if (strncmp(p->proxy[i], "net_memif", 9) == 0)
			fprintf(out, "set port %s mtu 1900\n", name[i]);
	}
	for (unsigned i = 0; i < SCENARIO_PORTS; i++)
		fprintf(out,
		        "set port %s address %s/24\nset leg %s port %s\nset leg %s udp %s:5060\n",
		        name[i], address[i], name[i], name[i], name[i], address[i]);
	fprintf(out, "set worker cores %s\nset worker idle poll\nset overload share 0\n", cores);
	if ((s->flags & SCENARIO_REWRITE) != 0)
		fputs("set leg access contact-rewrite on\n", out);
	if ((s->flags & SCENARIO_SINK) == 0)
		fputs("set leg core contact-rewrite on\n", out);
	if ((s->flags & SCENARIO_DIGEST) != 0)
		fputs("set leg access auth register\nset auth algorithms md5\n", out);
	if ((s->flags & (SCENARIO_PHONES | SCENARIO_REGISTER)) != 0)
		fprintf(out, "set domain " PHONES " registrar\nset location size %llu\n",
		        (unsigned long long)slots);
	fputs("set group switches member 198.51.100.10:5060\n"
	      "set domain " DOMAIN " group switches\n",
	        out);
	pattern_lines(s, out);
}

void scenario_generator_text(
        const struct scenario_ports *p, const char *engine, const char *cores, FILE *out)
{
	static const char *const name[] = {"callers", "targets"}; // as the tables sort them

	for (unsigned i = 0; i < SCENARIO_PORTS; i++)
		fprintf(out, "set port %s device %s\n", name[i], p->generator[i]);
	fprintf(out, "set worker engine %s\nset worker cores %s\nset worker idle poll\n", engine,
	        cores);
}

static void side(struct bench_side *s, const char *local, const char *proxy, const char *mac)
{
	unsigned m[6] = {0};

	addr_parse(str_of(local), &s->local);
	addr_parse(str_of(proxy), &s->proxy);
	if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) == 6)
		for (unsigned i = 0; i < 6; i++)
			s->mac[i] = (uint8_t)m[i];
}

void scenario_order(const struct scenario *s, const struct scenario_ports *p, uint64_t bindings,
        struct bench_order *out)
{
	const bool phones = (s->flags & (SCENARIO_PHONES | SCENARIO_REGISTER)) != 0;
	const uint64_t users = s->users != 0 ? s->users : bindings;

	memset(out, 0, sizeof(*out));
	memcpy(out->weight, s->weight, sizeof(out->weight));
	out->sink = (s->flags & SCENARIO_SINK) != 0;
	out->ringing = 1;
	out->timeout_ms = SCENARIO_TIMEOUT_MS;
	out->check_every = SCENARIO_CHECK_EVERY;
	out->size = (uint16_t)s->size;
	out->interleave = SCENARIO_INTERLEAVE;
	out->n_users = (uint32_t)users;
	snprintf(out->user, sizeof(out->user), "user");
	snprintf(out->domain, sizeof(out->domain), "%s", phones ? PHONES : DOMAIN);
	if ((s->flags & SCENARIO_DIGEST) != 0)
		snprintf(out->password, sizeof(out->password), SCENARIO_PASSWORD);
	out->expect = s->expect;
	side(&out->side[BENCH_CALLER], "192.0.2.100:10000", "192.0.2.1:5060", p->proxy_mac[0]);
	side(&out->side[BENCH_CALLEE], "198.51.100.10:5060", "198.51.100.1:5060", p->proxy_mac[1]);
	out->side[BENCH_CALLEE].port = 1;
	if ((s->flags & SCENARIO_ONE_FLOW) == 0)
		out->side[BENCH_CALLER].n_ports = SCENARIO_CALLER_PORTS;
}
