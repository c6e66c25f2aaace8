// Proved sources: they are found while it is not too long ago, and the oldest makes room.
#include "tests/unit/unit.h"

#include "dataplane/live/known.h"

static void found_until_too_old(void **state)
{
	struct known *k = calloc(1, sizeof(*k));

	(void)state;
	assert_non_null(k);
	assert_false(known_has(k, 0, 0));
	assert_false(known_has(k, 12345, 0));
	known_add(k, 12345, 100);
	known_add(k, 0, 100);
	assert_true(known_has(k, 12345, 99));
	assert_true(known_has(k, 0, 99));
	assert_false(known_has(k, 12345, 100));
	known_add(k, 12345, 200);
	assert_true(known_has(k, 12345, 199));
	free(k);
}

static void oldest_makes_room(void **state)
{
	struct known *k = calloc(1, sizeof(*k));

	(void)state;
	assert_non_null(k);
	for (uint64_t i = 0; i < KNOWN_WAYS; i++)
		known_add(k, 7 + i * KNOWN_SETS, 10 + i);
	known_add(k, 7, 20); // heard of again
	known_add(k, 7 + 100 * KNOWN_SETS, 21);
	assert_true(known_has(k, 7, 1));
	assert_false(known_has(k, 7 + 1 * KNOWN_SETS, 1));
	for (uint64_t i = 2; i < KNOWN_WAYS; i++)
		assert_true(known_has(k, 7 + i * KNOWN_SETS, 1));
	assert_true(known_has(k, 7 + 100 * KNOWN_SETS, 1));
	free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(found_until_too_old),
	        cmocka_unit_test(oldest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
