// One function a table, in the order they refer to each other.
#include "control/build.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "control/build_policy.h"
#include "control/build_registrar.h"
#include "control/cpu.h"
#include "dataplane/sip/transport.h"
#include "dataplane/table/auth.h"
#include "dataplane/table/domain.h"
#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/prefix.h"
#include "dataplane/table/setup.h"

// A group of the tree and its row, to find rows by node.
struct group_row {
	const struct node *node;
	uint16_t index;
};

struct build {
	const struct node *root;
	struct table_builder *b;
	struct group_row *group; // sorted by node
	size_t n_groups;
};

static void copy_text(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text);
}

// Setup: ports and workers.

static int build_cores(const struct node *worker, struct setup *s, struct error *e)
{
	const char *cores = node_value(worker, "cores"), *idle = node_value(worker, "idle");
	const char *steer = node_value(worker, "steer");
	struct error inner = {0};
	int n = 1;

	s->core[0] = cpu_last();
	if (cores != NULL)
		n = type_cores(str_of(cores), s->core, SETUP_CORES_MAX);
	if (n < 1 || cpu_check_online(s->core, (unsigned)n, &inner) != 0)
		return error_set(e, "worker cores: %s", inner.text);
	s->n_cores = (uint16_t)n;
	s->idle = SETUP_POLL;
	if (strcmp(idle, "adaptive") == 0 ||
	        (strcmp(idle, "auto") == 0 && !cpu_isolated(s->core, s->n_cores)))
		s->idle = SETUP_ADAPTIVE;
	s->steer = strcmp(steer, "off") == 0  ? SETUP_STEER_OFF
	           : strcmp(steer, "on") == 0 ? SETUP_STEER_ON
	                                      : SETUP_STEER_AUTO;
	s->engine = (uint8_t)setup_engine_find(str_of(node_value(worker, "engine")));
	return 0;
}

static int build_setup(struct build *w, struct error *e)
{
	const struct node *port = NULL, *memory = node_child(w->root, "memory", NULL);
	struct setup s = {0};

	while ((port = node_next(w->root, "port", port)) != NULL) {
		struct setup_port *p = &s.port[s.n_ports];

		if (s.n_ports++ == SETUP_PORTS_MAX)
			return error_set(e, "port: more than %d ports", SETUP_PORTS_MAX);
		copy_text(p->name, sizeof(p->name), node_key(port));
		copy_text(p->device, sizeof(p->device), node_value(port, "device"));
		p->mtu = (uint16_t)node_number(port, "mtu");
		p->promiscuous = node_switch(port, "promiscuous");
	}
	s.huge = strcmp(node_value(memory, "huge"), "off") != 0;
	s.packets = (uint32_t)node_number(memory, "packets");
	if (build_cores(node_child(w->root, "worker", NULL), &s, e) != 0)
		return -1;
	table_append(w->b, TABLE_SETUP, &s, 1, sizeof(s));
	return 0;
}

// Keys: what an operator writes is a secret of any length; HKDF (RFC 5869) makes the two keys of
// it.

static size_t read_hex(const char *text, uint8_t *out, size_t room)
{
	size_t n = 0;
	unsigned byte;

	while (n < room && sscanf(text + 2 * n, "%2x", &byte) == 1)
		out[n++] = (uint8_t)byte;
	return n;
}

static bool derive(const uint8_t *secret, size_t len, uint8_t *out, size_t out_len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
	char digest[] = "SHA256", label[] = "spry token key";
	uint8_t copy[64];
	OSSL_PARAM params[] = {
	        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
	        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, copy, len),
	        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, label, sizeof(label) - 1),
	        OSSL_PARAM_construct_end(),
	};
	bool ok = false;

	memcpy(copy, secret, len);
	if (ctx != NULL)
		ok = EVP_KDF_derive(ctx, out, out_len, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok;
}

static int make_key(const struct node *key, struct token_key *out, struct error *e)
{
	uint8_t secret[64], derived[sizeof(out->mac) + sizeof(out->cipher)];
	size_t len = read_hex(node_value(key, "secret"), secret, sizeof(secret));

	if (!derive(secret, len, derived, sizeof(derived)))
		return error_set(e, "token key %s: libcrypto has no HKDF", node_key(key));
	*out = (struct token_key){.usable = 1, .epoch = (uint8_t)strtoul(node_key(key), NULL, 10)};
	memcpy(&out->mac, derived, sizeof(out->mac));
	memcpy(out->cipher, derived + sizeof(out->mac), sizeof(out->cipher));
	return 0;
}

