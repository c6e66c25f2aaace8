// The location table by one process: records, order, expiry, refresh, long texts, full tables,
// collisions, damage and recovery.
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "dataplane/table/location_memory.h"
#include "tests/unit/table/location_fixture.h"

static struct location_fixture fixture;
static struct location *l;
static char scratch[FIXTURE_SCRATCH];
static struct location_contact found[LOCATION_CONTACTS_MAX];
static struct error e;

static int setup(void **state)
{
	(void)state;
	if (location_fixture_init(&fixture, 1000) != 0)
		return -1;
	l = fixture.writer;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return location_fixture_fini(&fixture);
}

// Control dies and comes back.
static void restart(uint64_t *records, uint64_t *leaked)
{
	location_detach(fixture.writer);
	fixture.writer = l = location_create(&fixture.region, 1000, records, leaked, &e);
	assert_non_null(l);
	unit_str(str_of(e.text), "");
}

static struct location_contact contact(const char *uri)
{
	return (struct location_contact){
	        .aor = STR("sip:alice@example.com"),
	        .uri = str_of(uri),
	        .call_id = STR("1@a"),
	        .expires_s = 100,
	        .cseq = 5,
	        .q = 1000,
	        .transport = TRANSPORT_UDP,
	};
}

static void put(uint64_t key, const struct location_contact *c, unsigned n)
{
	struct location_key k = fixture_key(key);

	assert_int_equal(location_put(l, &k, c, n, &e), 0);
}

static int lookup(uint64_t key, uint32_t now_s)
{
	struct location_key k = fixture_key(key);

	memset(found, 0xee, sizeof(found));
	return location_lookup(l, &k, now_s, found, LOCATION_CONTACTS_MAX, scratch);
}

static struct location_fill fill(void)
{
	struct location_fill f;

	location_fill(l, &f);
	return f;
}

static void reclaim(void)
{
	location_reclaim(l, fixture.region.root, now_ns());
}

static void what_was_put_is_found(void **state)
{
	struct location_contact c = contact("sip:alice@10.0.0.1:5062");

	(void)state;
	c.path = STR("<sip:edge.example.com;lr>");
	c.instance = STR("<urn:uuid:1>");
	c.user_agent = STR("phone/1.0");
	c.flow = 77;
	c.registered_s = 42;
	c.reg_id = 3;
	c.methods = 0x1ff;
	c.leg = 9;
	c.q = 500;
	c.flags = LOCATION_NAT | LOCATION_OUTBOUND;
	assert_true(addr_parse(STR("[2001:db8::1]:5099"), &c.received));
	assert_int_equal(lookup(1, 0), -1);
	put(1, &c, 1);
	assert_int_equal(lookup(1, 0), 1);
	unit_str(found[0].aor, "sip:alice@example.com");
	unit_str(found[0].uri, "sip:alice@10.0.0.1:5062");
	unit_str(found[0].path, "<sip:edge.example.com;lr>");
	unit_str(found[0].instance, "<urn:uuid:1>");
	unit_str(found[0].user_agent, "phone/1.0");
	unit_str(found[0].call_id, "1@a");
	assert_true(addr_eq(&found[0].received, &c.received));
	assert_int_equal(found[0].flow, 77);
	assert_int_equal(found[0].registered_s, 42);
	assert_int_equal(found[0].expires_s, 100);
	assert_int_equal(found[0].cseq, 5);
	assert_int_equal(found[0].reg_id, 3);
	assert_int_equal(found[0].methods, 0x1ff);
	assert_int_equal(found[0].leg, 9);
	assert_int_equal(found[0].q, 500);
	assert_int_equal(found[0].transport, TRANSPORT_UDP);
	assert_int_equal(found[0].flags, LOCATION_NAT | LOCATION_OUTBOUND);
	assert_int_equal(lookup(2, 0), -1);
}

