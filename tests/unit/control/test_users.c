// users: the table follows configuration and file; what is wrong with the file takes nobody away.
// The test plays the dataplane on the root page.
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/user_file.h"
#include "control/users.h"
#include "dataplane/base/now.h"

static char dir[64];

struct rig {
	struct event_base *base;
	struct region region;
	struct publish publish;
	struct users *users;
	unsigned n; // times done was called
	char note[600];
};

static void rig_open(struct rig *r)
{
	struct error e = {0};

	*r = (struct rig){.base = event_base_new()};
	if (region_create(&r->region, dir, false, NULL, &e) != 0 ||
	        publish_init(&r->publish, r->base, &r->region, &e) != 0)
		fail_msg("%s", e.text);
	r->users = users_create(r->base, &r->publish, dir, &e);
	assert_non_null(r->users);
}

static void rig_close(struct rig *r)
{
	users_destroy(r->users);
	publish_fini(&r->publish);
	event_base_free(r->base);
	region_detach(&r->region);
}

static int set_up(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/spry-test-users-XXXXXX");
	*state = calloc(1, sizeof(struct rig));
	if (mkdtemp(dir) == NULL)
		return -1;
	rig_open(*state);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"users.mdb", "users.lock", "users.new"};
	struct rig *r = *state;
	char path[128];

	rig_close(r);
	assert_int_equal(region_create(&r->region, dir, false, NULL, NULL), 0);
	for (size_t i = 0; i < unit_rows(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	region_remove(&r->region);
	free(r);
	return access(dir, F_OK) == 0 ? -1 : 0;
}

static void on_done(void *arg, const char *note)
{
	struct rig *r = arg;

	r->n++;
	snprintf(r->note, sizeof(r->note), "%s", note);
}

// Turns the loop until `ready`, 10 s at most.
static void turn(struct rig *r, bool (*ready)(struct rig *r))
{
	const uint64_t until = now_ns() + 10000000000ull;

	while (!ready(r) && now_ns() < until)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_true(ready(r));
}

static bool is_done(struct rig *r)
{
	return r->n > 0;
}

static bool is_idle(struct rig *r)
{
	struct users_status s;

	users_status(r->users, &s);
	return !s.busy;
}

static struct user_row row_of(const char *name, uint8_t fill)
{
	struct user_row row = {.name = strdup(name), .secret.known = 1};

	assert_true(user_split(str_of(row.name), &row.user, &row.realm));
	memset(row.secret.ha1[DIGEST_MD5], fill, 16);
	return row;
}

// The configuration has one user, whose hash is `fill`.
static void set_one(struct rig *r, const char *name, uint8_t fill)
{
	struct user_list list = {.row = calloc(1, sizeof(struct user_row)), .n = 1};

	list.row[0] = row_of(name, fill);
	r->n = 0;
	users_set(r->users, &list, on_done, r);
	turn(r, is_done);
	turn(r, is_idle);
}

static uint64_t wanted(const struct rig *r)
{
	return atomic_load(&r->region.root->wanted[ROOT_USERS]);
}

// First byte of the user's MD5 hash as a worker would find it, -1 when there is no such user.
static int lookup(struct rig *r, const char *name)
{
	const struct str name_realm[2] = {str_of(name), STR("example.com")};
	uint8_t ha1[DIGEST_BYTES_MAX];
	struct table_view view;
	struct error e = {0};
	size_t len;
	void *image = region_read_generation(&r->region, ROOT_USERS, wanted(r), &len, &e);

	if (image == NULL || table_open(&view, image, len, ROOT_USERS, &e) != 0)
		fail_msg("%s", e.text);
	bool real = user_ha1(&view, (struct hash_key){1, 2}, name_realm, DIGEST_MD5, ha1);
	free(image);
	return real ? ha1[0] : -1;
}

// The file: one user more, or a new file with him alone.
static void write_file(const char *key, uint8_t fill, bool anew)
{
	struct user_file *f = user_file_open(dir, true, anew, NULL);
	struct user_secret s = {.known = 1};

	assert_non_null(f);
	memset(s.ha1[DIGEST_MD5], fill, 16);
	assert_int_equal(user_file_put(f, str_of(key), &s, NULL), 0);
	assert_int_equal(user_file_commit(f, NULL), 0);
	user_file_close(f);
}

static uint64_t generation_before;

static bool is_newer(struct rig *r)
{
	return wanted(r) > generation_before && is_idle(r);
}

static void wait_newer(struct rig *r, uint64_t than)
{
	generation_before = than;
	turn(r, is_newer);
}

static bool has_problem(struct rig *r)
{
	struct users_status s;

	users_status(r->users, &s);
	return s.problem.text[0] != '\0';
}

static bool has_no_problem(struct rig *r)
{
	return !has_problem(r) && is_idle(r);
}

static void configuration_only(void **state)
{
	struct rig *r = *state;
	uint64_t first;

	set_one(r, "alice@example.com", 7);
	assert_string_equal(r->note, "");
	assert_int_equal(lookup(r, "alice"), 7);
	assert_int_equal(lookup(r, "bob"), -1);
	first = wanted(r);
	set_one(r, "alice@example.com", 7);
	assert_int_equal(wanted(r), first);
	set_one(r, "alice@example.com", 8);
	assert_int_equal(wanted(r), first + 1);
	assert_int_equal(lookup(r, "alice"), 8);
}

static void nobody_is_a_table_too(void **state)
{
	struct rig *r = *state;
	struct user_list none = {NULL, 0};

	users_set(r->users, &none, on_done, r);
	turn(r, is_done);
	assert_int_equal(wanted(r), 1);
	assert_int_equal(lookup(r, "alice"), -1);
}

static void file_is_followed(void **state)
{
	struct rig *r = *state;

	write_file("alice@example.com", 1, false);
	write_file("bob@example.com", 2, false);
	set_one(r, "alice@example.com", 7);
	assert_int_equal(lookup(r, "alice"), 7); // the configuration goes before the file
	assert_int_equal(lookup(r, "bob"), 2);
	write_file("carol@example.com", 3, false);
	wait_newer(r, wanted(r));
	assert_int_equal(lookup(r, "carol"), 3);
	write_file("dave@example.com", 4, true); // another file in its place
	wait_newer(r, wanted(r));
	assert_int_equal(lookup(r, "carol"), -1);
	assert_int_equal(lookup(r, "dave"), 4);
	assert_int_equal(lookup(r, "alice"), 7);
}

static void bad_file_takes_nobody_away(void **state)
{
	struct rig *r = *state;
	char path[128], moved[128];
	uint64_t before;

	write_file("bob@example.com", 2, false);
	set_one(r, "alice@example.com", 7);
	before = wanted(r);
	snprintf(path, sizeof(path), "%s/users.mdb", dir);
	snprintf(moved, sizeof(moved), "%s/users.new", dir);
	assert_int_equal(rename(path, moved), 0); // it is gone
	turn(r, has_problem);
	assert_int_equal(wanted(r), before);
	assert_int_equal(rename(moved, path), 0); // and back
	turn(r, has_no_problem);
	assert_int_equal(truncate(path, 5000), 0); // damaged
	turn(r, has_problem);
	set_one(r, "alice@example.com", 9);
	assert_non_null(strstr(r->note, "users stay as they were"));
	assert_int_equal(lookup(r, "alice"), 7);
	assert_int_equal(lookup(r, "bob"), 2);
	write_file("erin@example.com", 5, true); // repaired: what waited is taken up too
	turn(r, has_no_problem);
	assert_int_equal(lookup(r, "alice"), 9);
	assert_int_equal(lookup(r, "erin"), 5);
	assert_int_equal(lookup(r, "bob"), -1);
}

static void while_somebody_writes(void **state)
{
	struct rig *r = *state;
	struct user_file *f = user_file_open(dir, true, false, NULL);

	assert_non_null(f);
	set_one(r, "alice@example.com", 7);
	assert_non_null(strstr(r->note, "users follow"));
	assert_int_equal(wanted(r), 0);
	user_file_close(f);
	wait_newer(r, 0);
	assert_int_equal(lookup(r, "alice"), 7);
}

static void after_a_crash_nothing_new(void **state)
{
	struct rig *r = *state;
	uint64_t before;

	write_file("bob@example.com", 2, false);
	set_one(r, "alice@example.com", 7);
	before = wanted(r);
	rig_close(r);
	rig_open(r);
	set_one(r, "alice@example.com", 7);
	assert_int_equal(wanted(r), before); // the same table is not published again
	set_one(r, "alice@example.com", 8);
	assert_int_equal(wanted(r), before + 1);
}

static bool is_wanted(struct rig *r)
{
	return wanted(r) > generation_before;
}

// A table the dataplane refuses (it has no memory, say) leaves the one before.
static void refused(void **state)
{
	struct rig *r = *state;
	struct root *root = r->region.root;
	struct user_list list = {.row = calloc(1, sizeof(struct user_row)), .n = 1};
	uint64_t before;

	set_one(r, "alice@example.com", 7);
	before = wanted(r);
	atomic_store(&root->dataplane_pid, (uint32_t)getpid());
	atomic_store(&root->dataplane_beat_ns, now_ns());
	list.row[0] = row_of("bob@example.com", 1);
	r->n = 0;
	users_set(r->users, &list, on_done, r);
	generation_before = before;
	turn(r, is_wanted);
	snprintf(root->refused_text[ROOT_USERS], sizeof(root->refused_text[0]), "too tired");
	atomic_store(&root->refused[ROOT_USERS], wanted(r));
	turn(r, is_done);
	assert_string_equal(r->note, "users stay as they were: too tired\n");
	assert_int_equal(wanted(r), before);
	assert_int_equal(lookup(r, "alice"), 7);
	// also after a crash the number of the refused one is not used again
	rig_close(r);
	rig_open(r);
	atomic_store(&r->region.root->dataplane_pid, 0);
	set_one(r, "carol@example.com", 3);
	assert_int_equal(wanted(r), before + 2);
	assert_int_equal(lookup(r, "carol"), 3);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        ROW(configuration_only),
	        ROW(nobody_is_a_table_too),
	        ROW(file_is_followed),
	        ROW(bad_file_takes_nobody_away),
	        ROW(while_somebody_writes),
	        ROW(after_a_crash_nothing_new),
	        ROW(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
