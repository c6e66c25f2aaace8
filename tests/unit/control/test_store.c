// store: the journal of bindings: what comes back, what a batch is, what is skipped, what is lost.
#include "tests/unit/control/stores.h"

#include <lmdb.h>
#include <stdatomic.h>

#include "dataplane/base/hash.h"

static struct location_contact kept[LOCATION_CONTACTS_MAX];
static char kept_text[8][2000];
static unsigned kept_n, kept_records;

static struct str keep_text(unsigned i, struct str text)
{
	assert_true(text.len < sizeof(kept_text[0]));
	memcpy(kept_text[i], text.p, text.len);
	return (struct str){kept_text[i], text.len};
}

// The first contact's texts are copied: views hold during the call only.
static void keep(void *arg, struct str aor, const struct location_contact *c, unsigned n)
{
	(void)arg;
	memcpy(kept, c, n * sizeof(*c));
	kept_n = n;
	kept_records++;
	if (n == 0)
		return;
	assert_true(str_eq(aor, c[0].aor));
	kept[0].aor = keep_text(0, c[0].aor);
	kept[0].uri = keep_text(1, c[0].uri);
	kept[0].path = keep_text(2, c[0].path);
	kept[0].instance = keep_text(3, c[0].instance);
	kept[0].user_agent = keep_text(4, c[0].user_agent);
	kept[0].call_id = keep_text(5, c[0].call_id);
}

static struct store *reopen(struct store *s)
{
	assert_true(store_flush(s, LONG_MS));
	store_close(s);
	kept_records = 0;
	s = open_with((struct store_options){0});
	load(s, keep, NULL);
	return s;
}

static struct location_contact whole(void)
{
	struct location_contact c = {
	        .aor = STR("sip:alice@example.com"),
	        .uri = STR("sip:alice@192.0.2.4:5062;ob"),
	        .path = STR("<sip:edge.example.com;lr>"),
	        .instance = STR("<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"),
	        .user_agent = STR("phone/1.0"),
	        .call_id = STR("7@192.0.2.4"),
	        .flow = 0x123456789abcdef0u,
	        .registered_s = store_now_s(),
	        .expires_s = store_now_s() + 600,
	        .cseq = 4294967295u,
	        .reg_id = 2,
	        .methods = 0x55,
	        .leg = 513,
	        .q = 700,
	        .transport = TRANSPORT_TLS,
	        .flags = LOCATION_NAT | LOCATION_OUTBOUND,
	};

	assert_true(addr_parse(STR("[2001:db8::7]:40000"), &c.received));
	return c;
}

static void round_trip(void **state)
{
	struct store *s = open_with((struct store_options){0});
	struct location_contact c[LOCATION_CONTACTS_MAX];

	(void)state;
	load(s, keep, NULL);
	for (unsigned i = 0; i < LOCATION_CONTACTS_MAX; i++) {
		c[i] = whole();
		c[i].q = (uint16_t)(1000 - i);
	}
	assert_true(store_put(s, c[0].aor, c, LOCATION_CONTACTS_MAX));
	s = reopen(s);
	assert_int_equal(kept_records, 1);
	assert_int_equal(kept_n, LOCATION_CONTACTS_MAX);
	assert_int_equal(kept[15].q, 985);
	unit_str(kept[0].aor, "sip:alice@example.com");
	unit_str(kept[0].uri, "sip:alice@192.0.2.4:5062;ob");
	unit_str(kept[0].path, "<sip:edge.example.com;lr>");
	unit_str(kept[0].instance, "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>");
	unit_str(kept[0].user_agent, "phone/1.0");
	unit_str(kept[0].call_id, "7@192.0.2.4");
	assert_true(addr_eq(&kept[0].received, &c[0].received));
	assert_true(kept[0].flow == c[0].flow && kept[0].cseq == c[0].cseq && kept[0].reg_id == 2 &&
	            kept[0].methods == 0x55 && kept[0].leg == 513 &&
	            kept[0].transport == TRANSPORT_TLS && kept[0].flags == c[0].flags);
	// (the offset between the clocks is in whole seconds)
	assert_in_range(kept[0].expires_s, c[0].expires_s - 1, c[0].expires_s + 1);
	assert_in_range(kept[0].registered_s, c[0].registered_s - 1, c[0].registered_s + 1);
	store_put(s, c[0].aor, NULL, 0);
	s = reopen(s);
	assert_int_equal(kept_records, 0);
	store_close(s);
}