static void replaced_and_removed(void **state)
{
	struct location_contact c = contact("sip:a@10.0.0.1"), d = contact("sip:a@10.0.0.2");

	(void)state;
	put(1, &c, 1);
	put(1, &d, 1);
	assert_int_equal(lookup(1, 0), 1);
	unit_str(found[0].uri, "sip:a@10.0.0.2");
	assert_int_equal(fill().records, 1);
	assert_int_equal(fill().used, 1);
	assert_int_equal(fill().waiting, 1);
	put(1, NULL, 0);
	put(1, NULL, 0); // nothing there: nothing to do
	assert_int_equal(lookup(1, 0), -1);
	assert_int_equal(fill().records, 0);
	assert_int_equal(fill().used, 0);
	reclaim(); // no workers: at once
	assert_int_equal(fill().waiting, 0);
}

static void best_first_and_expired_never(void **state)
{
	struct location_contact c[4] = {
	        contact("sip:a@1"), contact("sip:a@2"), contact("sip:a@3"), contact("sip:a@4")};

	(void)state;
	c[0].q = 300;
	c[1].q = 700, c[1].registered_s = 1;
	c[2].q = 700, c[2].registered_s = 2;
	c[3].q = 1000, c[3].expires_s = 50;
	put(1, c, 4);
	assert_int_equal(lookup(1, 49), 4);
	unit_str(found[0].uri, "sip:a@4");
	assert_int_equal(lookup(1, 50), 3);
	unit_str(found[0].uri, "sip:a@3");
	unit_str(found[1].uri, "sip:a@2");
	unit_str(found[2].uri, "sip:a@1");
	assert_int_equal(lookup(1, 100), 0); // a record, nobody in it
	struct location_key k = fixture_key(1);
	assert_int_equal(location_lookup(l, &k, 0, found, 2, scratch), 2);
	unit_str(found[1].uri, "sip:a@3");
}

static void a_refresh_is_of_its_binding_only(void **state)
{
	struct location_contact c[2] = {contact("sip:a@1"), contact("sip:a@2")};
	struct location_key k = fixture_key(1), other = fixture_key(2);
	struct str id = STR("1@a");

	(void)state;
	c[1].q = 1;
	put(1, c, 2);
	assert_true(location_refresh(l, &k, STR("sip:a@2"), id, 6, 500));
	assert_int_equal(lookup(1, 300), 1);
	unit_str(found[0].uri, "sip:a@2");
	assert_int_equal(found[0].cseq, 6);
	assert_int_equal(found[0].expires_s, 500);
	assert_false(location_refresh(l, &k, STR("sip:a@2"), id, 6, 900)); // no newer CSeq
	assert_false(location_refresh(l, &k, STR("sip:a@3"), id, 7, 900));
	assert_false(location_refresh(l, &k, STR("sip:a@2"), STR("2@a"), 7, 900));
	assert_false(location_refresh(l, &other, STR("sip:a@2"), id, 7, 900));
	assert_int_equal(lookup(1, 500), 0);
	assert_true(location_refresh(l, &k, STR("sip:a@2"), id, UINT32_MAX, UINT32_MAX));
	assert_int_equal(lookup(1, UINT32_MAX - 1), 1);
}

