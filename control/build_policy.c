// Policy settings -> tables: access lists. Each rule gets a cell for its hits, by its name, so that
// another commit does not change it.
#include "control/build_policy.h"

#include "control/build_pattern.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/header.h"
#include "dataplane/sip/method.h"
#include "dataplane/sip/transport.h"
#include "dataplane/table/acl.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/pattern.h"
#include "dataplane/table/overload.h"
#include "dataplane/table/sanity.h"
#include "dataplane/table/trust.h"

enum { BUILD_SLOW = 5 }; // patterns; one takes a few milliseconds

struct policy {
	const struct node *root;
	struct table_builder *b;
	uint8_t used[HITS_MAX];                          // cells
	const char *regex[PATTERN_PLACES][PATTERNS_MAX]; // of each place
	unsigned id[PATTERN_PLACES][PATTERNS_MAX];
	unsigned n[PATTERN_PLACES];
	struct acl_source *source;
	size_t n_sources, room;
};

static struct hit_ref hit_of(struct policy *w, struct str kind, const char *name)
{
	struct hash_state s;
	struct hit_ref r = {0};

	hash_start_13(&s, (struct hash_key){0, 0});
	hash_add_str(&s, kind);
	hash_add_str(&s, str_of(name));
	r.id = hash_end(&s) | 1;
	r.slot = (uint32_t)(r.id >> 32) % HITS_MAX;
	for (unsigned i = 0; i < HITS_MAX && w->used[r.slot]; i++)
		r.slot = (r.slot + 1) % HITS_MAX;
	w->used[r.slot] = 1;
	return r;
}

static uint16_t leg_of(const struct node *n)
{
	const char *leg = node_value(n, "leg");

	return leg != NULL ? leg_id(str_of(leg)) : LEG_NONE;
}

static int add_source(struct policy *w, const char *text, uint32_t rule, struct error *e)
{
	struct acl_source s = {.rule = rule};
	unsigned len;

	if (w->n_sources == w->room) {
		size_t room = w->room > 0 ? 2 * w->room : 64;
		struct acl_source *more = realloc(w->source, room * sizeof(*more));

		if (more == NULL)
			return error_set(e, "acl: out of memory");
		w->source = more;
		w->room = room;
	}
	if (!type_network(str_of(text), &s.ip, &len))
		return error_set(e, "acl: %s is no network", text);
	s.len = (uint8_t)len;
	w->source[w->n_sources++] = s;
	return 0;
}

static int build_acl(struct policy *w, const struct node *acl, struct error *e)
{
	const char *action = node_value(acl, "action"), *ports = node_value(acl, "port");
	const char *transport = node_value(acl, "transport"), *source;
	struct acl_rule r = {
	        .hit = hit_of(w, STR("acl"), node_key(acl)),
	        .action = action[0] == 'd'   ? ACL_DROP
	                  : action[0] == 'e' ? ACL_EXEMPT
	                                     : ACL_PERMIT,
	        .leg = leg_of(acl),
	        .last_port = UINT16_MAX,
	};
	int rule;

	if (ports != NULL)
		type_ports(str_of(ports), &r.first_port, &r.last_port);
	if (transport != NULL)
		r.transport = (uint8_t)transport_parse(str_of(transport));
	rule = acl_add(w->b, r, str_of(node_key(acl)), e);
	if (rule < 0)
		return -1;
	for (unsigned i = 0; (source = node_list(acl, "source", i)) != NULL; i++) {
		if (add_source(w, source, (uint32_t)rule, e) != 0)
			return -1;
	}
	return 0;
}

static int build_acls(struct policy *w, struct error *e)
{
	const struct node *acl = NULL;

	while ((acl = node_next(w->root, "acl", acl)) != NULL) {
		if (build_acl(w, acl, e) != 0)
			return -1;
	}
	return acl_build(w->b, w->source, w->n_sources, e);
}

static uint8_t by_of(const char *word)
{
	static const char *const words[] = {"source", "from", "to", "uri", "leg", "all"};
	uint8_t by = 0;

	while (strcmp(words[by], word) != 0)
		by++;
	return by;
}

static uint32_t methods_of(const struct node *n)
{
	const char *method;
	uint32_t bits = 0;

	for (unsigned i = 0; (method = node_list(n, "method", i)) != NULL; i++)
		bits |= UINT32_C(1) << method_parse(str_of(method));
	return bits;
}

