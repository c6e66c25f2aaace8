// A hostile shared region. The first byte says what of it:
//   even: a valid image with changes (each 8 bytes: section, width, offset, value), its checksum
//   made right again: if it opens, no lookup leaves it
//   1, 5, 9 ...: any bytes as the memory of a ring, as counters, and as an image
//   3, 7, 11 ...: the location table with such changes (shm_location.c)
#include "dataplane/sip/transport.h"
#include "dataplane/table/acl.h"
#include "dataplane/table/auth.h"
#include "dataplane/table/domain.h"
#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/nexthop.h"
#include "dataplane/table/prefix.h"
#include "dataplane/table/root.h"
#include "dataplane/table/user.h"
#include "tests/fuzz/oracle.h"
#include "tests/fuzz/shm_location.h"

enum { RING_BYTES = 512 };

struct change {
	uint8_t section, width;
	uint16_t offset;
	uint32_t value;
};

static const struct hash_key key = {1, 2};

static struct addr address(const char *text)
{
	struct addr a = {0};

	addr_parse(str_of(text), &a);
	return a;
}

static void add_legs(struct table_builder *b)
{
	static const char *const name[] = {"access", "core"};
	static const char *const local[] = {"192.0.2.1:5060", "[2001:db8::1]:5060"};

	for (unsigned i = 0; i < 2; i++) {
		struct leg l = {.port = (uint8_t)i, .transport = TRANSPORT_UDP};

		memcpy(l.name, name[i], strlen(name[i]));
		l.id = leg_id(str_of(name[i]));
		l.local = address(local[i]);
		l.sent_by_len = (uint8_t)addr_format(&l.local, l.sent_by);
		oracle(leg_add(b, &l, NULL) == 0);
	}
}

static void add_acl(struct table_builder *b)
{
	struct acl_rule r = {.action = ACL_DROP, .leg = LEG_NONE, .last_port = UINT16_MAX};
	struct acl_source s[] = {{.ip = address("1.2.0.0"), .len = 16},
	        {.ip = address("1.2.3.4"), .len = 32, .rule = 1},
	        {.ip = address("2001:db8::"), .len = 32, .rule = 1}};

	oracle(acl_add(b, r, STR("one"), NULL) == 0);
	r.leg = 7;
	oracle(acl_add(b, r, STR("two"), NULL) == 1);
	oracle(acl_build(b, s, 3, NULL) == 0);
}

static void add_limits(struct table_builder *b)
{
	struct limit l = {.methods = 2, .amount = 3, .per_s = 1, .burst = 3, .leg = LEG_NONE};

	oracle(limit_add(b, l, STR("one"), NULL) == 0);
	l.flags = LIMIT_EARLY;
	oracle(limit_add(b, l, STR("two"), NULL) == 1);
}

static void *config_image(size_t *len)
{
	struct member m[2] = {{.addr = address("10.0.0.1:5060"), .transport = 1, .weight = 1},
	        {.addr = address("10.0.0.2:5060"), .transport = 1, .weight = 2}};
	struct auth a = {.n_algorithms = 2,
	        .algorithm = {DIGEST_SHA256, DIGEST_MD5},
	        .lifetime_s = 300,
	        .wrong_per_s = 10};
	struct table_builder b;

	table_begin(&b, key);
	add_legs(&b);
	oracle(group_add(&b, STR("a"), LEG_NONE, m, 2, NULL) == 0);
	oracle(group_add(&b, STR("b"), leg_id(STR("core")), m, 1, NULL) == 1);
	oracle(domain_add(&b, STR("example.com"), DOMAIN_GROUP, 1, 0, NULL) == 0);
	oracle(domain_add(&b, STR("*.example.com"), DOMAIN_REJECT, 0, 404, NULL) == 0);
	oracle(domain_add(&b, STR("default"), DOMAIN_PREFIX, 0, 0, NULL) == 0);
	domain_index(&b);
	oracle(auth_set(&b, &a, STR("example.com"), NULL) == 0);
	oracle(prefix_add(&b, STR("49"), 0, NULL) == 0);
	oracle(prefix_add(&b, STR("+1#"), 1, NULL) == 0);
	add_acl(&b);
	add_limits(&b);
	return table_finish(&b, ROOT_CONFIG, 1, len, NULL);
}

static void *nexthop_image(size_t *len)
{
	struct nexthop_route r[4] = {
	        {.prefix = address("0.0.0.0"), .hop = {.gateway = address("10.0.0.9"), .link = 1}},
	        {.prefix = address("10.0.0.0"), .prefix_len = 24, .hop = {.link = 1}},
	        {.prefix = address("10.0.0.1"), .prefix_len = 32, .hop = {.kind = HOP_LOCAL}},
	        {.prefix = address("2001:db8::"), .prefix_len = 64, .hop = {.link = 0}},
	};
	struct neighbour n = {.addr = address("10.0.0.9"), .link = 1};
	struct link_row l = {.ifname = "spry-access", .mtu = 1500};
	struct table_builder b;

	table_begin(&b, key);
	nexthop_add_link(&b, &l);
	nexthop_add_link(&b, &l);
	oracle(nexthop_add_neighbour(&b, &n, NULL) == 0);
	nexthop_index(&b);
	oracle(nexthop_add_routes(&b, r, 4, NULL) == 0);
	return table_finish(&b, ROOT_NEXTHOP, 1, len, NULL);
}

