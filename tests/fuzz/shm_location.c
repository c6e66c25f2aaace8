// The location table in hostile hands: a sound one with changes. No reader leaves it, whatever it
// says; and what the writer's recovery leaves is a table again.
#include "tests/fuzz/shm_location.h"

#include <string.h>

#include "dataplane/table/location_memory.h"
#include "tests/fuzz/oracle.h"

enum { SLOTS = 48, BUCKETS = 4, RECORDS = 6, SCRATCH = LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX };

struct change {
	uint8_t section, width;
	uint16_t offset;
	uint32_t value;
};

static struct location_key keys[RECORDS + 1]; // the last one is nobody's
static char long_text[3000];

// Each section in an allocation of its own: a sanitizer sees a step beside it.
static void memory_make(struct location *l)
{
	*l = (struct location){.n = SLOTS,
	        .n_buckets = BUCKETS,
	        .header = aligned_alloc(64, sizeof(*l->header)),
	        .buckets = aligned_alloc(64, BUCKETS * sizeof(*l->buckets)),
	        .slots = aligned_alloc(64, SLOTS * sizeof(*l->slots))};
	oracle(l->header != NULL && l->buckets != NULL && l->slots != NULL);
	memset(l->header, 0, sizeof(*l->header));
	memset(l->buckets, 0, BUCKETS * sizeof(*l->buckets));
	memset(l->slots, 0, SLOTS * sizeof(*l->slots));
}

static void memory_free(struct location *l)
{
	location_writer_free(l->writer);
	free(l->header);
	free(l->buckets);
	free(l->slots);
}

static unsigned contacts_of(unsigned record, struct location_contact *c)
{
	const unsigned n = 1 + record % 3;

	memset(long_text, 'x', sizeof(long_text));
	for (unsigned i = 0; i < n; i++) {
		c[i] = (struct location_contact){.aor = STR("a@example.com"),
		        .uri = STR("sip:a@192.0.2.10"),
		        .call_id = STR("1"),
		        .expires_s = 100,
		        .cseq = i + 1,
		        .q = 500,
		        .transport = TRANSPORT_UDP};
		addr_parse(STR("192.0.2.10:5060"), &c[i].received);
		if (record % 2 == 1)
			c[i].path = (struct str){long_text, 300 * record};
	}
	return n;
}

static const struct location *sound(void)
{
	static struct location l;
	struct location_contact c[LOCATION_CONTACTS_MAX];

	if (l.header != NULL)
		return &l;
	memory_make(&l);
	oracle(location_recover(&l, NULL) == 0);
	for (unsigned i = 0; i <= RECORDS; i++) {
		char name[2] = {(char)('a' + i), '\0'};

		location_make_key(&l, str_of(name), &keys[i]);
		if (i < RECORDS)
			oracle(location_put(&l, &keys[i], c, contacts_of(i, c), NULL) == 0);
	}
	return &l;
}

static void change_one(struct location *l, const struct change *c)
{
	uint8_t *const memory[] = {
	        (uint8_t *)l->slots, (uint8_t *)l->buckets, (uint8_t *)l->header};
	const size_t len[] = {
	        SLOTS * sizeof(*l->slots), BUCKETS * sizeof(*l->buckets), sizeof(*l->header)};
	const uint64_t value = (uint64_t)(int64_t)(int32_t)c->value;
	const size_t width = (size_t)1 << c->width % 4, at = c->offset % len[c->section % 3];

	if (width <= len[c->section % 3] - at)
		memcpy(memory[c->section % 3] + at, &value, width);
}

static void check_contact(struct location *l, struct location_contact *c, const char *scratch)
{
	const struct str table = {(const char *)l->slots, SLOTS * sizeof(*l->slots)};
	const struct str room = {scratch, SCRATCH};
	struct str *text[LOCATION_TEXTS];

	location_texts(c, text);
	for (unsigned i = 0; i < LOCATION_TEXTS; i++)
		oracle(oracle_inside(*text[i], table) || oracle_inside(*text[i], room));
}

static void check_readers(struct location *l)
{
	struct location_contact c[LOCATION_CONTACTS_MAX];
	char *scratch = malloc(SCRATCH);

	oracle(scratch != NULL);
	location_prefetch(l, keys, RECORDS + 1);
	for (unsigned i = 0; i <= RECORDS; i++) {
		const int n = location_lookup(l, &keys[i], 1, c, LOCATION_CONTACTS_MAX, scratch);

		oracle(n >= -1 && n <= LOCATION_CONTACTS_MAX);
		for (int k = 0; k < n; k++) {
			oracle(c[k].expires_s > 1 && c[k].transport < TRANSPORT_COUNT);
			check_contact(l, &c[k], scratch);
		}
		location_refresh(l, &keys[i], STR("sip:a@192.0.2.10"), STR("1"), 50, 200);
	}
	free(scratch);
}

static bool count_record(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	(void)key;
	(void)contacts;
	oracle(n > 0 && n <= LOCATION_CONTACTS_MAX);
	++*(uint64_t *)arg;
	return true;
}

// What recovery left: each record is found, and one can be put and taken away again.
static void check_writer(struct location *l, const struct root *root)
{
	struct location_contact c[LOCATION_CONTACTS_MAX];
	static char scratch[SCRATCH];
	struct location_fill fill;
	uint64_t walked = 0;

	oracle(location_recover(l, NULL) == 0);
	location_fill(l, &fill);
	oracle(fill.records <= SLOTS && fill.used + fill.waiting <= SLOTS);
	oracle(location_walk(l, 0, BUCKETS, count_record, &walked) == 0);
	oracle(walked == fill.records);
	location_reclaim(l, root, 1);
	check_readers(l);
	if (location_put(l, &keys[RECORDS], c, contacts_of(1, c), NULL) == 0) {
		oracle(location_lookup(l, &keys[RECORDS], 1, c, LOCATION_CONTACTS_MAX, scratch) ==
		        2);
		oracle(location_put(l, &keys[RECORDS], NULL, 0, NULL) == 0);
	}
	oracle(location_lookup(l, &keys[RECORDS], 1, c, LOCATION_CONTACTS_MAX, scratch) == -1);
}

void shm_location(const uint8_t *data, size_t size, const struct root *root)
{
	const struct location *from = sound();
	struct location l;
	struct change c;

	memory_make(&l);
	memcpy(l.header, from->header, sizeof(*l.header));
	memcpy(l.buckets, from->buckets, BUCKETS * sizeof(*l.buckets));
	memcpy(l.slots, from->slots, SLOTS * sizeof(*l.slots));
	memcpy(l.hash_key, from->hash_key, sizeof(l.hash_key));
	for (; size >= sizeof(c); data += sizeof(c), size -= sizeof(c)) {
		memcpy(&c, data, sizeof(c));
		change_one(&l, &c);
	}
	check_readers(&l);
	check_writer(&l, root);
	memory_free(&l);
}
