// Workers as threads that hand messages to each other by their spreads while wishes change, built
// with ThreadSanitizer where the compiler has it. What is known of a hash is plain memory: only the
// order that spread.h promises lets one worker go on where another stopped. Says by its exit status
// whether each message came after the one before it.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "dataplane/live/spread.h"

enum { TAKERS = 3, HASHES = 600, MESSAGES = 400000, ROOM = 128, BURST = 16 };

struct lane {
	_Alignas(64) _Atomic uint32_t head; // written by the receiver
	_Alignas(64) _Atomic uint32_t done; // by the taker, when what it took has left
	struct {
		uint32_t hash, number;
	} note[ROOM];
};

static struct spread spread;
static struct lane lane[TAKERS];
static uint32_t last[HASHES]; // newest number that left; of whoever has the hash now
static _Atomic uint32_t wrong, taken;
static _Atomic bool stop;

static void leaves(uint32_t hash, uint32_t number)
{
	if (number <= last[hash])
		atomic_fetch_add(&wrong, 1);
	last[hash] = number;
}

static void *take(void *arg)
{
	struct lane *l = arg;
	uint32_t at = 0;

	for (;;) {
		const bool last_look = atomic_load(&stop);
		const uint32_t head = atomic_load_explicit(&l->head, memory_order_acquire);

		for (uint32_t i = at; i != head; i++)
			leaves(l->note[i % ROOM].hash, l->note[i % ROOM].number);
		atomic_fetch_add(&taken, head - at);
		at = head;
		atomic_store_explicit(&l->done, at, memory_order_release);
		if (last_look)
			return NULL;
		sched_yield();
	}
}

static bool give(struct lane *l, uint32_t hash, uint32_t number)
{
	const uint32_t head = atomic_load_explicit(&l->head, memory_order_relaxed);

	if (head - atomic_load_explicit(&l->done, memory_order_acquire) == ROOM)
		return false;
	l->note[head % ROOM].hash = hash;
	l->note[head % ROOM].number = number;
	atomic_store_explicit(&l->head, head + 1, memory_order_release);
	return true;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void wish(uint32_t *seed)
{
	switch (next_random(seed) % 64) {
	case 0:
		spread_even(&spread);
		break;
	case 1:
		spread_home(&spread);
		break;
	case 2:
		spread_wish(&spread, next_random(seed) % (TAKERS + 1),
		        next_random(seed) % (TAKERS + 1), 100);
		break;
	default:
		break;
	}
}

static uint32_t receive(void)
{
	uint32_t seed = 1, number = 0, lost = 0;

	for (unsigned n = 0; n < MESSAGES; n += BURST) {
		uint32_t here[BURST];
		unsigned n_here = 0;

		wish(&seed);
		spread_burst(&spread);
		for (unsigned i = 0; i < BURST; i++) {
			const uint32_t hash = next_random(&seed) % HASHES;
			const unsigned way = spread_way(&spread, hash, n);

			if (way == 0) {
				here[n_here++] = hash;
			} else if (!give(&lane[way - 1], hash, ++number)) {
				spread_back(&spread, way, 1);
				lost++;
			}
		}
		for (unsigned i = 0; i < n_here; i++)
			leaves(here[i], ++number);
		if (n % 256 == 0)
			sched_yield();
	}
	return lost;
}

int main(void)
{
	pthread_t thread[TAKERS];

	spread_init(&spread, BURST);
	for (unsigned i = 0; i < TAKERS; i++)
		spread_add(&spread, &lane[i].done);
	spread_start(&spread, 0);
	for (unsigned i = 0; i < TAKERS; i++)
		if (pthread_create(&thread[i], NULL, take, &lane[i]) != 0)
			return 2;
	const uint32_t lost = receive();
	atomic_store(&stop, true);
	for (unsigned i = 0; i < TAKERS; i++)
		pthread_join(thread[i], NULL);
	printf("%d messages, %u taken by others, %u lost, %u cells moved, %u out of order\n",
	        MESSAGES, taken, lost, spread.moved, wrong);
	return wrong != 0 || taken == 0 || spread.moved == 0;
}