static void *users_image(size_t *len)
{
	static const char *const name[] = {"alice", "bob", "carol"};
	struct user_secret s = {.ha1 = {"md5", "sha256", "sha512-256"}};
	struct table_builder b;

	table_begin(&b, key);
	for (unsigned i = 0; i < 3; i++) {
		s.known = (uint8_t)(1 + 3 * i);
		oracle(user_add(&b, str_of(name[i]), STR("example.com"), &s, NULL) == 0);
	}
	return table_finish(&b, ROOT_USERS, 1, len, NULL);
}

static void image_change(uint8_t *image, size_t len, const struct change *c)
{
	struct table_header *h = (struct table_header *)image;
	uint64_t value = (uint64_t)(int64_t)(int32_t)c->value;
	size_t width = (size_t)1 << c->width % 4, at = c->offset;

	if (c->section % (TABLE_SECTIONS + 1) != TABLE_SECTIONS)
		at += h->section[c->section % (TABLE_SECTIONS + 1)].offset;
	if (at <= len && width <= len - at)
		memcpy(image + at, &value, width);
}

static void image_checksum(uint8_t *image, size_t len)
{
	struct table_header *h = (struct table_header *)image;

	h->checksum = 0;
	h->checksum = hash_24((struct hash_key){0, 0}, image, len);
}

static void inside(const struct table_view *v, const void *p, size_t size)
{
	const char *image = (const char *)v->header;

	oracle(size == 0 ||
	        ((const char *)p >= image && (const char *)p + size <= image + v->header->bytes));
}

static void look_up_config(const struct table_view *v, struct str text)
{
	static const char *const local[] = {"192.0.2.1:5060", "[2001:db8::1]:5060", "1.2.3.4:5"};
	static const char *const host[] = {"example.com", "a.b.example.com", "x", "default"};
	const struct domain *d[5];

	for (unsigned i = 0; i < 3; i++) {
		struct addr a = address(local[i]);
		const struct acl_rule *r = acl_lookup(v, &a, 7, TRANSPORT_UDP);

		if (r != NULL) {
			inside(v, r, sizeof(*r));
			inside(v, acl_name(v, r).p, acl_name(v, r).len);
		}
		const struct leg *l = leg_at(v, (uint8_t)i, 0, &a, TRANSPORT_UDP);

		if (l != NULL || leg_is_own(v, &a, text, 5060, TRANSPORT_NONE, &l)) {
			inside(v, l, sizeof(*l));
			oracle(l->port < 16 && leg_sent_by(l).len <= sizeof(l->sent_by));
			leg_by_id(v, l->id);
		}
	}
	for (unsigned i = 0; i < 5; i++) {
		d[i] = domain_lookup(v, i < 4 ? str_of(host[i]) : text);
		if (d[i] == NULL)
			continue;
		inside(v, d[i], sizeof(*d[i]));
		oracle(d[i]->action != DOMAIN_GROUP || d[i]->group < v->count[TABLE_GROUPS]);
	}
	for (uint32_t g = 0; g < v->count[TABLE_GROUPS]; g++) {
		for (uint64_t hash = 0; hash < GROUP_SLOTS; hash += 7) {
			const struct group *group = (const struct group *)v->rows[TABLE_GROUPS] + g;
			const struct member *m = group_pick(v, group, hash);

			if (m != NULL)
				inside(v, m, sizeof(*m));
		}
	}
	for (uint32_t i = 0; i < v->count[TABLE_LIMITS]; i++) {
		const struct limit *l = (const struct limit *)v->rows[TABLE_LIMITS] + i;

		inside(v, limit_name(v, l).p, limit_name(v, l).len);
		oracle(l->by < LIMIT_BY_COUNT && l->amount > 0 && l->per_s > 0);
	}
	uint16_t group = prefix_lookup(v, text);
	oracle(group == PREFIX_NONE || group < v->count[TABLE_GROUPS]);
	prefix_lookup(v, STR("+1%23492"));
}

static void look_up_nexthop(const struct table_view *v, struct str text)
{
	static const char *const to[] = {
	        "10.0.0.1", "10.0.0.9", "1.2.3.4", "2001:db8::5", "2001:db9::", "255.255.255.255"};
	struct addr dst = {.family = ADDR_IPV4};
	struct nexthop hop;

	for (unsigned i = 0; i < 6; i++) {
		struct addr a = address(to[i]);

		if (nexthop_lookup(v, &a, &hop) == NEXTHOP_OK)
			oracle(hop.port < 16 && hop.via.port == 0);
	}
	memcpy(dst.ip, text.p, text.len < 4 ? text.len : 4);
	nexthop_lookup(v, &dst, &hop);
}

