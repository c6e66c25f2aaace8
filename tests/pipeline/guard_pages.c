// Messages against unreadable pages (RELIABILITY T5) through all stages, with each scanner: nothing
// reads before or behind a datagram. Our own messages at every length, the corpus beside the
// project (where it is) whole.
#include "tests/unit/unit.h"
#include "tests/unit/corpus.h"
#include "tests/unit/guard.h"

#include "dataplane/sip/scan.h"
#include "tests/pipeline/open.h"
#include "tools/replay/inspect.h"

static const char *own_root;
static struct rig *rig;
static struct guard guard;
static struct addr phone;
static unsigned n_given;

static void give(const char *path, struct str bytes)
{
	static struct rig_result result;
	const char *wrong;

	if (!rig_send(rig, STR("access"), &phone, bytes, &result))
		fail_msg("%s: %s", path, result.fault);
	wrong = inspect(bytes, &phone, &result);
	if (wrong != NULL)
		fail_msg("%s, %zu bytes: %s", path, bytes.len, wrong);
	n_given++;
}

static void give_whole(const char *path, struct str bytes, void *arg)
{
	(void)arg;
	give(path, guard_copy(&guard, bytes));
	give(path, guard_copy_first(&guard, bytes));
}

static void give_cut(const char *path, struct str bytes, void *arg)
{
	(void)arg;
	for (size_t len = 0; len <= bytes.len; len += len < 2000 ? 1 : 97)
		give_whole(path, str_head(bytes, len), NULL);
}

// False when there are no files.
static bool with_each_scanner(const char *root, corpus_fn fn)
{
	bool any = false;

	for (const struct scan_variant *v = scan_variants; v->name != NULL; v++) {
		if (!v->usable())
			continue;
		scan_lines = v->lines;
		any |= corpus_walk(root, fn, NULL) > 0;
	}
	return any;
}

static void own(void **state)
{
	(void)state;
	assert_true(with_each_scanner(own_root, give_cut));
	print_message("%u inputs\n", n_given);
	assert_true(n_given > 1000);
}

static void corpus(void **state)
{
	(void)state;
	if (with_each_scanner(corpus_root(), give_whole))
		return;
	print_message("guard pages, corpus: skipped, no files under %s\n", corpus_root());
	skip();
}

static int start(void **state)
{
	struct error e = {0};

	(void)state;
	rig = rig_create(str_of(open_config), "guard", &e);
	if (rig == NULL)
		print_error("%s\n", e.text);
	return rig != NULL && guard_init(&guard) == 0 && addr_parse(STR("192.0.2.10:5062"), &phone)
	               ? 0
	               : -1;
}

static int stop(void **state)
{
	(void)state;
	if (rig != NULL)
		rig_destroy(rig);
	guard_fini(&guard);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(own),
	        cmocka_unit_test(corpus),
	};

	own_root = argc > 1 ? argv[1] : "tests/data";
	return cmocka_run_group_tests(tests, start, stop);
}