static void too_long(void **state)
{
	static char text[LOCATION_TEXT_MAX + 1];
	struct store *s = open_with((struct store_options){0});
	struct location_contact c = whole();

	(void)state;
	load(s, keep, NULL);
	c.user_agent = (struct str){text, sizeof(text)};
	assert_false(store_put(s, c.aor, &c, 1));
	assert_false(store_put(s, STR_NONE, NULL, 0));
	assert_int_equal(status_of(s).lost, 2);
	store_close(s);
}

// AoRs longer than a key of LMDB, alike for longer than one.
static void long_aor(void **state)
{
	struct store *s = open_with((struct store_options){0});
	struct location_contact c = whole();
	char aor[1000];

	(void)state;
	load(s, keep, NULL);
	memset(aor, 'a', sizeof(aor));
	for (size_t i = 0; i < 3; i++) {
		c.aor = (struct str){aor, 900 + i};
		store_put(s, c.aor, &c, 1);
	}
	store_put(s, (struct str){aor, 901}, NULL, 0);
	s = reopen(s);
	assert_int_equal(kept_records, 2);
	assert_int_not_equal(kept[0].aor.len, 901);
	store_close(s);
}

static void refresh(void **state)
{
	struct store *s = open_with((struct store_options){0});
	struct location_contact c = whole(), later;

	(void)state;
	load(s, keep, NULL);
	c.cseq = 10;
	later = c;
	later.cseq = 12;
	later.expires_s += 1000;
	store_put(s, c.aor, &c, 1);
	assert_true(store_flush(s, LONG_MS));
	assert_true(store_refresh(s, c.aor, &later)); // read, changed, written
	later.cseq = 11;
	later.expires_s += 5000;
	assert_true(store_refresh(s, c.aor, &later)); // came late
	s = reopen(s);
	assert_int_equal(kept[0].cseq, 12);
	assert_in_range(kept[0].expires_s, c.expires_s + 999, c.expires_s + 1001);
	later.cseq = 12; // not higher: nothing is written
	store_refresh(s, c.aor, &later);
	assert_true(store_flush(s, LONG_MS));
	assert_int_equal(status_of(s).unchanged, 1);
	assert_int_equal(status_of(s).batches, 0);
	later.cseq = 13;
	later.call_id = STR("another");
	store_refresh(s, c.aor, &later);
	later.aor = STR("sip:nobody@example.com");
	store_refresh(s, later.aor, &later);
	s = reopen(s);
	assert_int_equal(kept_records, 1);
	assert_int_equal(kept[0].cseq, 12);
	store_put(s, c.aor, &c, 1); // still in the queue when it is refreshed
	later = c;
	later.cseq = 20;
	store_refresh(s, c.aor, &later);
	s = reopen(s);
	assert_int_equal(kept[0].cseq, 20);
	store_close(s);
}

static void expired(void **state)
{
	struct store *s = open_with((struct store_options){0});
	struct location_contact c[2] = {whole(), whole()};

	(void)state;
	load(s, keep, NULL);
	c[0].expires_s = store_now_s() - 5;
	c[1].uri = STR("sip:second@192.0.2.4");
	store_put(s, c[0].aor, c, 2);
	s = reopen(s);
	assert_int_equal(kept_n, 1);
	unit_str(kept[0].uri, "sip:second@192.0.2.4");
	store_put(s, c[0].aor, c, 1);
	s = reopen(s);
	assert_int_equal(kept_n, 0);
	assert_int_equal(status_of(s).expired, 1);
	store_close(s);
}

// A reboot: another boot clock, the same wall clock.
static void other_boot(void **state)
{
	struct location_contact c = whole(), out[LOCATION_CONTACTS_MAX];
	char record[600];
	size_t len = store_record_len(c.aor, &c, 1);

	(void)state;
	c.expires_s = 100000;
	c.registered_s = 90000;
	store_record_write(record, c.aor, &c, 1, 1000000);
	assert_int_equal(store_record_check((struct str){record, len}), STORE_SOUND);
	// 99,000 s later, booted a minute ago
	assert_int_equal(store_record_read((struct str){record, len}, 1099000, 60, out), 1);
	assert_int_equal(out[0].expires_s, 1000);
	assert_int_equal(out[0].registered_s, 0);
	assert_int_equal(store_record_read((struct str){record, len}, 1099000, 1000, out), 0);
	assert_int_equal(store_record_read((struct str){record, len}, 2000000, 0, out), 0);
}

