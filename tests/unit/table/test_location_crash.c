// The writer of the location table is killed (SIGKILL) after each store of each of its operations:
// it is stepped instruction by instruction, and a store is what changes the table. Between any two
// stores a reader sees the record old or new and whole, what was published before is not touched,
// and whoever recovers then finds the same record, all others, and every slot.
#include "tests/unit/unit.h"

#include "tests/unit/table/location_fixture.h"
#include "tests/unit/table/location_image.h"
#include "tests/unit/table/stepped.h"

enum { OTHERS = 3, SUBJECT = 4, KEYS = 5, CONTACTS = 3, REFRESHED_S = 5000 };
// Instructions of an operation, its stores; and how many instructions are stepped for its kills.
enum { STEPS_MAX = 3000000, STORES_MAX = 200, BUDGET = 15000 };

// Contacts of the subject, of which the operation makes its record.
struct version {
	uint64_t number;
	unsigned n;
	size_t len; // of the first one's URI
};

struct operation {
	const char *name;
	struct version before, after;
	void (*prepare)(struct location *l);
	void (*run)(struct location *l);
};

// What a reader finds under a key: version and number of contacts, and the last one's time.
struct view {
	uint64_t state, time;
};

static struct location_fixture fixture;
static struct location *reader;
static struct location_contact found[LOCATION_CONTACTS_MAX];
static char scratch[FIXTURE_SCRATCH];
static char start[IMAGE], last[IMAGE]; // the table before the operation, after the last store
static bool published[SLOTS];          // in a chain before the operation
// Of the operation: what is seen before and behind it, its stores and the table after each.
static struct view old, new;
static unsigned n_steps, n_stores;
static size_t store_at[STORES_MAX];
static char store_image[STORES_MAX][IMAGE];
// Records that have no part in it.
static const struct version others[OTHERS] = {{1, 1, 45}, {1, 2, 45}, {1, 1, 500}};

// Operations: what they are given is made before, or its making would be stepped too.

static struct fixture_contact made[CONTACTS];
static struct location_contact given[CONTACTS];
static unsigned n_given;
static struct location_key subject;

static void give(uint64_t number, struct version v)
{
	n_given = v.n;
	for (unsigned i = 0; i < v.n && i < CONTACTS; i++) {
		fixture_fill(&made[i], number, v.number, v.len + 10 * i);
		given[i] = made[i].contact;
		given[i].methods = v.n;
	}
}

static void put(struct location *l, uint64_t number, struct version v)
{
	const struct location_key key = fixture_key(number);

	give(number, v);
	assert_int_equal(location_put(l, &key, given, n_given, NULL), 0);
}

static void put_given(struct location *l)
{
	(void)location_put(l, &subject, given, n_given, NULL);
}

static void refresh_last(struct location *l)
{
	const struct location_contact *c = &given[n_given - 1];

	(void)location_refresh(l, &subject, c->uri, c->call_id, c->cseq + 1, REFRESHED_S);
}

// What waits for the worker is free when that has passed.
static void pass(struct location *l)
{
	put_given(l);
	location_reclaim(l, fixture.region.root, now_ns());
	atomic_fetch_add(&fixture.region.root->worker[0].epoch, 1);
}

static void reclaim(struct location *l)
{
	location_reclaim(l, fixture.region.root, now_ns());
}

// Words that point at nonsense, and counts that are wrong.
static void damage(struct location *l)
{
	atomic_store(&l->buckets[1].word[7], 0xdeadbeef00000000u | 0xffff);
	atomic_store(&l->buckets[2].word[7], 0xdeadbeef00000000u | SLOTS);
	atomic_store(&l->header->taken, SLOTS - 1);
	atomic_store(&l->header->fresh, 1);
}

static void recover(struct location *l)
{
	(void)l;
	(void)location_create(&fixture.region, SLOTS, NULL, NULL, NULL);
}

static const struct operation operations[] = {
        {"first binding", {1, 0, 0}, {2, 1, 50}, NULL, put_given},
        {"first binding, long", {1, 0, 0}, {2, 1, 400}, NULL, put_given},
        {"further contact", {1, 1, 50}, {2, 2, 50}, NULL, put_given},
        {"replace", {1, 1, 400}, {2, 1, 300}, NULL, put_given},
        {"fewer contacts", {1, 2, 50}, {2, 1, 50}, NULL, put_given},
        {"refresh", {1, 2, 50}, {1, 2, 50}, NULL, refresh_last},
        {"remove", {1, 3, 300}, {2, 0, 0}, NULL, put_given},
        {"reclaim", {1, 1, 50}, {1, 1, 50}, pass, reclaim},
        {"recover", {1, 1, 50}, {1, 1, 50}, damage, recover},
};

