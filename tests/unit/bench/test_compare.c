// The command line of `spry-bench compare`, and the rows of the table it works on.
#include "tools/bench/compare.h"

#include "tests/unit/unit.h"
#include "tools/bench/blast_message.h"
#include "tools/bench/peer.h"

static int run(const char *a, const char *b)
{
	char first[64], second[64], name[] = "compare";
	char *words[] = {name, first, b != NULL ? second : NULL, NULL};

	snprintf(first, sizeof(first), "%s", a);
	snprintf(second, sizeof(second), "%s", b != NULL ? b : "");
	return compare_main(b != NULL ? 3 : 2, words);
}

static void refuses(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
	        {"--only", "nobody"},
	        {"--only", "kernel,"},
	        {"--only", ""},
	        {"--runs", "0"},
	        {"--runs", "32"},
	        {"--runs", "x"},
	        {"--seconds", "0"},
	        {"--seconds", "601"},
	        {"--bindings", "0"},
	        {"--cores", "1"},
	        {"--cores", "0,"},
	        {"--cores", "0,99999"},
	        {"--huge", "1"},
	        {"--huge", "x"},
	        {"--runs", NULL},
	        {"--nonsense", NULL},
	        {"word", NULL},
	};

	for (unsigned i = 0; i < unit_rows(rows); i++)
		assert_int_equal(run(rows[i][0], rows[i][1]), 2);
}

static void tells(void **state)
{
	(void)state;
	assert_int_equal(run("--list", NULL), 0);
	assert_int_equal(run("--help", NULL), 0);
}

// Each row can be found, measured, compared, and got.
static void rows_are_whole(void **state)
{
	(void)state;
	bool ours[PEER_WIRE + 1] = {0};

	for (unsigned i = 0; i < peer_rows; i++) {
		const struct peer *p = &peer_row[i];

		assert_ptr_equal(peer_find(str_of(p->name)), p);
		assert_true(strlen(p->name) <= 23); // the table's column
		assert_non_null(p->what);
		assert_non_null(p->measure);
		assert_true((p->program == NULL) == (p->package == NULL));
		ours[p->kind] |= p->ours;
		if (p->measure == peer_socket)
			assert_int_not_equal(p->expect, 0); // nobody is only counted
	}
	assert_true(ours[PEER_FORWARD] && ours[PEER_LOOKUP]);
	assert_null(peer_find(STR("kern")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(refuses),
	        cmocka_unit_test(tells),
	        cmocka_unit_test(rows_are_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