static void coalesced(void **state)
{
	struct store *s = open_with((struct store_options){.batch_ms = LONG_MS});
	struct location_contact c = whole();

	(void)state;
	load(s, keep, NULL);
	for (uint32_t i = 1; i <= 100; i++) {
		c.cseq = i;
		store_put(s, c.aor, &c, 1);
	}
	assert_int_equal(status_of(s).queued, 1);
	assert_true(store_flush(s, LONG_MS));
	assert_int_equal(status_of(s).coalesced, 99);
	assert_int_equal(status_of(s).records, 1);
	s = reopen(s);
	assert_int_equal(kept[0].cseq, 100);
	store_close(s);
}

struct commits {
	_Atomic unsigned n;
	_Atomic uint64_t records[8];
};

static void on_commit(void *arg, uint64_t records)
{
	struct commits *c = arg;

	if (c->n < 8)
		c->records[c->n] = records;
	c->n++;
}

static void await(struct commits *c, unsigned n)
{
	const uint64_t until_ns = now_ns() + LONG_MS * 1000000ull;

	while (c->n < n && now_ns() < until_ns)
		usleep(1000);
	assert_int_equal(c->n, n);
}

static void full_batch(void **state)
{
	struct commits c = {0};
	struct store *s = open_with((struct store_options){
	        .batch_ms = 10 * LONG_MS, .committed = on_commit, .arg = &c});

	(void)state;
	load(s, keep, NULL);
	for (unsigned i = 0; i < 4001; i++)
		put_number(s, i, 1);
	await(&c, 2);
	assert_int_equal(c.records[0], 2000);
	assert_int_equal(c.records[1], 4000);
	assert_int_equal(status_of(s).queued, 1);
	assert_true(store_flush(s, LONG_MS));
	await(&c, 3);
	assert_int_equal(c.records[2], 4001);
	store_close(s);
}

// What waited for the disk goes in fewer transactions.
static void behind(void **state)
{
	static struct seen seen;
	struct commits c = {0};
	struct store *s =
	        open_with((struct store_options){.batch = 100, .committed = on_commit, .arg = &c});

	(void)state;
	for (unsigned i = 0; i < 2000; i++) // nothing is written before all is loaded
		put_number(s, i, 1);
	load(s, keep, NULL);
	assert_true(store_flush(s, LONG_MS));
	assert_int_equal(c.records[0], 1600);
	assert_int_equal(c.records[1], 1700);
	assert_int_equal(status_of(s).records, 2000);
	store_close(s);
	store_close(open_seen((struct store_options){0}, &seen));
	assert_int_equal(seen.records, 2000);
}

static void due_batch(void **state)
{
	struct commits c = {0};
	struct store *s = open_with(
	        (struct store_options){.batch_ms = 30, .committed = on_commit, .arg = &c});
	uint64_t began_ns;

	(void)state;
	load(s, keep, NULL);
	began_ns = now_ns();
	put_number(s, 1, 1);
	await(&c, 1);
	assert_true(now_ns() - began_ns >= 30 * 1000000ull);
	assert_int_equal(c.records[0], 1);
	store_close(s);
}

static void compared(void **state)
{
	struct store *s = open_with((struct store_options){0});
	struct location_contact c = whole(), newer = whole();

	(void)state;
	load(s, keep, NULL);
	store_put(s, c.aor, &c, 1);
	s = reopen(s);
	store_compare(s, c.aor, &c, 1);
	assert_true(store_flush(s, LONG_MS));
	assert_int_equal(status_of(s).batches, 0);
	newer.cseq = 3;
	store_put(s, c.aor, &newer, 1); // a put stays one, whatever is compared behind it
	store_compare(s, c.aor, &newer, 1);
	s = reopen(s);
	assert_int_equal(kept[0].cseq, 3);
	store_compare(s, c.aor, &c, 1);
	s = reopen(s);
	assert_int_equal(kept[0].cseq, c.cseq);
	store_compare(s, c.aor, NULL, 0);
	s = reopen(s);
	assert_int_equal(kept_records, 0);
	store_close(s);
}

// What was registered, or went, before its old record was read stays as it is.
static void newer_while_loading(void **state)
{
	struct store *s = open_with((struct store_options){0});
	static struct seen seen;

	(void)state;
	load(s, keep, NULL);
	for (unsigned i = 0; i < 20; i++)
		put_number(s, i, 1);
	assert_true(store_flush(s, LONG_MS));
	store_close(s);
	s = open_with((struct store_options){.batch_ms = 1});
	put_number(s, 3, 2);
	store_put(s, STR("sip:u4@example.com"), NULL, 0);
	load(s, see, &seen);
	assert_int_equal(seen.records, 18);
	assert_int_equal(seen.cseq[3], 0);
	assert_int_equal(seen.cseq[4], 0);
	assert_true(store_flush(s, LONG_MS));
	store_close(s);
	store_close(open_seen((struct store_options){0}, &seen));
	assert_int_equal(seen.records, 19);
	assert_int_equal(seen.cseq[3], 2);
	assert_int_equal(seen.cseq[4], 0);
}