static int build_keys(
        struct build *w, const struct token_key *keys, unsigned n_keys, struct error *e)
{
	const struct node *token = node_child(w->root, "token", NULL), *key = NULL;
	const char *seal = node_value(token, "seal");
	struct token_key ring[TOKEN_KEYS_MAX];
	unsigned n = 0, first = 0;

	while ((key = node_next(token, "key", key)) != NULL) {
		if (n == TOKEN_KEYS_MAX)
			return error_set(e, "token key: more than %d keys", TOKEN_KEYS_MAX);
		// Keys come in order: without `seal` the last, highest one seals.
		if (seal == NULL || strcmp(seal, node_key(key)) == 0)
			first = n;
		if (make_key(key, &ring[n++], e) != 0)
			return -1;
	}
	if (n > 0) {
		struct token_key sealing = ring[first];

		ring[first] = ring[0];
		ring[0] = sealing;
		keys = ring;
		n_keys = n;
	}
	if (n_keys == 0)
		return error_set(e, "token key: none to seal with");
	table_append(w->b, TABLE_KEYS, keys, n_keys, sizeof(keys[0]));
	return 0;
}

static uint8_t port_index(const struct node *root, const char *name)
{
	const struct node *port = NULL;
	uint8_t index = 0;

	while ((port = node_next(root, "port", port)) != NULL && strcmp(node_key(port), name) != 0)
		index++;
	return index;
}

static uint16_t leg_flags(const struct node *leg)
{
	const char *identity = node_value(leg, "identity");
	const char *contact = node_value(leg, "contact-rewrite");
	const char *auth = node_value(leg, "auth");
	unsigned flags = 0;

	if (node_switch(leg, "record-route"))
		flags |= LEG_RECORD_ROUTE;
	if (strcmp(contact, "on") == 0)
		flags |= LEG_CONTACT_PARAM;
	if (strcmp(contact, "user") == 0)
		flags |= LEG_CONTACT_USER;
	if (node_switch(leg, "loop-detect"))
		flags |= LEG_LOOP_DETECT;
	if (node_switch(leg, "trusted"))
		flags |= LEG_TRUSTED;
	if (node_switch(leg, "overload-control"))
		flags |= LEG_OVERLOAD_CONTROL;
	if (strcmp(auth, "register") == 0)
		flags |= LEG_AUTH_REGISTER;
	if (strcmp(auth, "all") == 0)
		flags |= LEG_AUTH_ALL;
	if (identity[0] == 's' || (identity[0] == 'a' && !node_switch(leg, "trusted")))
		flags |= LEG_STRIP_IN;
	if (identity[0] == 's')
		flags |= LEG_STRIP_OUT;
	return (uint16_t)flags;
}

static int build_leg(struct build *w, const struct node *leg, struct error *e)
{
	const char *sent_by = node_value(leg, "sent-by");
	struct leg l = {
	        .id = leg_id(str_of(node_key(leg))),
	        .port = port_index(w->root, node_value(leg, "port")),
	        .transport = TRANSPORT_UDP,
	        .vlan = (uint16_t)node_number(leg, "vlan"),
	        .flags = leg_flags(leg),
	        .dscp = (uint8_t)node_number(leg, "dscp"),
	        .max_breadth = (uint8_t)node_number(leg, "max-breadth"),
	};

	copy_text(l.name, sizeof(l.name), node_key(leg));
	if (!addr_parse(str_of(node_value(leg, "udp")), &l.local))
		return error_set(e, "leg %s udp: not an address", l.name);
	if (sent_by == NULL)
		sent_by = node_value(leg, "udp");
	copy_text(l.sent_by, sizeof(l.sent_by), sent_by);
	l.sent_by_len = (uint8_t)strlen(l.sent_by);
	return leg_add(w->b, &l, e);
}

static int build_group(struct build *w, const struct node *group, struct error *e)
{
	struct member members[GROUP_MEMBERS_MAX];
	const char *leg = node_value(group, "leg");
	const struct node *node = NULL;
	unsigned n = 0;
	int index;

	while ((node = node_next(group, "member", node)) != NULL) {
		struct member *m = &members[n];

		if (n++ == GROUP_MEMBERS_MAX)
			return error_set(e, "group %s: more than %d members", node_key(group),
			        GROUP_MEMBERS_MAX);
		*m = (struct member){.transport = TRANSPORT_UDP};
		m->weight = (uint16_t)node_number(node, "weight");
		if (!addr_parse(str_of(node_key(node)), &m->addr))
			return error_set(e, "group %s member %s: not an address", node_key(group),
			        node_key(node));
	}
	index = group_add(w->b, str_of(node_key(group)),
	        leg != NULL ? leg_id(str_of(leg)) : LEG_NONE, members, n, e);
	if (index < 0)
		return -1;
	w->group[w->n_groups++] = (struct group_row){group, (uint16_t)index};
	return 0;
}

