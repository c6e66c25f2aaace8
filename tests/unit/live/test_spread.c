// spread: whatever is wished and however far behind the takers are, the messages of a hash leave in
// the order they came; and wishes come true.
#include "tests/unit/unit.h"

#include "dataplane/live/spread.h"

enum { WAYS = 4, HASHES = 3000, SETTLE = 5, ROOM = 64 };

struct note {
	unsigned hash, number;
};

// The wire: a queue a way, of messages a taker has not sent yet.
static struct spread s;
static struct {
	struct note note[ROOM];
	unsigned n;
	_Atomic uint32_t done;
} queue[WAYS];
static unsigned given[HASHES], left[HASHES], n_left[WAYS], lost;
static uint32_t now, seed;

static unsigned any(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static int start(void **state)
{
	(void)state;
	memset(given, 0, sizeof(given));
	memset(left, 0, sizeof(left));
	memset(n_left, 0, sizeof(n_left));
	memset(queue, 0, sizeof(queue));
	lost = 0;
	seed = 42;
	now = UINT32_MAX - 1000; // it wraps
	spread_init(&s, SETTLE);
	for (unsigned way = 1; way < WAYS; way++) {
		atomic_store(&queue[way].done, UINT32_MAX - 500); // that too
		assert_int_equal(spread_add(&s, &queue[way].done), way);
	}
	spread_start(&s, now);
	return 0;
}

static void leaves(unsigned way, struct note m)
{
	assert_true(m.number > left[m.hash]);
	left[m.hash] = m.number;
	n_left[way]++;
}

static void take(unsigned way, unsigned n)
{
	if (n > queue[way].n)
		n = queue[way].n;
	for (unsigned i = 0; i < n; i++)
		leaves(way, queue[way].note[i]);
	queue[way].n -= n;
	memmove(queue[way].note, queue[way].note + n, queue[way].n * sizeof(struct note));
	atomic_fetch_add(&queue[way].done, n);
}

// A burst of the receiver: what stays leaves at its end.
static void burst(unsigned n, unsigned hashes)
{
	struct note here[32], out[WAYS][32];
	unsigned n_here = 0, n_out[WAYS] = {0};

	spread_burst(&s);
	for (unsigned i = 0; i < n; i++) {
		struct note m = {.hash = any(hashes)};
		const unsigned way = spread_way(&s, m.hash, now);

		m.number = ++given[m.hash];
		if (way == 0)
			here[n_here++] = m;
		else
			out[way][n_out[way]++] = m;
	}
	for (unsigned way = 1; way < WAYS; way++) {
		unsigned taken = 0;

		while (taken < n_out[way] && queue[way].n < ROOM)
			queue[way].note[queue[way].n++] = out[way][taken++];
		spread_back(&s, way, n_out[way] - taken);
		lost += n_out[way] - taken;
	}
	for (unsigned i = 0; i < n_here; i++)
		leaves(0, here[i]);
}

static void all_gone(void)
{
	for (unsigned way = 1; way < WAYS; way++)
		take(way, ROOM);
}

static void order(void **state)
{
	unsigned total = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		burst(any(33), i % 20000 < 10000 ? HASHES : 8);
		now += any(4);
		for (unsigned way = 1; way < WAYS; way++)
			if (any(way + 1) == 0)
				take(way, any(40));
		if (any(100) == 0)
			spread_wish(&s, any(WAYS), any(WAYS), any(300));
		if (any(1000) == 0)
			spread_even(&s);
		if (any(1000) == 0)
			spread_home(&s);
		if (any(50) == 0)
			spread_sweep(&s, now);
	}
	all_gone();
	for (unsigned i = 0; i < HASHES; i++)
		total += given[i];
	assert_int_equal(total, n_left[0] + n_left[1] + n_left[2] + n_left[3] + lost);
	for (unsigned way = 0; way < WAYS; way++)
		assert_true(n_left[way] > total / 100);
	assert_true(lost > 1000 && s.moved > 1000);
}

static void wishes_come_true(void **state)
{
	(void)state;
	spread_even(&s);
	assert_int_equal(spread_count(&s, 2), SPREAD_CELLS / WAYS);
	for (unsigned i = 0; i < 2000; i++, now++) {
		burst(16, HASHES);
		all_gone();
	}
	assert_int_equal(s.moved, SPREAD_CELLS - SPREAD_CELLS / WAYS);
	spread_wish(&s, 2, 0, SPREAD_CELLS);
	assert_int_equal(spread_count(&s, 2), 0);
	assert_int_equal(spread_count(&s, 0), SPREAD_CELLS / WAYS * 2);
	spread_home(&s);
	burst(32, HASHES);
	assert_false(spread_sweep(&s, now)); // some are under way
	all_gone();
	assert_false(spread_sweep(&s, now)); // too soon
	now += SETTLE;
	assert_true(spread_sweep(&s, now));
	for (unsigned way = 1; way < WAYS; way++)
		n_left[way] = 0;
	burst(32, HASHES);
	assert_true(spread_sweep(&s, now));
	all_gone();
	assert_int_equal(n_left[1] + n_left[2] + n_left[3], 0);
}

// Messages that did not get in never leave; their cells come home all the same.
static void full(void **state)
{
	(void)state;
	spread_wish(&s, 0, 1, SPREAD_CELLS);
	now += SETTLE;
	for (unsigned i = 0; i < 100; i++)
		burst(32, HASHES);
	assert_int_equal(queue[1].n, ROOM);
	assert_true(lost > 1000);
	spread_home(&s);
	now += SETTLE;
	assert_false(spread_sweep(&s, now));
	all_gone();
	assert_true(spread_sweep(&s, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(order, start),
	        cmocka_unit_test_setup(wishes_come_true, start),
	        cmocka_unit_test_setup(full, start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
