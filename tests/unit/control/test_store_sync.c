// store_sync: an empty table is filled from the journal, a full one puts the journal right, half a
// one is completed.
#include "tests/unit/control/stores.h"

#include <fcntl.h>

#include "control/store_sync.h"
#include "dataplane/table/location_memory.h"
#include "tests/unit/table/location_fixture.h"

static struct location_fixture fixture;
static struct event_base *base;
static struct seen seen;

static int setup(void **state)
{
	(void)state;
	base = event_base_new();
	return base != NULL ? location_fixture_init(&fixture, 4 * ROOM) : -1;
}

static int teardown(void **state)
{
	event_base_free(base);
	empty_dir(state);
	return location_fixture_fini(&fixture);
}

static void fill_journal(unsigned from, unsigned to, uint32_t cseq)
{
	struct store *s = open_seen((struct store_options){0}, &seen);

	for (unsigned i = from; i < to; i++)
		put_number(s, i, cseq);
	assert_true(store_flush(s, LONG_MS));
	store_close(s);
}

static void fill_table(unsigned from, unsigned to, uint32_t cseq)
{
	struct location_key key;
	struct numbered n;
	struct error e;

	for (unsigned i = from; i < to; i++) {
		const struct location_contact *c = number(&n, i, cseq);

		location_make_key(fixture.writer, c->aor, &key);
		if (location_put(fixture.writer, &key, c, 1, &e) != 0)
			fail_msg("%s", e.text);
	}
}

static struct store_sync *start(void)
{
	struct error e = {0};
	struct store_sync *y = store_sync_start(base, fixture.writer, dir, &e);

	if (y == NULL)
		fail_msg("%s", e.text);
	return y;
}

static void run(struct store_sync *y)
{
	const uint64_t until_ns = now_ns() + LONG_MS * 1000000ull;
	struct store_sync_status s;

	do {
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
		store_sync_status(y, &s);
		assert_true(now_ns() < until_ns);
	} while (s.loading || s.comparing);
}

static void end(struct store_sync *y)
{
	assert_true(store_flush(store_sync_store(y), LONG_MS));
	store_sync_end(y);
	store_close(open_seen((struct store_options){0}, &seen));
}

static uint32_t table_cseq(unsigned i)
{
	static char scratch[FIXTURE_SCRATCH];
	struct location_contact out[LOCATION_CONTACTS_MAX];
	struct location_key key;
	struct numbered n;

	number(&n, i, 1);
	location_make_key(fixture.writer, n.c.aor, &key);
	if (location_lookup(fixture.writer, &key, 0, out, LOCATION_CONTACTS_MAX, scratch) != 1)
		return 0;
	number(&n, i, out[0].cseq);
	unit_str(out[0].call_id, n.call_id);
	return out[0].cseq;
}

static void empty_table(void **state)
{
	struct store_sync *y;

	(void)state;
	fill_journal(0, 1000, 3);
	y = start();
	store_sync_put(y, STR("sip:u7@example.com"), NULL, 0); // went before it was read
	run(y);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(table_cseq(i), i == 7 ? 0 : 3);
	end(y);
	assert_int_equal(seen.records, 999);
}

static void table_is_truth(void **state)
{
	struct store_sync *y;

	(void)state;
	fill_journal(0, 1000, 3); // 900 to 999 went since
	fill_table(0, 800, 3);
	fill_table(800, 900, 4);   // changed
	fill_table(1000, 1100, 1); // new
	y = start();
	run(y);
	assert_int_equal(table_cseq(950), 0);
	assert_int_equal(table_cseq(850), 4);
	end(y);
	assert_int_equal(seen.records, 1000);
	assert_int_equal(seen.cseq[799], 3);
	assert_int_equal(seen.cseq[800], 4);
	assert_int_equal(seen.cseq[900], 0);
	assert_int_equal(seen.cseq[1099], 1);
}

// Records that recovery had to drop from the table come back from the journal, which is not to lose
// them as well.
static void table_damaged(void **state)
{
	struct store_sync *y;
	unsigned dropped = 0;

	(void)state;
	fill_journal(0, 1000, 3);
	fill_table(0, 1000, 3);
	for (uint64_t b = 0; b < fixture.writer->n_buckets && dropped < 20; b++) {
		_Atomic uint64_t *word = &fixture.writer->buckets[b].word[0];

		if (atomic_load(word) == 0)
			continue;
		atomic_store(word, atomic_load(word) | UINT32_MAX); // a link to nowhere
		dropped++;
	}
	location_detach(fixture.writer);
	fixture.writer = location_create(&fixture.region, 4 * ROOM, NULL, NULL, NULL);
	assert_int_equal(fixture.writer->writer->damaged, 20);
	assert_int_equal(fixture.writer->writer->records, 980);
	y = start();
	run(y);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(table_cseq(i), 3);
	end(y);
	assert_int_equal(seen.records, 1000);
}

// spryd was killed while it filled the table.
static void half_table(void **state)
{
	struct store_sync *y;
	char marker[100];
	int fd;

	(void)state;
	snprintf(marker, sizeof(marker), "%s/location.loading", dir);
	fill_journal(0, 1000, 3);
	y = start();
	assert_int_equal(access(marker, F_OK), 0);
	run(y);
	assert_int_equal(access(marker, F_OK), -1);
	end(y);
	teardown(state);
	setup(state);
	fill_journal(0, 1000, 3);
	fd = open(marker, O_WRONLY | O_CREAT, 0600);
	close(fd);
	fill_table(0, 500, 3);
	y = start();
	run(y);
	assert_int_equal(table_cseq(999), 3);
	end(y);
	assert_int_equal(seen.records, 1000);
}

// A journal that was thrown away is written again from the table.
static void journal_damaged(void **state)
{
	struct store_sync *y;
	struct store_status s;
	int fd;

	(void)state;
	fill_table(0, 500, 2);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "none", 4), 4);
	close(fd);
	y = start();
	run(y);
	store_status(store_sync_store(y), &s);
	assert_int_equal(s.set_aside, 1);
	end(y);
	assert_int_equal(seen.records, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(empty_table, setup, teardown),
	        cmocka_unit_test_setup_teardown(table_is_truth, setup, teardown),
	        cmocka_unit_test_setup_teardown(table_damaged, setup, teardown),
	        cmocka_unit_test_setup_teardown(half_table, setup, teardown),
	        cmocka_unit_test_setup_teardown(journal_damaged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
