#include "tests/unit/table/image.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "dataplane/table/ring.h"

enum { BYTES = 4096, KILLS = 120 };

static struct ring_memory *memory_new(void)
{
	void *m = mmap(NULL, sizeof(struct ring_memory) + BYTES, PROT_READ | PROT_WRITE,
	        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(m != MAP_FAILED);
	ring_init(m, BYTES);
	return m;
}

static void memory_free(struct ring_memory *m)
{
	munmap(m, sizeof(*m) + BYTES);
}

// Record number n: its length and every byte follow from n.
static uint32_t record_len(uint64_t n)
{
	return 8 + (uint32_t)(n * 7919 % 600);
}

static void record_fill(uint8_t *p, uint64_t n)
{
	memcpy(p, &n, sizeof(n));
	for (uint32_t i = 8; i < record_len(n); i++)
		p[i] = (uint8_t)(n + i);
}

static bool record_is(const uint8_t *p, uint32_t len, uint64_t n)
{
	uint8_t whole[8 + 600];

	record_fill(whole, n);
	return len == record_len(n) && memcmp(p, whole, len) == 0;
}

static void records_come_in_order(void **state)
{
	struct ring_memory *m = memory_new();
	struct ring in, out;
	uint64_t put = 0, got = 0, corrupt = 0;
	uint32_t len;

	(void)state;
	assert_true(ring_attach(&in, m, BYTES) && ring_attach(&out, m, BYTES));
	assert_null(ring_peek(&out, &len, &corrupt));
	while (got < 5000) {
		void *p;

		while ((p = ring_reserve(&in, record_len(put))) != NULL) {
			assert_int_equal((uintptr_t)p % 16, 0);
			record_fill(p, put);
			ring_publish(&in, record_len(put++));
		}
		assert_true(put > got);
		for (uint64_t until = got + 1 + (put - got) / 2; got < until; got++) {
			const void *q = ring_peek(&out, &len, &corrupt);

			assert_non_null(q);
			assert_true(record_is(q, len, got));
			ring_pop(&out);
		}
	}
	assert_int_equal(corrupt, 0);
	memory_free(m);
}

static void limits(void **state)
{
	struct ring_memory *m = memory_new();
	struct ring r;
	uint32_t len;

	(void)state;
	assert_true(ring_attach(&r, m, BYTES));
	assert_null(ring_reserve(&r, ring_record_max(BYTES) + 1));
	assert_null(ring_reserve(&r, UINT32_MAX));
	// The longest record always fits an empty ring, wherever the ring stands.
	for (unsigned i = 0; i < 300; i++) {
		assert_non_null(ring_reserve(&r, ring_record_max(BYTES)));
		ring_publish(&r, i % 3 == 0 ? 16 : ring_record_max(BYTES));
		assert_non_null(ring_peek(&r, &len, NULL));
		assert_int_equal(len, i % 3 == 0 ? 16 : ring_record_max(BYTES));
		ring_pop(&r);
		ring_pop(&r); // a second one has nothing to give back
		assert_null(ring_peek(&r, &len, NULL));
	}
	ring_publish(&r, 8); // nothing reserved
	assert_null(ring_peek(&r, &len, NULL));
	memory_free(m);
}

static void a_corrupt_ring_is_emptied_once(void **state)
{
	static const uint64_t bad_heads[] = {8, BYTES + 16, UINT64_MAX - 15, 1u << 31};
	struct ring_memory *m = memory_new();
	uint64_t corrupt = 0;
	struct ring in, out;
	uint32_t len;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		ring_init(m, BYTES);
		assert_true(ring_attach(&in, m, BYTES) && ring_attach(&out, m, BYTES));
		atomic_store(&m->head, bad_heads[i]);
		assert_null(ring_peek(&out, &len, &corrupt));
		assert_int_equal(corrupt, i + 1);
		assert_null(ring_peek(&out, &len, &corrupt));
		assert_int_equal(corrupt, i + 1);
	}
	// A record whose length leads out of the ring, or is an old one's.
	ring_init(m, BYTES);
	assert_true(ring_attach(&in, m, BYTES) && ring_attach(&out, m, BYTES));
	for (unsigned i = 0; i < 2; i++) {
		uint32_t *record = ring_reserve(&in, 100);

		ring_publish(&in, 100);
		record[i == 0 ? -4 : -2] = 0x7ffffff0; // len; low half of `at`
		corrupt = 0;
		assert_null(ring_peek(&out, &len, &corrupt));
		assert_int_equal(corrupt, 1);
		assert_non_null(ring_reserve(&in, 20));
		ring_publish(&in, 20);
		assert_non_null(ring_peek(&out, &len, &corrupt));
		assert_int_equal(len, 20);
		ring_pop(&out);
	}
	memory_free(m);
}

