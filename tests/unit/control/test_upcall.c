// upcall: what workers hand up is taken, and answers go back down, whoever saw first that another
// dataplane is there.
#include "tests/unit/unit.h"

#include "control/upcall.h"
#include "tests/unit/table/location_fixture.h"

enum { LOOPS_MAX = 1000 };

static struct location_fixture fixture; // for its region
static struct event_base *base;
static struct areas areas;
static struct upcall *upcall;
static unsigned taken;

static void take(void *arg, unsigned worker, const struct ring_message *head, const char *bytes)
{
	struct ring_message answer = {.len = 2};

	(void)arg;
	unit_str(((struct str){bytes, head->len}), "REGISTER");
	taken++;
	assert_true(upcall_send(upcall, worker, &answer, "OK"));
}

static int setup(void **state)
{
	struct error e = {0};

	(void)state;
	taken = 0;
	memset(&areas, 0, sizeof(areas));
	base = event_base_new();
	if (base == NULL || location_fixture_init(&fixture, 1000) != 0)
		return -1;
	areas.region = &fixture.region;
	upcall = upcall_create(base, &areas, NULL, &e);
	if (upcall == NULL)
		return -1;
	upcall_registrar(upcall, (struct upcall_registrar){.message = take});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	upcall_destroy(upcall);
	areas_clear(&areas);
	event_base_free(base);
	return location_fixture_fini(&fixture);
}

// A dataplane starts: its areas, then its number of workers.
static struct root_worker_area *start_dataplane(unsigned n)
{
	struct root *root = fixture.region.root;
	struct root_worker_area *first = NULL;
	struct error e = {0};

	atomic_store(&root->n_workers, 0);
	atomic_fetch_add(&root->dataplane_boot, 1);
	for (unsigned i = 0; i < n; i++) {
		struct root_worker_area *a = region_worker(&fixture.region, i, true, &e);

		assert_non_null(a);
		if (i == 0)
			first = a;
		else
			region_worker_unmap(a);
	}
	atomic_store(&root->n_workers, n);
	return first;
}

static void hand_up(struct root_worker_area *a)
{
	struct ring_message *m;
	struct ring punt;

	assert_true(ring_attach(&punt, a->punt, ROOT_PUNT_BYTES));
	m = ring_reserve(&punt, sizeof(*m) + 8);
	assert_non_null(m);
	*m = (struct ring_message){.len = 8, .ask = RING_REGISTER};
	memcpy(m->bytes, "REGISTER", 8);
	ring_publish(&punt, sizeof(*m) + 8);
}

static void loop_until(unsigned wanted)
{
	for (unsigned i = 0; i < LOOPS_MAX && taken < wanted; i++)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(taken, wanted);
}

static unsigned answers(struct root_worker_area *a)
{
	struct ring inject;
	uint32_t len;
	unsigned n = 0;

	assert_true(ring_attach(&inject, a->inject, ROOT_INJECT_BYTES));
	for (; ring_peek(&inject, &len, NULL) != NULL; n++)
		ring_pop(&inject);
	return n;
}

static void takes_and_answers(void **state)
{
	struct root_worker_area *a = start_dataplane(1);

	(void)state;
	hand_up(a);
	loop_until(1);
	assert_int_equal(answers(a), 1);
	region_worker_unmap(a);
}

// `show counters` maps new areas too, and may be the first: rings were then never taken up, and all
// REGISTERs answered 503 until spryd was started again.
static void follows_whoever_saw_them_first(void **state)
{
	struct root_worker_area *a;

	(void)state;
	for (unsigned boot = 1; boot <= 3; boot++) {
		a = start_dataplane(boot);
		areas_refresh(&areas);
		hand_up(a);
		loop_until(boot);
		assert_int_equal(answers(a), 1);
		region_worker_unmap(a);
	}
}

// The old mappings are gone: an answer must not be written there.
static void answers_by_the_new_rings(void **state)
{
	const struct ring_message answer = {.len = 2};
	struct root_worker_area *a = start_dataplane(1);

	(void)state;
	hand_up(a);
	loop_until(1);
	assert_int_equal(answers(a), 1);
	region_worker_unmap(a);
	a = start_dataplane(2);
	areas_refresh(&areas);
	assert_true(upcall_send(upcall, 0, &answer, "OK"));
	assert_int_equal(answers(a), 1);
	region_worker_unmap(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(takes_and_answers, setup, teardown),
	        cmocka_unit_test_setup_teardown(follows_whoever_saw_them_first, setup, teardown),
	        cmocka_unit_test_setup_teardown(answers_by_the_new_rings, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
