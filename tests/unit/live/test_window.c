// Nonce counts: each is taken once, the very same request again for 32 seconds, and nothing that
// had to be forgotten is taken anew.
#include "dataplane/live/window.h"
#include "tests/unit/unit.h"

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct window));
	return *state == NULL;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static bool take(struct window *w, uint32_t count, uint64_t request, uint64_t now_ms)
{
	struct window_use u = {
	        .tag = 77, .made_ms = 1000, .now_ms = now_ms, .count = count, .request = request};

	return window_take(w, &u);
}

static void each_count_once(void **state)
{
	struct window *w = *state;

	assert_true(take(w, 2, 20, 1000));
	assert_true(take(w, 1, 10, 1000)); // overtaken
	assert_false(take(w, 1, 11, 1000));
	assert_false(take(w, 2, 21, 1000));
	assert_true(take(w, 65, 30, 1000));
	assert_false(take(w, 1, 10, 1000)); // too far behind
	assert_false(take(w, 2, 20, 1000));
	for (uint32_t count = 3; count < 65; count++) {
		assert_true(take(w, count, 1, 1000));
		assert_false(take(w, count, 1, 1000));
	}
	assert_true(take(w, UINT32_MAX, 40, 1000));
	assert_false(take(w, 65, 30, 1000));
	assert_true(take(w, UINT32_MAX - 1, 40, 1000));
}

static void a_retransmission_is_no_replay(void **state)
{
	struct window *w = *state;

	assert_true(take(w, 1, 10, 1000));
	assert_true(take(w, 1, 10, 1500));
	assert_true(take(w, 1, 10, 33000));
	assert_false(take(w, 1, 10, 33001));
	assert_false(take(w, 1, 11, 1500)); // the count, but another request
}

// More nonces than there is room for: no count is taken twice, whatever is forgotten.
static void what_was_forgotten_is_refused(void **state)
{
	struct window *w = *state;
	const unsigned n = WINDOW_WAYS + 3;
	struct window_use u = {.now_ms = 5000, .count = 1, .request = 1};
	unsigned again = 0;

	for (unsigned i = 0; i < n; i++) {
		u.tag = 5 + (uint64_t)i * WINDOW_SETS; // all in one set
		u.made_ms = 2000 + i;
		assert_true(window_take(w, &u));
	}
	u.now_ms = 60000; // no retransmission any more
	for (unsigned i = 0; i < n; i++) {
		u.tag = 5 + (uint64_t)i * WINDOW_SETS;
		u.made_ms = 2000 + i;
		again += window_take(w, &u);
	}
	assert_int_equal(again, 0);
	u.tag = 5 + (uint64_t)n * WINDOW_SETS;
	u.made_ms = 3000;
	assert_true(window_take(w, &u));
	// what is too old to be taken makes room without a trace
	u.oldest_ms = 4000;
	u.made_ms = 4500;
	for (unsigned i = 0; i < WINDOW_WAYS; i++) {
		u.tag = 5 + (uint64_t)(100 + i) * WINDOW_SETS;
		assert_true(window_take(w, &u));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(each_count_once, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_retransmission_is_no_replay, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_was_forgotten_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