static int build_limit(struct policy *w, const struct node *n, struct error *e)
{
	const char *per = node_value(n, "per");
	struct limit l = {
	        .hit = hit_of(w, STR("limit"), node_key(n)),
	        .by = by_of(node_value(n, "by")),
	        .methods = methods_of(n),
	        .amount = (uint32_t)node_number(n, "rate"),
	        .per_s = per[0] == 's'   ? 1
	                 : per[0] == 'm' ? 60
	                                 : 3600,
	        .burst = (uint32_t)node_number(n, node_has(n, "burst") ? "burst" : "rate"),
	        .leg = leg_of(n),
	        .status = (uint16_t)node_number(n, "status"),
	};

	// What needs no SIP is counted before there is any.
	if (l.methods == 0 && l.status == 0 && (l.by < LIMIT_BY_FROM || l.by > LIMIT_BY_URI))
		l.flags |= LIMIT_EARLY;
	if (l.methods == 0)
		l.methods = ~(UINT32_C(1) << METHOD_ACK | UINT32_C(1) << METHOD_BYE |
		              UINT32_C(1) << METHOD_CANCEL);
	return limit_add(w->b, l, str_of(node_key(n)), e) < 0 ? -1 : 0;
}

static int build_limits(struct policy *w, struct error *e)
{
	const struct node *n = NULL;

	while ((n = node_next(w->root, "limit", n)) != NULL) {
		if (build_limit(w, n, e) != 0)
			return -1;
	}
	return 0;
}

// Row of a limit that check() found to be there; it counts what patterns hand to it only.
static uint16_t limit_of_pattern(struct policy *w, const char *name)
{
	struct limit *l = w->b->section[TABLE_LIMITS].rows;
	const struct node *n = NULL;
	uint16_t row = 0;

	while ((n = node_next(w->root, "limit", n)) != NULL && strcmp(node_key(n), name) != 0)
		row++;
	l[row].flags = LIMIT_PATTERN;
	return row;
}

static void read_action(struct policy *w, const struct node *pattern, struct pattern *out)
{
	const struct node *action = node_child(pattern, "action", NULL);

	if (node_has(action, "reject")) {
		out->action = PATTERN_REJECT;
		out->status = (uint16_t)node_number(action, "reject");
	} else if (node_has(action, "limit")) {
		out->action = PATTERN_LIMIT;
		out->limit = limit_of_pattern(w, node_value(action, "limit"));
	} else {
		out->action = node_has(action, "tag") ? PATTERN_TAG : PATTERN_DROP;
	}
}

static enum pattern_place place_of(const struct node *pattern)
{
	const struct node *in = node_child(pattern, "in", NULL);

	if (node_has(in, "body"))
		return PATTERN_IN_BODY;
	return node_has(in, "header") ? PATTERN_IN_HEADER : PATTERN_IN_HEAD;
}

// The expressions of each place; rows are in the order of the tree.
static void collect_patterns(struct policy *w)
{
	const struct node *n = NULL;

	for (unsigned row = 0; (n = node_next(w->root, "pattern", n)) != NULL; row++) {
		enum pattern_place place = place_of(n);

		if (row == PATTERNS_MAX)
			return;
		w->regex[place][w->n[place]] = node_value(n, "match");
		w->id[place][w->n[place]++] = row;
	}
}

static int build_pattern(struct policy *w, const struct node *n, struct error *e)
{
	const char *header = node_value(node_child(n, "in", NULL), "header");
	struct pattern r = {
	        .hit = hit_of(w, STR("pattern"), node_key(n)), .place = (uint8_t)place_of(n)};
	const struct str texts[3] = {str_of(node_key(n)), str_of(node_value(n, "match")),
	        header != NULL ? str_of(header) : STR_NONE};

	if (header != NULL)
		r.header = (uint16_t)header_lookup(str_of(header));
	read_action(w, n, &r);
	return pattern_add(w->b, r, texts, e) < 0 ? -1 : 0;
}

// Names the pattern that does not compile.
static int bad_pattern(const struct policy *w, unsigned place, unsigned bad, struct error *e)
{
	const struct node *n = NULL;
	char why[200];
	unsigned row = 0;

	snprintf(why, sizeof(why), "%.199s", e->text);
	if (bad >= w->n[place])
		return error_set(e, "pattern: %s", why);
	while ((n = node_next(w->root, "pattern", n)) != NULL && row != w->id[place][bad])
		row++;
	return error_set(e, "pattern %s match: %s", node_key(n), why);
}