static void what_the_other_side_says_of_the_size_is_ignored(void **state)
{
	struct ring_memory *m = memory_new();
	struct ring r;
	uint32_t len;

	(void)state;
	assert_true(ring_attach(&r, m, BYTES));
	m->bytes = 1u << 30;
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t *p = ring_reserve(&r, 500);

		assert_true(p >= m->data && p + 500 <= m->data + BYTES);
		ring_publish(&r, 500);
		assert_non_null(ring_peek(&r, &len, NULL));
		ring_pop(&r);
	}
	assert_false(ring_attach(&r, m, BYTES));
	assert_null(ring_reserve(&r, 8)); // a handle that did not attach refuses
	assert_null(ring_peek(&r, &len, NULL));
	memory_free(m);
}

// The producer of the kill test: goes on where the record after the newest published one is.
static void produce(struct ring_memory *m, _Atomic uint64_t *next)
{
	struct ring r;

	if (!ring_attach(&r, m, BYTES))
		_exit(1);
	for (;;) {
		uint64_t n = atomic_load(next);
		uint8_t *p = ring_reserve(&r, record_len(n));

		if (p == NULL)
			continue;
		record_fill(p, n);
		ring_publish(&r, record_len(n));
		// Killed here, the next producer writes n again: the consumer sees one repeat.
		atomic_store(next, n + 1);
	}
}

static void a_killed_producer_leaves_whole_records(void **state)
{
	struct ring_memory *m = memory_new();
	_Atomic uint64_t *next =
	        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t expected = 0, corrupt = 0, repeats = 0, random = 88172645463325252u;
	struct ring r;
	uint32_t len;

	(void)state;
	assert_true((void *)next != MAP_FAILED && ring_attach(&r, m, BYTES));
	for (unsigned kill_number = 0; kill_number < KILLS; kill_number++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			produce(m, next);
		uint64_t until = expected + 1 + next_random(&random) % 300;
		uint64_t give_up = now_ns() + 5000000000u;
		bool killed = false;
		for (;;) {
			const uint8_t *p = ring_peek(&r, &len, &corrupt);

			if (p == NULL && killed)
				break;
			if (!killed && (expected >= until || now_ns() > give_up)) {
				kill(pid, SIGKILL);
				assert_int_equal(waitpid(pid, NULL, 0), pid);
				killed = true;
			}
			if (p == NULL)
				continue;
			if (expected > 0 && record_is(p, len, expected - 1)) {
				repeats++;
			} else {
				assert_true(record_is(p, len, expected));
				expected++;
			}
			ring_pop(&r);
		}
		assert_true(expected >= until);
	}
	assert_int_equal(corrupt, 0);
	assert_true(repeats <= KILLS);
	munmap(next, 4096);
	memory_free(m);
}

static void a_killed_consumer_is_followed_by_another(void **state)
{
	struct ring_memory *m = memory_new();
	_Atomic uint64_t *bad =
	        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t put = 0;
	struct ring r;

	(void)state;
	assert_true((void *)bad != MAP_FAILED && ring_attach(&r, m, BYTES));
	for (unsigned i = 0; i < 30; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct ring out;
			uint64_t corrupt = 0;
			uint32_t len;

			if (!ring_attach(&out, m, BYTES))
				atomic_fetch_add(bad, 1);
			for (;;) {
				const uint8_t *p = ring_peek(&out, &len, &corrupt);
				uint64_t n;

				if (corrupt > 0)
					atomic_fetch_add(bad, 1);
				if (p == NULL)
					continue;
				memcpy(&n, p, sizeof(n));
				if (!record_is(p, len, n))
					atomic_fetch_add(bad, 1);
				ring_pop(&out);
			}
		}
		uint64_t give_up = now_ns() + 5000000000u;
		for (uint64_t until = put + 200; put < until && now_ns() < give_up;) {
			uint8_t *p = ring_reserve(&r, record_len(put));

			if (p == NULL)
				continue;
			record_fill(p, put);
			ring_publish(&r, record_len(put++));
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	assert_int_equal(put, 30 * 200);
	assert_int_equal(atomic_load(bad), 0);
	munmap(bad, 4096);
	memory_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(records_come_in_order),
	        cmocka_unit_test(limits),
	        cmocka_unit_test(a_corrupt_ring_is_emptied_once),
	        cmocka_unit_test(what_the_other_side_says_of_the_size_is_ignored),
	        cmocka_unit_test(a_killed_producer_leaves_whole_records),
	        cmocka_unit_test(a_killed_consumer_is_followed_by_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
