// Access lists: see acl.h. Networks sorted so that a longer one comes after the one around it, then
// one sweep with a stack of open ones writes where each begins and where it ends.
#include "dataplane/table/acl.h"

#include <stdlib.h>

#include "dataplane/sip/transport.h"
#include "dataplane/table/leg.h"

typedef unsigned __int128 address;

enum { ACL_DEPTH = 130, ACL_RULES_MAX = 1 << 20 };

struct sweep {
	struct table_builder *b;
	unsigned bits; // 32 or 128
	unsigned depth;
	struct {
		address last;
		uint32_t network;
	} open[ACL_DEPTH];
	address first; // of the range written last
	bool any;      // one was written
};

static address address_of(const struct addr *a)
{
	address value = 0;

	for (size_t i = 0; i < addr_ip_len(a); i++)
		value = value << 8 | a->ip[i];
	return value;
}

static address last_of(address first, unsigned bits, unsigned len)
{
	unsigned host = bits - len;

	return host >= 128 ? ~(address)0 : first | (((address)1 << host) - 1);
}

int acl_add(struct table_builder *b, struct acl_rule r, struct str name, struct error *e)
{
	size_t n = b->section[TABLE_ACL_RULES].count;

	if (name.len > UINT8_MAX || n >= ACL_RULES_MAX || r.action >= ACL_ACTIONS)
		return error_set(e, "acl %.*s: too many of them, or out of range", STR_ARG(name));
	r.name = (uint32_t)table_append(b, TABLE_TEXT, name.p, name.len, 1);
	r.name_len = (uint8_t)name.len;
	table_append(b, TABLE_ACL_RULES, &r, 1, sizeof(r));
	return b->failed ? error_set(e, "acl %.*s: out of memory", STR_ARG(name)) : (int)n;
}

// How much a rule asks for.
static unsigned detail(const struct acl_rule *r)
{
	bool port = r->first_port > 0 || r->last_port < UINT16_MAX;

	return 4u * port + 2u * (r->leg != LEG_NONE) + (r->transport != TRANSPORT_NONE);
}