static void long_texts_lie_in_several_slots(void **state)
{
	static struct fixture_contact c[LOCATION_CONTACTS_MAX];
	struct location_contact contacts[LOCATION_CONTACTS_MAX];
	static const size_t lens[] = {40, LOCATION_TEXT_FIRST - 1, LOCATION_TEXT_FIRST,
	        LOCATION_TEXT_FIRST + 1, 515, 516, 517, 1500, 4000, 4095};

	(void)state;
	for (unsigned i = 0; i < unit_rows(lens); i++) {
		fixture_fill(&c[0], i, 1, lens[i]);
		c[0].contact.call_id = STR("x");
		put(i, &c[0].contact, 1);
		assert_int_equal(lookup(i, 0), 1);
		assert_true(fixture_whole(&found[0], i));
		unit_str(found[0].call_id, "x");
		assert_true(location_refresh(l,
		        &(struct location_key){.h = {fixture_key(i).h[0], fixture_key(i).h[1]}},
		        c[0].contact.uri, STR("x"), 2, 2000));
	}
	for (unsigned i = 0; i < LOCATION_CONTACTS_MAX; i++) {
		fixture_fill(&c[i], 50, i, 200 + 250 * i < 4000 ? 200 + 250 * i : 4000);
		c[i].contact.expires_s = i % 3 == 0 ? 10 : 1000;
		contacts[i] = c[i].contact;
	}
	put(50, contacts, LOCATION_CONTACTS_MAX);
	assert_int_equal(lookup(50, 0), LOCATION_CONTACTS_MAX);
	for (unsigned i = 0; i < LOCATION_CONTACTS_MAX; i++) {
		assert_true(fixture_whole(&found[i], 50));
		assert_int_equal(found[i].flow, i);
	}
	assert_int_equal(lookup(50, 10), 10); // 0 3 6 9 12 15 are passed over
	for (unsigned i = 0; i < 10; i++)
		assert_true(fixture_whole(&found[i], 50) && found[i].flow % 3 != 0);
	const uint64_t used = fill().used;
	put(50, NULL, 0);
	assert_true(fill().used < used - 16);
	assert_int_equal(fill().used + fill().waiting, used);
}

static void what_does_not_fit_is_refused(void **state)
{
	static char text[LOCATION_TEXT_MAX + 1];
	struct location_contact c[17] = {contact("sip:a@1")};
	struct location_key k = fixture_key(1);

	(void)state;
	memset(text, 'x', sizeof(text));
	put(1, c, 1);
	assert_int_equal(location_put(l, &k, c, 17, &e), -1);
	assert_int_equal(errno, EINVAL);
	c[0].path = (struct str){text, LOCATION_TEXT_MAX};
	assert_int_equal(location_put(l, &k, c, 1, &e), -1);
	assert_non_null(strstr(e.text, "4096"));
	c[0].path = (struct str){text, SIZE_MAX};
	assert_int_equal(location_put(l, &k, c, 1, &e), -1);
	assert_int_equal(lookup(1, 0), 1); // the old one stands
	assert_int_equal(fill().used, 1);
	// A user agent never costs a slot.
	c[0].path = (struct str){text, 190};
	c[0].user_agent = (struct str){text, 1000};
	put(1, c, 1);
	assert_int_equal(lookup(1, 0), 1);
	assert_int_equal(found[0].user_agent.len, LOCATION_TEXT_FIRST - 190 - 7 - 3 - 21);
	assert_int_equal(fill().used, 1);
	c[0].path = STR_NONE;
	put(1, c, 1);
	assert_int_equal(lookup(1, 0), 1);
	assert_int_equal(found[0].user_agent.len, 64);
}

static void a_full_table_says_so_and_stands(void **state)
{
	struct location_contact c[2] = {contact("sip:a@1"), contact("sip:a@2")};
	struct location_key k = fixture_key(1000);

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		put(i, c, 1);
	assert_int_equal(fill().used, 1000);
	assert_int_equal(location_put(l, &k, c, 1, &e), -1);
	assert_int_equal(errno, ENOSPC);
	assert_non_null(strstr(e.text, "table full: no slot"));
	k = fixture_key(7);
	assert_int_equal(location_put(l, &k, c, 2, &e), -1);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(lookup(i, 0), 1);
	put(3, NULL, 0);
	assert_int_equal(location_put(l, &k, c, 1, &e), -1); // waits for readers
	reclaim();
	put(7, c, 1);
	reclaim();
	put(1000, c, 1);
	assert_int_equal(lookup(7, 0), 1);
	assert_int_equal(lookup(3, 0), -1);
	assert_true(fill().longest_bucket <= 8 && fill().longest_bucket >= 4);
}