static void look_up_users(const struct table_view *v, struct str text)
{
	static const struct hash_key nobody = {7, 8};
	uint8_t ha1[DIGEST_BYTES_MAX];

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++) {
		struct str who[2] = {STR("alice"), STR("example.com")};

		user_ha1(v, nobody, who, (enum digest_algorithm)a, ha1);
		who[0] = text;
		user_ha1(v, nobody, who, (enum digest_algorithm)a, ha1);
	}
	if (auth_get(v) != NULL)
		oracle(auth_realm(v).len <= DIGEST_REALM_MAX);
}

static void fuzz_image(unsigned chain, const uint8_t *data, size_t size)
{
	struct table_view v;
	struct change c;
	static void *whole[ROOT_CHAINS];
	static size_t whole_len[ROOT_CHAINS];

	if (whole[chain] == NULL) {
		whole[chain] = chain == ROOT_CONFIG    ? config_image(&whole_len[chain])
		               : chain == ROOT_NEXTHOP ? nexthop_image(&whole_len[chain])
		                                       : users_image(&whole_len[chain]);
		oracle(table_open(&v, whole[chain], whole_len[chain], chain, NULL) == 0);
	}
	size_t len = whole_len[chain];
	uint8_t *image = aligned_alloc(64, len);
	oracle(image != NULL && whole[chain] != NULL);
	memcpy(image, whole[chain], len);
	for (; size >= sizeof(c); data += sizeof(c), size -= sizeof(c)) {
		memcpy(&c, data, sizeof(c));
		image_change(image, len, &c);
	}
	image_checksum(image, len);
	if (table_open(&v, image, len, chain, NULL) == 0) {
		look_up_config(&v, (struct str){(const char *)data, size});
		look_up_nexthop(&v, (struct str){(const char *)data, size});
		look_up_users(&v, (struct str){(const char *)data, size});
	}
	free(image);
}

static void fuzz_ring(const uint8_t *data, size_t size)
{
	size_t bytes = sizeof(struct ring_memory) + RING_BYTES;
	struct ring_memory *m = aligned_alloc(64, bytes);
	uint64_t corrupt = 0;
	struct ring r;
	uint32_t len;

	oracle(m != NULL);
	ring_init(m, RING_BYTES);
	oracle(ring_attach(&r, m, RING_BYTES));
	for (unsigned turn = 0; turn < 50; turn++) {
		uint8_t *room = ring_reserve(&r, turn * 7);

		if (room != NULL) {
			memset(room, 1, turn * 7);
			ring_publish(&r, turn * 5);
		}
		// The other side writes what it likes, also where our own index stands.
		memcpy((uint8_t *)m + turn % 8 * 64, data, size < 64 ? size : 64);
		if (size > 64) {
			data += 8;
			size -= 8;
		}
		const uint8_t *p = ring_peek(&r, &len, &corrupt);
		if (p != NULL) {
			oracle(p >= m->data && len <= RING_BYTES &&
			        p + len <= m->data + RING_BYTES);
			ring_pop(&r);
		}
	}
	if (size > 0 && size <= bytes) {
		memcpy(m, data, size);
		if (ring_attach(&r, m, RING_BYTES) && ring_peek(&r, &len, &corrupt) != NULL)
			ring_pop(&r);
	}
	free(m);
}

// Counters another process writes: an end to reading them, and what is repaired adds up.
static void fuzz_stats(const uint8_t *data, size_t size)
{
	static struct stats s, copy;
	uint64_t settled = 0;

	memset(&s, 0, sizeof(s));
	memcpy(&s, data, size < sizeof(s) ? size : sizeof(s));
	oracle(stats_read(&s, &copy, 3) == (s.sequence % 2 == 0));
	stats_repair(&s);
	oracle(stats_read(&s, &copy, 1));
	for (unsigned way = 0; way < WAY_COUNT; way++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			settled += copy.way[way][v];
	oracle(copy.received == settled);
	stats_subtract(&copy, &s);
}

// A root page that says anything.
static const struct root *any_root(const uint8_t *data, size_t size)
{
	static struct root root;

	memset(&root, 0xff, sizeof(root));
	memcpy(&root, data, size < sizeof(root) ? size : sizeof(root));
	return &root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table_view v;

	if (size == 0)
		return 0;
	if (data[0] % 2 == 0) {
		fuzz_image(data[0] / 2 % ROOT_CHAINS, data + 1, size - 1);
		return 0;
	}
	if (data[0] % 4 == 3) {
		shm_location(data + 1, size - 1, any_root(data + 1, size - 1));
		return 0;
	}
	fuzz_ring(data + 1, size - 1);
	fuzz_stats(data + 1, size - 1);
	size_t len = (size - 1 + 63) & ~(size_t)63;
	uint8_t *image = aligned_alloc(64, len > 0 ? len : 64);
	oracle(image != NULL);
	memcpy(image, data + 1, size - 1);
	oracle(table_open(&v, image, size - 1, ROOT_CONFIG, NULL) != 0);
	free(image);
	return 0;
}
