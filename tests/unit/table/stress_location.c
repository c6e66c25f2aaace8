// One writer, readers and refreshers as threads on one location table, built with ThreadSanitizer
// where the compiler has it: says by its exit status whether every record seen was whole.
#include <pthread.h>
#include <stdio.h>

#include "tests/unit/table/location_fixture.h"

enum { KEYS = 128, SLOTS = 3000, WORKERS = 4, PUTS = 30000, PUTS_MAX = 3000000, CONTACTS = 3 };

static struct location_fixture fixture;
static struct location *shared;
static _Atomic bool stop;
static _Atomic uint64_t torn, seen, refreshed;

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void quiescent(struct root_worker *me)
{
	atomic_store_explicit(&me->beat_ns, now_ns(), memory_order_relaxed);
	atomic_store(&me->epoch, atomic_load_explicit(&me->epoch, memory_order_relaxed) + 1);
}

static void look(uint64_t number, struct location_contact *found, char *scratch)
{
	const struct location_key key = fixture_key(number);

	location_prefetch(shared, &key, 1);
	const int n = location_lookup(shared, &key, 0, found, LOCATION_CONTACTS_MAX, scratch);
	for (int i = 0; i < n; i++)
		if (!fixture_whole(&found[i], number) || found[i].flow != found[0].flow ||
		        found[i].methods != (uint32_t)n)
			atomic_fetch_add(&torn, 1);
	if (n > 0)
		atomic_fetch_add(&seen, 1);
}

static void refresh(uint64_t number, uint32_t cseq, struct location_contact *found, char *scratch)
{
	const struct location_key key = fixture_key(number);

	if (location_lookup(shared, &key, 0, found, 1, scratch) == 1 &&
	        location_refresh(
	                shared, &key, found[0].uri, found[0].call_id, cseq, 5000 + cseq % 1000))
		atomic_fetch_add(&refreshed, 1);
}

static void *work(void *arg)
{
	struct root_worker *me = arg;
	const unsigned index = (unsigned)(me - fixture.region.root->worker);
	struct location_contact found[LOCATION_CONTACTS_MAX];
	char *scratch = malloc(FIXTURE_SCRATCH);
	uint32_t seed = index + 1;

	for (uint32_t turn = 1; scratch != NULL && !atomic_load(&stop); turn++) {
		if (index % 2 == 0)
			look(next_random(&seed) % KEYS, found, scratch);
		else
			refresh(next_random(&seed) % KEYS, UINT32_MAX / 2 + turn, found, scratch);
		if (turn % 4 == 0)
			quiescent(me);
	}
	free(scratch);
	return NULL;
}

// Enough was written, and the other threads had their share of the cores meanwhile.
static bool is_enough(uint64_t version)
{
	return version > PUTS_MAX ||
	       (version > PUTS && atomic_load(&seen) > 0 && atomic_load(&refreshed) > 0);
}

static void write_all(void)
{
	static struct fixture_contact c[CONTACTS];
	struct location_contact contacts[CONTACTS];
	uint32_t seed = 99;

	for (uint64_t version = 1; !is_enough(version); version++) {
		const uint64_t number = next_random(&seed) % KEYS;
		const unsigned n = next_random(&seed) % (CONTACTS + 1);
		const struct location_key key = fixture_key(number);

		for (unsigned i = 0; i < n; i++) {
			fixture_fill(&c[i], number, version, 40 + next_random(&seed) % 600);
			contacts[i] = c[i].contact;
			contacts[i].methods = n;
		}
		location_put(shared, &key, contacts, n, NULL); // full for a moment: tried later
		location_reclaim(shared, fixture.region.root, now_ns());
	}
}

int main(void)
{
	struct root *root;
	pthread_t thread[WORKERS];
	unsigned n = 0;

	if (location_fixture_init(&fixture, SLOTS) != 0)
		return 1;
	shared = fixture.writer;
	root = fixture.region.root;
	for (unsigned i = 0; i < WORKERS; i++)
		atomic_store(&root->worker[i].beat_ns, now_ns());
	atomic_store(&root->n_workers, WORKERS);
	for (; n < WORKERS; n++)
		if (pthread_create(&thread[n], NULL, work, &root->worker[n]) != 0)
			break;
	if (n == WORKERS)
		write_all();
	atomic_store(&stop, true);
	for (unsigned i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	printf("%llu records seen, %llu refreshed, %llu torn\n", (unsigned long long)seen,
	        (unsigned long long)refreshed, (unsigned long long)torn);
	atomic_store(&root->n_workers, 0);
	const bool good = n == WORKERS && torn == 0 && seen > 0 && refreshed > 0;
	return location_fixture_fini(&fixture) == 0 && good ? 0 : 1;
}