// Keys with the same buckets and the same tag differ by the rest only.
static void collisions_fill_both_buckets(void **state)
{
	struct location_contact c = contact("sip:a@1");
	struct location_key k = {.h = {(uint64_t)200 << 56, (uint64_t)90 << 56}};

	(void)state;
	for (uint64_t i = 0; i < 16; i++) {
		k.h[1] = ((uint64_t)90 << 56) + i;
		c.cseq = (uint32_t)i;
		assert_int_equal(location_put(l, &k, &c, 1, &e), 0);
	}
	k.h[1]++;
	assert_int_equal(location_put(l, &k, &c, 1, &e), -1);
	assert_int_equal(errno, ENOSPC);
	assert_non_null(strstr(e.text, "both buckets"));
	for (unsigned turn = 0; turn < 2; turn++) {
		for (uint64_t i = 0; i < 16; i++) {
			k.h[1] = ((uint64_t)90 << 56) + i;
			location_prefetch(l, &k, 1);
			assert_int_equal(location_lookup(l, &k, 0, found, 16, scratch), 1);
			assert_int_equal(found[0].cseq, i);
		}
		restart(NULL, NULL);
		assert_int_equal(fill().records, 16);
		assert_int_equal(fill().longest_bucket, 8);
	}
	for (uint64_t i = 0; i < 16; i += 2) {
		k.h[1] = ((uint64_t)90 << 56) + i;
		assert_int_equal(location_put(l, &k, NULL, 0, &e), 0);
		assert_int_equal(location_lookup(l, &k, 0, found, 16, scratch), -1);
		k.h[1]++;
		assert_int_equal(location_lookup(l, &k, 0, found, 16, scratch), 1);
	}
}

// Both halves in one bucket.
static void one_bucket_for_both_halves(void **state)
{
	struct location_contact c = contact("sip:a@1");
	struct location_key k = {.h = {(uint64_t)5 << 56, (uint64_t)5 << 56}};

	(void)state;
	for (uint64_t i = 0; i < 8; i++, k.h[0]++)
		assert_int_equal(location_put(l, &k, &c, 1, &e), 0);
	assert_int_equal(location_put(l, &k, &c, 1, &e), -1);
	restart(NULL, NULL);
	assert_int_equal(fill().records, 8);
}

static void live_workers_hold_slots_back(void **state)
{
	struct root *root = fixture.region.root;
	struct location_contact c = contact("sip:a@1");
	uint64_t at = 10 * UINT64_C(1000000000);

	(void)state;
	atomic_store(&root->n_workers, 2);
	atomic_store(&root->worker[0].beat_ns, at);
	atomic_store(&root->worker[1].beat_ns, at);
	put(1, &c, 1);
	put(1, &c, 1);
	location_reclaim(l, root, at);
	assert_int_equal(fill().waiting, 1);
	atomic_fetch_add(&root->worker[0].epoch, 1);
	location_reclaim(l, root, at);
	assert_int_equal(fill().waiting, 1);
	put(1, &c, 1); // after the snapshot: waits for the next one
	atomic_fetch_add(&root->worker[1].epoch, 1);
	location_reclaim(l, root, at);
	assert_int_equal(fill().waiting, 1);
	atomic_fetch_add(&root->worker[0].epoch, 1);
	at += (LOCATION_DEAD_MS + 1) * UINT64_C(1000000);
	atomic_store(&root->worker[0].beat_ns, at);
	location_reclaim(l, root, at); // worker 1 is dead
	assert_int_equal(fill().waiting, 0);
	atomic_store(&root->n_workers, UINT32_MAX); // not a number of ours
	put(1, NULL, 0);
	location_reclaim(l, root, at);
	assert_int_equal(fill().waiting, 1); // worker 0 beats and has not moved
	atomic_store(&root->n_workers, 0);
}