static void queue_full(void **state)
{
	struct store *s = open_with((struct store_options){.queue = 100, .batch_ms = 1});
	static struct seen seen;

	(void)state;
	for (unsigned i = 0; i < 150; i++) // nothing is written before the file was read
		assert_int_equal(put_number(s, i, 1), i < 100);
	assert_true(put_number(s, 5, 2)); // one that waits is replaced
	assert_int_equal(status_of(s).lost, 50);
	assert_true(status_of(s).loading);
	assert_false(store_wants_sync(s));
	load(s, keep, NULL);
	assert_true(store_flush(s, LONG_MS));
	assert_true(store_wants_sync(s));
	assert_false(store_wants_sync(s));
	store_close(s);
	store_close(open_seen((struct store_options){0}, &seen));
	assert_int_equal(seen.records, 100);
	assert_int_equal(seen.cseq[5], 2);
}

// Writes these bytes under the key with LMDB.
static void plant(const char *key, const void *bytes, size_t len)
{
	MDB_val k = {strlen(key), (void *)(uintptr_t)key}, v = {len, (void *)(uintptr_t)bytes};
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, file, MDB_NOSUBDIR | MDB_NOLOCK, 0640), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void not_trusted(void **state)
{
	struct location_contact c = whole();
	size_t len = store_record_len(c.aor, &c, 1);
	char record[600];
	uint64_t sum;
	struct store *s;

	(void)state;
	store_record_write(record, c.aor, &c, 1, store_offset_s());
	plant("good", record, len);
	record[8] = 2; // the version, with a checksum that fits
	sum = hash_13((struct hash_key){0}, record + 8, len - 8);
	memcpy(record, &sum, sizeof(sum));
	plant("newer", record, len);
	record[len - 1] ^= 1;
	plant("flipped", record, len);
	plant("short", record, 31);
	kept_records = 0;
	s = open_with((struct store_options){0});
	load(s, keep, NULL);
	assert_int_equal(kept_records, 1);
	assert_int_equal(status_of(s).damaged, 2);
	assert_int_equal(status_of(s).unknown, 1);
	assert_int_equal(status_of(s).set_aside, 0);
	store_close(s);
}

// Cut anywhere, or with a length that lies behind a fitting checksum: never believed.
static void record_bounds(void **state)
{
	struct location_contact c[2] = {whole(), whole()};
	size_t len = store_record_len(c[0].aor, c, 2);
	char record[800];
	uint64_t sum;

	(void)state;
	for (size_t at = 8; at < len; at++)
		for (int bit = 0; bit < 8; bit++) {
			struct location_contact out[LOCATION_CONTACTS_MAX];
			char *exact;

			store_record_write(record, c[0].aor, c, 2, 5);
			record[at] = (char)(record[at] ^ (1 << bit));
			sum = hash_13((struct hash_key){0}, record + 8, len - 8);
			memcpy(record, &sum, sizeof(sum));
			exact = malloc(len); // its end is watched by ASan
			assert_non_null(exact);
			memcpy(exact, record, len);
			if (store_record_check((struct str){exact, len}) == STORE_SOUND)
				assert_true(store_record_read(
				                    (struct str){exact, len}, 5, 0, out) <= 2);
			free(exact);
		}
	store_record_write(record, c[0].aor, c, 2, 5);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(store_record_check((struct str){record, cut}), STORE_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(round_trip, empty_dir),
	        cmocka_unit_test_teardown(too_long, empty_dir),
	        cmocka_unit_test_teardown(long_aor, empty_dir),
	        cmocka_unit_test_teardown(refresh, empty_dir),
	        cmocka_unit_test_teardown(expired, empty_dir),
	        cmocka_unit_test(other_boot),
	        cmocka_unit_test_teardown(coalesced, empty_dir),
	        cmocka_unit_test_teardown(full_batch, empty_dir),
	        cmocka_unit_test_teardown(behind, empty_dir),
	        cmocka_unit_test_teardown(due_batch, empty_dir),
	        cmocka_unit_test_teardown(compared, empty_dir),
	        cmocka_unit_test_teardown(newer_while_loading, empty_dir),
	        cmocka_unit_test_teardown(queue_full, empty_dir),
	        cmocka_unit_test_teardown(not_trusted, empty_dir),
	        cmocka_unit_test(record_bounds),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
