// The writer is killed (SIGKILL) at a random moment, again and again, while a reader looks: every
// record the reader sees is whole and of one version, what was put stays put, and recovery returns
// every slot.
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/unit/table/location_fixture.h"

enum { KEYS = 64, SLOTS = 2000, KILLS = 100, CONTACTS = 5, LOOKUPS_MAX = 20000000 };

// Of both processes. A state is version << 8 | contacts.
struct shared {
	_Atomic uint64_t puts;
	_Atomic uint64_t wanted[KEYS], done[KEYS];
	_Atomic uint64_t version;
	_Atomic uint64_t failed;
};

static struct location_fixture fixture;
static struct shared *shared;
static char scratch[FIXTURE_SCRATCH];
static struct location_contact found[LOCATION_CONTACTS_MAX];

static int setup(void **state)
{
	(void)state;
	shared = mmap(
	        NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED ? -1 : location_fixture_init(&fixture, SLOTS);
}

static int teardown(void **state)
{
	(void)state;
	munmap(shared, sizeof(*shared));
	return location_fixture_fini(&fixture);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void put_one(struct location *l, uint32_t *seed)
{
	static struct fixture_contact c[CONTACTS];
	struct location_contact contacts[CONTACTS];
	const uint64_t number = next_random(seed) % KEYS;
	const uint64_t version = atomic_fetch_add(&shared->version, 1) + 1;
	const unsigned n = next_random(seed) % (CONTACTS + 1);
	const struct location_key key = fixture_key(number);

	for (unsigned i = 0; i < n; i++) {
		fixture_fill(&c[i], number, version, 40 + next_random(seed) % 1000);
		contacts[i] = c[i].contact;
		contacts[i].methods = n;
	}
	atomic_store(&shared->wanted[number], version << 8 | n);
	if (location_put(l, &key, contacts, n, NULL) == 0)
		atomic_store(&shared->done[number], version << 8 | n);
	else
		atomic_store(&shared->wanted[number], atomic_load(&shared->done[number]));
	atomic_fetch_add(&shared->puts, 1);
}

static void writer_process(uint32_t seed)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); // nor does it outlive the test
	struct location *l = location_create(&fixture.region, SLOTS, NULL, NULL, NULL);

	for (uint64_t i = 0; l != NULL && i < 100000000; i++) {
		put_one(l, &seed);
		if (i % 4 == 0)
			location_reclaim(l, fixture.region.root, now_ns());
	}
	atomic_store(&shared->failed, 1);
	_exit(1);
}

// Reads until the writer has done that many puts more, then kills it in the middle of the next.
static void read_and_kill(const struct location *l, pid_t writer, uint32_t *seed, uint64_t *seen)
{
	const uint64_t until = atomic_load(&shared->puts) + next_random(seed) % 2000;
	struct root_worker *me = &fixture.region.root->worker[0];
	unsigned turn = 0;

	for (; turn < LOOKUPS_MAX && atomic_load(&shared->puts) <= until; turn++) {
		const uint64_t state = fixture_state(l, next_random(seed) % KEYS, found, scratch);

		if (state == UINT64_MAX)
			kill(writer, SIGKILL);
		assert_int_not_equal(state, UINT64_MAX);
		*seen += state != 0;
		if (turn % 4 == 0) {
			atomic_store(&me->beat_ns, now_ns());
			atomic_fetch_add(&me->epoch, 1);
		}
	}
	for (uint32_t spin = next_random(seed) % 5000; spin > 0; spin--)
		atomic_load(&shared->puts);
	kill(writer, SIGKILL);
	assert_int_not_equal(turn, LOOKUPS_MAX);
}

static void check_states(const struct location *l)
{
	for (uint64_t number = 0; number < KEYS; number++) {
		const uint64_t wanted = atomic_load(&shared->wanted[number]);
		const uint64_t done = atomic_load(&shared->done[number]);
		const uint64_t state = fixture_state(l, number, found, scratch);

		if ((wanted & 0xff) != 0 && state == wanted)
			continue;
		if ((wanted & 0xff) == 0 && state == 0)
			continue;
		assert_int_equal(state, (done & 0xff) != 0 ? done : 0);
	}
}

// Takes everything away and fills the table to the last slot: a slot that was lost would be
// missing.
static void check_slots(struct location *l)
{
	static struct fixture_contact c;

	for (uint64_t number = 0; number < KEYS; number++) {
		const struct location_key key = fixture_key(number);

		assert_int_equal(location_put(l, &key, NULL, 0, NULL), 0);
	}
	location_reclaim(l, fixture.region.root, now_ns());
	fixture_fill(&c, 0, 1, 40);
	for (uint64_t number = 0; number < SLOTS; number++) {
		const struct location_key key = fixture_key(1000 + number);

		assert_int_equal(location_put(l, &key, &c.contact, 1, NULL), 0);
	}
}

static void no_kill_harms_the_table(void **state)
{
	struct location *reader = location_attach(&fixture.region, NULL);
	uint32_t seed = 20261122;
	uint64_t seen = 0, leaked;

	(void)state;
	assert_non_null(reader);
	location_detach(fixture.writer);
	fixture.writer = NULL;
	atomic_store(&fixture.region.root->n_workers, 1);
	for (unsigned i = 0; i < KILLS; i++) {
		int status;
		pid_t writer = fork();

		assert_true(writer >= 0);
		if (writer == 0)
			writer_process(seed + i);
		read_and_kill(reader, writer, &seed, &seen);
		assert_int_equal(waitpid(writer, &status, 0), writer);
		assert_true(WIFSIGNALED(status));
		check_states(reader);
	}
	assert_int_equal(atomic_load(&shared->failed), 0);
	atomic_store(&fixture.region.root->n_workers, 0);
	fixture.writer = location_create(&fixture.region, SLOTS, NULL, &leaked, NULL);
	assert_non_null(fixture.writer);
	assert_true(leaked <= SLOTS); // all of them when all was waiting for the reader
	assert_true(seen > 0);
	check_states(reader);
	check_slots(fixture.writer);
	print_message("%d kills, %llu puts, %llu records seen\n", KILLS,
	        (unsigned long long)atomic_load(&shared->puts), (unsigned long long)seen);
	location_detach(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(no_kill_harms_the_table, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