static int build_patterns(struct policy *w, struct error *e)
{
	struct str databases[PATTERN_PLACES];
	const struct node *n = NULL;
	unsigned bad;

	while ((n = node_next(w->root, "pattern", n)) != NULL) {
		if (build_pattern(w, n, e) != 0)
			return -1;
	}
	collect_patterns(w);
	if (w->n[0] + w->n[1] + w->n[2] == 0)
		return 0;
	for (unsigned place = 0; place < PATTERN_PLACES; place++) {
		const struct pattern_source s = {w->regex[place], w->id[place], w->n[place]};

		if (build_pattern_database(place, &s, &databases[place], &bad, e) != 0)
			return bad_pattern(w, place, bad, e);
	}
	return pattern_set_databases(w->b, databases, e);
}

static int build_trust(struct policy *w, struct error *e)
{
	const struct node *trust = node_child(w->root, "trust", NULL);
	const char *name;

	for (unsigned i = 0; (name = node_list(trust, "header", i)) != NULL; i++) {
		if (trust_add(w->b, str_of(name), e) != 0)
			return -1;
	}
	return 0;
}

static int build_sanity(struct policy *w, struct error *e)
{
	const struct node *n = node_child(w->root, "sanity", NULL);
	const struct node *reply = node_child(w->root, "reply", NULL);
	const struct sanity s = {
	        .message = (uint32_t)node_number(n, "message"),
	        .body = (uint32_t)node_number(n, "body"),
	        .uri = (uint32_t)node_number(n, "uri"),
	        .headers = (uint32_t)node_number(n, "headers"),
	        .vias = (uint32_t)node_number(n, "vias"),
	        .routes = (uint32_t)node_number(n, "routes"),
	        .reply_rate = (uint32_t)node_number(reply, "rate"),
	        .reply_burst = (uint32_t)node_number(reply, "burst"),
	};

	return sanity_set(w->b, &s, e);
}

static int build_overload(struct policy *w, struct error *e)
{
	const struct node *n = node_child(w->root, "overload", NULL);
	struct overload o = {
	        .share = (uint8_t)node_number(n, "share"),
	        .reply = node_switch(n, "reply"),
	};
	const char *number;

	for (unsigned i = 0; (number = node_list(n, "emergency", i)) != NULL; i++) {
		if (i == OVERLOAD_NUMBERS_MAX)
			return error_set(e, "overload emergency: more than %d numbers",
			        OVERLOAD_NUMBERS_MAX);
		if (strcmp(number, "any") == 0)
			return error_set(e, "overload emergency: any is no number");
		snprintf(o.number[i], sizeof(o.number[i]), "%s", number);
		o.n_numbers++;
	}
	return overload_set(w->b, &o, e);
}

int build_policy(const struct node *root, struct table_builder *b, struct error *e)
{
	struct policy *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return error_set(e, "out of memory");
	w->root = root;
	w->b = b;
	rc = build_sanity(w, e);
	if (rc == 0)
		rc = build_overload(w, e);
	if (rc == 0)
		rc = build_limits(w, e);
	if (rc == 0)
		rc = build_trust(w, e);
	if (rc == 0)
		rc = build_patterns(w, e);
	if (rc == 0)
		rc = build_acls(w, e);
	free(w->source);
	free(w);
	return rc;
}

void build_policy_compile(const struct node *root)
{
	struct policy *w = calloc(1, sizeof(*w));
	struct str database;
	unsigned bad;

	if (w == NULL)
		return;
	w->root = root;
	collect_patterns(w);
	for (unsigned place = 0; place < PATTERN_PLACES; place++) {
		const struct pattern_source s = {w->regex[place], w->id[place], w->n[place]};

		(void)build_pattern_database(place, &s, &database, &bad, NULL);
	}
	free(w);
}

bool build_policy_is_slow(const struct node *root)
{
	struct policy *w = calloc(1, sizeof(*w));
	bool slow = false;

	if (w == NULL)
		return false;
	w->root = root;
	collect_patterns(w);
	for (unsigned place = 0; place < PATTERN_PLACES; place++) {
		const struct pattern_source s = {w->regex[place], w->id[place], w->n[place]};

		slow |= s.n >= BUILD_SLOW && !build_pattern_kept(place, &s);
	}
	free(w);
	return slow;
}