// What is seen

static const char *image(void)
{
	return (const char *)reader->header;
}

static struct view view_of(uint64_t number)
{
	struct view v = {fixture_state(reader, number, found, scratch), 0};

	assert_int_not_equal(v.state, UINT64_MAX); // mixed
	if (v.state != 0)                          // (the one refreshed is the last)
		v.time = (uint64_t)found[(v.state & 0xff) - 1].expires_s << 32 |
		         found[(v.state & 0xff) - 1].cseq;
	return v;
}

static bool same(struct view a, struct view b)
{
	return a.state == b.state && a.time == b.time;
}

static uint64_t state_of(struct version v)
{
	return v.n > 0 ? v.number << 8 | v.n : 0;
}

static void others_are_there(void)
{
	for (uint64_t i = 0; i < OTHERS; i++)
		assert_int_equal(view_of(i).state, state_of(others[i]));
}

// The bytes [*from, *to) that differ from the last look; false when none do.
static bool changed(size_t *from, size_t *to)
{
	const char *now = image();

	if (memcmp(now, last, HEADER) == 0 &&
	        memcmp(now + BUCKETS_AT, last + BUCKETS_AT, IMAGE - BUCKETS_AT) == 0)
		return false;
	for (*from = 0; now[*from] == last[*from];)
		++*from;
	for (*to = IMAGE; now[*to - 1] == last[*to - 1];)
		--*to;
	memcpy(last + *from, now + *from, *to - *from);
	return true;
}

// Readers may be anywhere: of what is published only whole words change.
static void check_store(size_t from, size_t to)
{
	const size_t slot = from < SLOTS_AT ? 0 : (from - SLOTS_AT) / LOCATION_SLOT;

	if (from < BUCKETS_AT) {
		assert_true(to <= BUCKETS_AT);
	} else if (from < SLOTS_AT) {
		assert_int_equal(from / 8, (to - 1) / 8);
	} else if (published[slot]) {
		assert_string_equal(image_slot_field((from - SLOTS_AT) % LOCATION_SLOT), "time");
		assert_int_equal(from / 8, (to - 1) / 8);
	} else {
		assert_false(published[(to - 1 - SLOTS_AT) / LOCATION_SLOT]);
	}
}

// The table

static void open_writer(void)
{
	location_detach(fixture.writer);
	fixture.writer = location_create(&fixture.region, SLOTS, NULL, NULL, NULL);
	assert_non_null(fixture.writer);
}

static void worker_beats(void)
{
	atomic_store(&fixture.region.root->worker[0].beat_ns, now_ns());
}

static void note_published(void)
{
	memset(published, 0, sizeof(published));
	for (uint64_t number = 0; number < KEYS; number++) {
		const struct location_key key = fixture_key(number);
		uint32_t link;

		if (location_find(reader, &key, &link) == NULL)
			continue;
		for (const struct location_slot *slot; (slot = location_slot(reader, link)) != NULL;
		        link = location_next(slot))
			published[link - 1] = true;
	}
}

// All the same each time: the records, slots used before with old bytes in them, and what the
// operation finds.
static void begin(const struct operation *o)
{
	struct location_header *h = reader->header;

	memset((char *)h + offsetof(struct location_header, taken), 0,
	        HEADER - offsetof(struct location_header, taken));
	memset((char *)h + BUCKETS_AT, 0, IMAGE - BUCKETS_AT);
	atomic_store(&fixture.region.root->n_workers, 0);
	open_writer();
	put(fixture.writer, OTHERS, (struct version){7, 3, 60});
	for (uint64_t i = 0; i < OTHERS; i++)
		put(fixture.writer, i, others[i]);
	put(fixture.writer, OTHERS, (struct version){8, 0, 0});
	location_reclaim(fixture.writer, fixture.region.root, now_ns());
	worker_beats();
	atomic_store(&fixture.region.root->n_workers, 1);
	put(fixture.writer, SUBJECT, o->before);
	give(SUBJECT, o->after);
	if (o->prepare != NULL)
		o->prepare(fixture.writer);
	memcpy(start, image(), IMAGE);
	memcpy(last, start, IMAGE);
	note_published();
}