static int by_node(const void *a, const void *b)
{
	const struct group_row *x = a, *y = b;

	return (x->node > y->node) - (x->node < y->node);
}

static int build_groups(struct build *w, struct error *e)
{
	const struct node *group = NULL;
	size_t n = 0;

	while ((group = node_next(w->root, "group", group)) != NULL)
		n++;
	if (n >= LEG_NONE)
		return error_set(e, "group: more than %d groups", LEG_NONE - 1);
	w->group = calloc(n + 1, sizeof(w->group[0]));
	if (w->group == NULL)
		return error_set(e, "out of memory");
	while ((group = node_next(w->root, "group", group)) != NULL) {
		if (build_group(w, group, e) != 0)
			return -1;
	}
	qsort(w->group, w->n_groups, sizeof(w->group[0]), by_node);
	return 0;
}

// Row of a group that check() found to be there.
static uint16_t group_index(const struct build *w, const char *name)
{
	struct group_row key = {.node = node_child(w->root, "group", name)};
	const struct group_row *hit = bsearch(&key, w->group, w->n_groups, sizeof(key), by_node);

	return hit != NULL ? hit->index : 0;
}

static int build_domains(struct build *w, struct error *e)
{
	const struct node *domain = NULL;

	while ((domain = node_next(w->root, "domain", domain)) != NULL) {
		enum domain_action action = DOMAIN_REJECT;
		uint16_t group = 0, status = (uint16_t)node_number(domain, "reject");

		if (node_has(domain, "group")) {
			action = DOMAIN_GROUP;
			group = group_index(w, node_value(domain, "group"));
		} else if (node_has(domain, "prefix")) {
			action = DOMAIN_PREFIX;
		} else if (node_has(domain, "forward")) {
			action = DOMAIN_FORWARD;
		} else if (node_has(domain, "registrar")) {
			int home = build_registrar(w->root, domain, w->b, e);

			if (home < 0)
				return -1;
			action = DOMAIN_REGISTRAR;
			group = (uint16_t)home;
		}
		if (domain_add(w->b, str_of(node_key(domain)), action, group, status, e) != 0)
			return -1;
	}
	domain_index(w->b);
	return 0;
}

static int build_prefixes(struct build *w, struct error *e)
{
	const struct node *prefix = NULL;

	while ((prefix = node_next(w->root, "prefix", prefix)) != NULL) {
		const char *digits = node_key(prefix);

		if (strcmp(digits, "any") == 0)
			digits = "";
		if (prefix_add(w->b, str_of(digits), group_index(w, node_value(prefix, "group")),
		            e) != 0)
			return -1;
	}
	return 0;
}

static int build_auth(struct build *w, struct error *e)
{
	const struct node *auth = node_child(w->root, "auth", NULL);
	struct str rest = str_of(node_value(auth, "algorithms"));
	const char *realm = node_value(auth, "realm");
	struct auth a = {
	        .any_identity = strcmp(node_value(auth, "identity"), "any") == 0,
	        .lifetime_s = (uint32_t)node_number(auth, "nonce-lifetime"),
	        .wrong_per_s = (uint32_t)node_number(auth, "wrong-limit"),
	};

	while (rest.len > 0 && a.n_algorithms < DIGEST_ALGORITHMS) {
		struct str one = str_head(rest, str_find(rest, ','));

		a.algorithm[a.n_algorithms++] = (uint8_t)digest_find(one);
		rest = str_skip(rest, one.len + 1);
	}
	return auth_set(w->b, &a, realm != NULL ? str_of(realm) : STR_NONE, e);
}

static int build_all(
        struct build *w, const struct token_key *keys, unsigned n_keys, struct error *e)
{
	const struct node *leg = NULL;

	if (build_setup(w, e) != 0 || build_keys(w, keys, n_keys, e) != 0)
		return -1;
	while ((leg = node_next(w->root, "leg", leg)) != NULL) {
		if (build_leg(w, leg, e) != 0)
			return -1;
	}
	if (build_groups(w, e) != 0 || build_domains(w, e) != 0 || build_auth(w, e) != 0)
		return -1;
	if (build_prefixes(w, e) != 0)
		return -1;
	return build_policy(w->root, w->b, e);
}

int build_config(const struct tree *t, const struct token_key *keys, unsigned n_keys,
        struct table_builder *b, struct error *e)
{
	struct build w = {.root = tree_root(t), .b = b};
	int rc = build_all(&w, keys, n_keys, e);

	free(w.group);
	if (rc != 0)
		table_abandon(b);
	return rc;
}