static bool count_walked(
        void *arg, const struct location_key *key, const struct location_contact *c, unsigned n)
{
	unsigned *seen = arg;

	assert_int_equal(n, 1);
	assert_true(fixture_whole(c, c->reg_id));
	assert_int_equal(fixture_key(c->reg_id).h[0], key->h[0]);
	seen[c->reg_id]++;
	if (c->reg_id % 2 == 0) // sweeping removes while it walks
		assert_int_equal(location_put(l, key, NULL, 0, &e), 0);
	return c->reg_id % 3 != 0;
}

static void a_walk_sees_each_record_once(void **state)
{
	static struct fixture_contact c;
	unsigned seen[300] = {0}, turns = 0;
	uint64_t at = 0;

	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		fixture_fill(&c, i, 1, 40 + 2 * i);
		put(i, &c.contact, 1);
	}
	do {
		at = location_walk(l, at, 7, count_walked, seen);
		turns++;
	} while (at != 0 && turns < 1000);
	assert_int_equal(at, 0);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(fill().records, 150);
	assert_int_equal(location_walk(l, UINT64_MAX, 7, count_walked, seen), 0);
}

static void a_new_writer_knows_what_is_there(void **state)
{
	struct location_contact c[2] = {contact("sip:a@1"), contact("sip:a@2")};
	uint64_t records, leaked;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		put(i, c, 2);
	for (uint64_t i = 0; i < 50; i++)
		put(2 * i, NULL, 0);
	restart(&records, &leaked);
	assert_int_equal(records, 50);
	assert_int_equal(leaked, 100); // taken away, but not given back when the writer went
	assert_int_equal(fill().used, 100);
	assert_int_equal(fill().waiting, 0);
	restart(&records, &leaked);
	assert_int_equal(leaked, 0);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(lookup(i, 0), i % 2 == 0 ? -1 : 2);
	for (uint64_t i = 0; i < 900; i++) // each free slot is there, once
		put(1000 + i, c, 1);
	struct location_key k = fixture_key(5000);
	assert_int_equal(location_put(l, &k, c, 1, &e), -1);
	for (uint64_t i = 0; i < 900; i++)
		assert_int_equal(lookup(1000 + i, 0), 1);
}

static _Atomic uint64_t *word_of(uint64_t number, uint32_t *link)
{
	struct location_key k = fixture_key(number);
	_Atomic uint64_t *word = location_find(l, &k, link);

	assert_non_null(word);
	return word;
}

static _Atomic uint64_t *free_word(uint64_t bucket)
{
	for (unsigned i = 0; i < LOCATION_WORDS; i++)
		if (atomic_load(&l->buckets[bucket].word[i]) == 0)
			return &l->buckets[bucket].word[i];
	fail();
	return NULL;
}

static void nonsense_is_dropped_by_recovery(void **state)
{
	static struct fixture_contact c;
	struct location_key k = fixture_key(0);
	uint64_t records;
	uint32_t link[8];

	(void)state;
	for (uint64_t i = 0; i < 8; i++) {
		fixture_fill(&c, i, 1, 400);
		put(i, &c.contact, 1);
		word_of(i, &link[i]);
	}
	const uint64_t a = location_bucket(l, &k, 0), b = location_bucket(l, &k, 1);
	assert_int_not_equal(a, b);
	atomic_store(free_word(b), location_word(&k, link[0] - 1)); // the same key twice
	atomic_store(free_word((a + 1) % l->n_buckets), (uint64_t)0x1234 << 32 | link[0]);
	atomic_store(free_word((a + 2) % l->n_buckets), location_word(&k, link[0] - 1));
	atomic_store(free_word((a + 3) % l->n_buckets), location_word(&k, 5000));
	l->slots[link[1] - 1].key[0]++;                          // another key than its tag
	l->slots[link[2] - 1].next = link[3];                    // a record inside of a record
	l->slots[l->slots[link[4] - 1].next - 1].next = link[4]; // no end
	l->slots[link[5] - 1].len[0] = UINT16_MAX;
	l->slots[l->slots[link[6] - 1].next - 1].next = l->slots[link[7] - 1].next; // shares
	restart(&records, NULL);
	assert_int_equal(records, 3); // 0, 3, and 6 or 7
	assert_int_equal(lookup(0, 0), 1);
	assert_int_equal(lookup(3, 0), 1);
	assert_int_equal(fill().used + 994, 1000);
	unsigned words = 0;
	for (uint64_t i = 0; i < l->n_buckets; i++)
		for (unsigned j = 0; j < LOCATION_WORDS; j++)
			words += atomic_load(&l->buckets[i].word[j]) != 0;
	assert_int_equal(words, 3);
}