static int by_network(const void *a, const void *b, void *arg)
{
	const struct acl_rule *rules = arg;
	const struct acl_source *x = a, *y = b;
	int order = x->ip.family - y->ip.family;

	if (order == 0)
		order = memcmp(x->ip.ip, y->ip.ip, sizeof(x->ip.ip));
	if (order == 0)
		order = x->len - y->len;
	if (order == 0)
		order = (int)detail(&rules[y->rule]) - (int)detail(&rules[x->rule]);
	return order != 0 ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

// Zeroes the host bits and the port.
static bool clean(struct acl_source *s)
{
	unsigned bits = (unsigned)addr_ip_len(&s->ip) * 8;

	if ((s->ip.family != ADDR_IPV4 && s->ip.family != ADDR_IPV6) || s->len > bits)
		return false;
	for (unsigned bit = s->len; bit < bits; bit++)
		s->ip.ip[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	s->ip.port = 0;
	return true;
}

// From `first` on it is `network` (row + 1).
static void put_range(struct sweep *s, address first, uint32_t network)
{
	enum table_section section = s->bits == 32 ? TABLE_ACL4 : TABLE_ACL6;
	struct acl_range4 r4 = {(uint32_t)first, network};
	struct acl_range6 r6 = {(uint64_t)(first >> 64), (uint64_t)first, network, 0};

	// A network that begins where another one does, or right behind it, comes in its place.
	if (s->any && s->first == first)
		s->b->section[section].count--;
	if (s->bits == 32)
		table_append(s->b, section, &r4, 1, sizeof(r4));
	else
		table_append(s->b, section, &r6, 1, sizeof(r6));
	s->first = first;
	s->any = true;
}

static void close_top(struct sweep *s)
{
	address last = s->open[--s->depth].last;
	uint32_t around = s->depth > 0 ? s->open[s->depth - 1].network : 0;

	if (last != last_of(0, s->bits, 0))
		put_range(s, last + 1, around);
}

static void open_network(struct sweep *s, const struct acl_source *src)
{
	struct acl_network n = {.first = (uint32_t)s->b->section[TABLE_ACL_REFS].count};
	address first = address_of(&src->ip);
	uint32_t row;

	while (s->depth > 0 && s->open[s->depth - 1].last < first)
		close_top(s);
	n.around = s->depth > 0 ? s->open[s->depth - 1].network : 0;
	row = (uint32_t)table_append(s->b, TABLE_ACL_NETWORKS, &n, 1, sizeof(n)) + 1;
	s->open[s->depth].last = last_of(first, s->bits, src->len);
	s->open[s->depth++].network = row;
	put_range(s, first, row);
}

static bool same_network(const struct acl_source *a, const struct acl_source *b)
{
	return a->len == b->len && addr_eq_ip(&a->ip, &b->ip);
}

// All networks of a family, sorted.
static void sweep_family(struct table_builder *b, const struct acl_source *sources, size_t n)
{
	struct sweep s = {.b = b, .bits = 8 * (unsigned)addr_ip_len(&sources[0].ip)};

	put_range(&s, 0, 0);
	for (size_t i = 0; i < n && !b->failed; i++) {
		if (i == 0 || !same_network(&sources[i - 1], &sources[i]))
			open_network(&s, &sources[i]);
		else if (sources[i - 1].rule == sources[i].rule)
			continue;
		table_append(b, TABLE_ACL_REFS, &sources[i].rule, 1, sizeof(uint32_t));
		if (!b->failed)
			((struct acl_network *)b->section[TABLE_ACL_NETWORKS]
			                .rows)[b->section[TABLE_ACL_NETWORKS].count - 1]
			        .count++;
	}
	while (s.depth > 0)
		close_top(&s);
}

int acl_build(struct table_builder *b, struct acl_source *sources, size_t n, struct error *e)
{
	size_t n_ipv4 = 0;

	for (size_t i = 0; i < n; i++) {
		if (!clean(&sources[i]) || sources[i].rule >= b->section[TABLE_ACL_RULES].count)
			return error_set(e, "acl: a network or rule is out of range");
		n_ipv4 += sources[i].ip.family == ADDR_IPV4;
	}
	if (n == 0)
		return 0;
	qsort_r(sources, n, sizeof(*sources), by_network, b->section[TABLE_ACL_RULES].rows);
	if (n_ipv4 > 0)
		sweep_family(b, sources, n_ipv4);
	if (n > n_ipv4)
		sweep_family(b, sources + n_ipv4, n - n_ipv4);
	return b->failed ? error_set(e, "acl: out of memory") : 0;
}

static bool rule_good(const struct table_view *v, const struct acl_rule *r)
{
	return r->action < ACL_ACTIONS && r->transport < TRANSPORT_COUNT &&
	       r->name <= v->count[TABLE_TEXT] && r->name_len <= v->count[TABLE_TEXT] - r->name;
}

static bool networks_good(const struct table_view *v)
{
	const struct acl_network *n = v->rows[TABLE_ACL_NETWORKS];
	const uint32_t *refs = v->rows[TABLE_ACL_REFS];

	for (uint32_t i = 0; i < v->count[TABLE_ACL_NETWORKS]; i++) {
		if (n[i].around > i || n[i].first > v->count[TABLE_ACL_REFS] ||
		        n[i].count > v->count[TABLE_ACL_REFS] - n[i].first)
			return false;
	}
	for (uint32_t i = 0; i < v->count[TABLE_ACL_REFS]; i++) {
		if (refs[i] >= v->count[TABLE_ACL_RULES])
			return false;
	}
	return true;
}

static bool ranges_good(const struct table_view *v)
{
	const struct acl_range4 *r4 = v->rows[TABLE_ACL4];
	const struct acl_range6 *r6 = v->rows[TABLE_ACL6];

	for (uint32_t i = 0; i < v->count[TABLE_ACL4]; i++) {
		if (r4[i].network > v->count[TABLE_ACL_NETWORKS] ||
		        (i == 0 ? r4[i].first != 0 : r4[i].first <= r4[i - 1].first))
			return false;
	}
	for (uint32_t i = 0; i < v->count[TABLE_ACL6]; i++) {
		bool later = i > 0 &&
		             (r6[i].high > r6[i - 1].high ||
		                     (r6[i].high == r6[i - 1].high && r6[i].low > r6[i - 1].low));

		if (r6[i].network > v->count[TABLE_ACL_NETWORKS] ||
		        (i == 0 ? (r6[i].high | r6[i].low) != 0 : !later))
			return false;
	}
	return true;
}

bool acl_check(const struct table_view *v, struct error *e)
{
	const struct acl_rule *rules = v->rows[TABLE_ACL_RULES];
	bool good = networks_good(v) && ranges_good(v);

	for (uint32_t i = 0; good && i < v->count[TABLE_ACL_RULES]; i++)
		good = rule_good(v, &rules[i]);
	if (!good)
		error_set(e, "the access lists are damaged");
	return good;
}

// Network of an address: row + 1.
static uint32_t find4(const struct table_view *v, const struct addr *src)
{
	const struct acl_range4 *r = v->rows[TABLE_ACL4];
	uint32_t n = v->count[TABLE_ACL4];
	uint32_t ip = (uint32_t)src->ip[0] << 24 | (uint32_t)src->ip[1] << 16 |
	              (uint32_t)src->ip[2] << 8 | src->ip[3];

	if (n == 0)
		return 0;
	// Without branches: which way it goes is never known before.
	while (n > 1) {
		uint32_t half = n / 2;

		r = r[half].first <= ip ? r + half : r;
		n -= half;
	}
	return r->network;
}

static uint32_t find6(const struct table_view *v, const struct addr *src)
{
	const struct acl_range6 *r = v->rows[TABLE_ACL6];
	uint32_t n = v->count[TABLE_ACL6];
	address ip = address_of(src);

	if (n == 0)
		return 0;
	while (n > 1) {
		uint32_t half = n / 2;

		r = ((address)r[half].high << 64 | r[half].low) <= ip ? r + half : r;
		n -= half;
	}
	return r->network;
}

const struct acl_rule *acl_lookup(
        const struct table_view *v, const struct addr *src, uint16_t leg, uint8_t transport)
{
	const struct acl_network *networks = v->rows[TABLE_ACL_NETWORKS];
	const struct acl_rule *rules = v->rows[TABLE_ACL_RULES];
	const uint32_t *refs = v->rows[TABLE_ACL_REFS];
	uint32_t at = src->family == ADDR_IPV4 ? find4(v, src) : find6(v, src);

	for (; at > 0; at = networks[at - 1].around) {
		const struct acl_network *n = &networks[at - 1];

		for (uint32_t i = 0; i < n->count; i++) {
			const struct acl_rule *r = &rules[refs[n->first + i]];

			if ((r->leg == LEG_NONE || r->leg == leg) &&
			        (r->transport == TRANSPORT_NONE || r->transport == transport) &&
			        src->port >= r->first_port && src->port <= r->last_port)
				return r;
		}
	}
	return NULL;
}

struct str acl_name(const struct table_view *v, const struct acl_rule *r)
{
	return table_text(v, r->name, r->name_len);
}