// A worker that reads since before the operation, and a new writer that has already another record
// to write: what the worker may read stays as it was.
static void worker_goes_on_reading(void)
{
	static struct fixture_contact c;
	const struct location_key key = fixture_key(KEYS);

	fixture_fill(&c, KEYS, 3, 40);
	(void)location_put(fixture.writer, &key, &c.contact, 1, NULL);
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		const char *was = start + SLOTS_AT + slot * LOCATION_SLOT;
		const char *is = image() + SLOTS_AT + slot * LOCATION_SLOT;
		const size_t behind = offsetof(struct location_slot, next);

		if (published[slot])
			assert_memory_equal(was + behind, is + behind, LOCATION_SLOT - behind);
	}
}

// No slot is lost: all is taken away, the worker has passed, and the table fills to the last one.
static void all_slots_are_there(void)
{
	for (uint64_t number = 0; number <= KEYS; number++)
		put(fixture.writer, number, (struct version){9, 0, 0});
	atomic_fetch_add(&fixture.region.root->worker[0].epoch, 1);
	location_reclaim(fixture.writer, fixture.region.root, now_ns());
	atomic_fetch_add(&fixture.region.root->worker[0].epoch, 1);
	location_reclaim(fixture.writer, fixture.region.root, now_ns());
	for (uint64_t number = 0; number < SLOTS; number++)
		put(fixture.writer, 100 + number, (struct version){1, 1, 40});
}

static void run_one(const void *arg)
{
	((const struct operation *)arg)->run(fixture.writer);
}

// Goes on to the next store; false when the operation has ended without one.
static bool next_store(pid_t child, size_t *from, size_t *to)
{
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		const bool more = stepped_on(child);

		n_steps++;
		if (changed(from, to))
			return true;
		if (!more)
			return false;
	}
	fail_msg("the operation has no end");
	return false;
}

// Without a kill: each store is looked at, and the table kept as it was then.
static void look_at_stores(const struct operation *o)
{
	size_t from, to;
	pid_t child;

	begin(o);
	n_stores = 0;
	n_steps = 0;
	old = new = view_of(SUBJECT);
	assert_int_equal(old.state, state_of(o->before));
	child = stepped_fork(run_one, o);
	while (next_store(child, &from, &to)) {
		const struct view view = view_of(SUBJECT);

		check_store(from, to);
		others_are_there();
		assert_true(same(view, new) || same(new, old)); // it becomes new once
		new = view;
		assert_true(n_stores < STORES_MAX);
		store_at[n_stores] = from;
		memcpy(store_image[n_stores++], last, IMAGE);
	}
	stepped_kill(child);
	assert_int_equal(new.state, state_of(o->after));
	assert_true(n_stores > 0);
}

// The writer ends right behind that store.
static void kill_behind(const struct operation *o, unsigned store)
{
	size_t from = 0, to;
	pid_t child = stepped_fork(run_one, o);

	for (unsigned i = 0; i <= store; i++)
		assert_true(next_store(child, &from, &to));
	stepped_kill(child);
	assert_int_equal(from, store_at[store]);
}

static void crash_point(const struct operation *o, unsigned store, bool killed)
{
	char place[IMAGE_PLACE];
	struct view seen;

	image_place(place, store_at[store]);
	print_message("%s, store %u of %u: %s\n", o->name, store + 1, n_stores, place);
	begin(o);
	if (killed)
		kill_behind(o, store);
	else
		memcpy(reader->header, store_image[store], IMAGE);
	seen = view_of(SUBJECT);
	assert_true(same(seen, old) || same(seen, new));
	worker_beats();
	open_writer();
	assert_true(same(seen, view_of(SUBJECT)));
	others_are_there();
	worker_goes_on_reading();
	others_are_there();
	all_slots_are_there();
}

// Where the operations have many more instructions (sanitizers), the tables killed writers would
// leave are those of the first run: it is the same program, and memory outlives its process.
static void killed_after_each_store(void **state)
{
	unsigned points = 0, kills = 0;

	(void)state;
	for (size_t i = 0; i < unit_rows(operations); i++) {
		bool killed;

		look_at_stores(&operations[i]);
		killed = n_steps * n_stores <= 2 * BUDGET; // half of them on average
		for (unsigned store = 0; store < n_stores; store++)
			crash_point(&operations[i], store, killed);
		points += n_stores;
		kills += killed ? n_stores : 0;
	}
	print_message("%u crash points of %zu operations, %u by kill\n", points,
	        unit_rows(operations), kills);
	assert_true(kills > 0);
}

static int setup(void **state)
{
	(void)state;
	stepped_stay();
	subject = fixture_key(SUBJECT);
	if (location_fixture_init(&fixture, SLOTS) != 0)
		return -1;
	reader = location_attach(&fixture.region, NULL);
	return reader != NULL && reader->n_buckets == BUCKETS ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	location_detach(reader);
	return location_fixture_fini(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(killed_after_each_store, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