static void another_file_is_refused(void **state)
{
	struct location_header *h = l->header;
	struct region *r = &fixture.region;
	char path[160];

	(void)state;
	snprintf(path, sizeof(path), "%s/location", fixture.dir);
	struct location *reader = location_attach(r, &e);
	assert_non_null(reader);
	assert_null(reader->writer);
	location_detach(reader);
	h->layout++;
	assert_null(location_attach(r, &e));
	assert_non_null(strstr(e.text, "layout"));
	assert_null(location_create(r, 1000, NULL, NULL, &e));
	h->layout--;
	h->n *= 100;
	assert_null(location_attach(r, &e));
	assert_non_null(strstr(e.text, "damaged"));
	h->n /= 100;
	h->magic[0]++;
	assert_null(location_attach(r, &e));
	assert_non_null(strstr(e.text, "not a location table"));
	h->magic[0]--;
	struct location *again = location_create(r, 2000, NULL, NULL, &e);
	assert_non_null(again); // keeps its size and says so
	assert_non_null(strstr(e.text, "1000 slots"));
	assert_int_equal(again->n, 1000);
	location_detach(again);
	assert_null(location_create(r, 0, NULL, NULL, &e));
	assert_null(location_create(r, LOCATION_SLOTS_MAX + 1, NULL, NULL, &e));
	location_detach(l);
	fixture.writer = NULL;
	assert_int_equal(truncate(path, 5000), 0);
	assert_null(location_attach(r, &e));
	assert_int_not_equal(errno, ENOENT);
	assert_int_equal(unlink(path), 0);
	assert_null(location_attach(r, &e));
	assert_int_equal(errno, ENOENT);
}

static void keys_are_the_tables_own(void **state)
{
	struct location_key one, two;
	struct location *reader = location_attach(&fixture.region, &e);

	(void)state;
	location_make_key(l, STR("sip:alice@example.com"), &one);
	location_make_key(reader, STR("sip:alice@example.com"), &two);
	assert_memory_equal(&one, &two, sizeof(one));
	assert_true(one.h[0] != one.h[1]);
	location_make_key(l, STR("sip:bob@example.com"), &two);
	assert_true(one.h[0] != two.h[0] && one.h[1] != two.h[1]);
	location_detach(reader);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	        ROW(what_was_put_is_found),
	        ROW(replaced_and_removed),
	        ROW(best_first_and_expired_never),
	        ROW(a_refresh_is_of_its_binding_only),
	        ROW(long_texts_lie_in_several_slots),
	        ROW(what_does_not_fit_is_refused),
	        ROW(a_full_table_says_so_and_stands),
	        ROW(collisions_fill_both_buckets),
	        ROW(one_bucket_for_both_halves),
	        ROW(live_workers_hold_slots_back),
	        ROW(a_walk_sees_each_record_once),
	        ROW(a_new_writer_knows_what_is_there),
	        ROW(nonsense_is_dropped_by_recovery),
	        ROW(another_file_is_refused),
	        ROW(keys_are_the_tables_own),
	};
#undef ROW
	return cmocka_run_group_tests(tests, NULL, NULL);
}
