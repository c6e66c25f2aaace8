// user_file: what is put is found, by transaction; damage is found, and what can be read is read.
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/user_file.h"

static char dir[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/spry-test-user-file-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"users.mdb", "users.lock", "users.new"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < unit_rows(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

static struct user_secret secret_of(unsigned n, uint8_t known)
{
	struct user_secret s = {.known = known};

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		memset(s.ha1[a], (int)(n + a), digest_bytes((enum digest_algorithm)a));
	return s;
}

static struct user_file *open_file(bool write, bool anew)
{
	struct error e = {0};
	struct user_file *f = user_file_open(dir, write, anew, &e);

	if (f == NULL)
		fail_msg("%s", e.text);
	return f;
}

static void put(struct user_file *f, const char *key, unsigned n, uint8_t known)
{
	struct user_secret s = secret_of(n, known);
	struct error e = {0};

	if (user_file_put(f, str_of(key), &s, &e) != 0)
		fail_msg("%s", e.text);
}

// Users a to j, committed.
static void ten(void)
{
	struct user_file *f = open_file(true, false);
	char key[] = "a@example.com";

	for (unsigned i = 0; i < 10; i++, key[0]++)
		put(f, key, i, (uint8_t)(1 + i % 7));
	assert_int_equal(user_file_commit(f, NULL), 0);
	user_file_close(f);
}

struct seen {
	unsigned n;
	char names[64];
	struct user_secret last;
};

static bool see(void *arg, struct str name, struct str realm, const struct user_secret *s)
{
	struct seen *seen = arg;

	assert_true(str_eq(realm, STR("example.com")));
	seen->names[seen->n++] = name.p[0];
	seen->last = *s;
	return true;
}

static enum user_file_state read_all(struct seen *seen, struct user_file_found *found)
{
	struct error e = {0};

	*seen = (struct seen){0};
	return user_file_read(dir, see, seen, found, &e);
}

static void put_and_read(void **state)
{
	struct user_file_found found;
	struct user_secret want = secret_of(9, 3);
	struct seen seen;

	(void)state;
	assert_int_equal(read_all(&seen, &found), USER_FILE_MISSING);
	ten();
	assert_int_equal(read_all(&seen, &found), USER_FILE_SOUND);
	assert_int_equal(seen.n, 10);
	assert_int_equal(found.users, 10);
	assert_string_equal(seen.names, "abcdefghij");
	assert_int_equal(seen.last.known, 3);
	assert_memory_equal(seen.last.ha1[0], want.ha1[0], 16);
	assert_memory_equal(seen.last.ha1[1], want.ha1[1], 32);
}

static void by_prefix(void **state)
{
	struct seen seen = {0};
	struct user_file *f;

	(void)state;
	ten();
	f = open_file(false, false);
	assert_int_equal(user_file_count(f), 10);
	assert_int_equal(user_file_each(f, STR("d@ex"), see, &seen, NULL), 0);
	assert_string_equal(seen.names, "d");
	assert_int_equal(user_file_each(f, STR("zz"), see, &seen, NULL), 0);
	assert_int_equal(seen.n, 1);
	user_file_close(f);
}

// Closed without a commit nothing has happened, with --replace neither.
static void all_or_nothing(void **state)
{
	struct user_file_found found;
	struct user_file *f;
	struct seen seen;

	(void)state;
	ten();
	f = open_file(true, false);
	assert_int_equal(user_file_delete(f, STR("c@example.com"), NULL), 0);
	assert_int_equal(user_file_delete(f, STR("c@example.com"), NULL), 1);
	user_file_close(f);
	f = open_file(true, true);
	put(f, "x@example.com", 1, 1);
	user_file_close(f);
	assert_int_equal(read_all(&seen, &found), USER_FILE_SOUND);
	assert_string_equal(seen.names, "abcdefghij");
	f = open_file(true, false);
	assert_int_equal(user_file_delete(f, STR("c@example.com"), NULL), 0);
	assert_int_equal(user_file_commit(f, NULL), 0);
	user_file_close(f);
	read_all(&seen, &found);
	assert_string_equal(seen.names, "abdefghij");
	f = open_file(true, true);
	put(f, "x@example.com", 1, 1);
	assert_int_equal(user_file_commit(f, NULL), 0);
	user_file_close(f);
	read_all(&seen, &found);
	assert_string_equal(seen.names, "x");
}

// A writer that is killed leaves the file as it was, and no lock.
static void killed_writer(void **state)
{
	struct user_file_found found;
	struct seen seen;
	int status;
	pid_t pid;

	(void)state;
	ten();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct user_file *f = user_file_open(dir, true, false, NULL);
		struct user_secret s = secret_of(1, 1);

		for (unsigned i = 0; f != NULL && i < 20000; i++) {
			char key[64];

			snprintf(key, sizeof(key), "%u@example.com", i);
			(void)user_file_put(f, str_of(key), &s, NULL);
		}
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(read_all(&seen, &found), USER_FILE_SOUND);
	assert_string_equal(seen.names, "abcdefghij");
	user_file_close(open_file(true, false));
}

static void busy(void **state)
{
	struct user_file_found found;
	struct user_file *f;
	struct seen seen;

	(void)state;
	ten();
	f = open_file(true, false);
	assert_int_equal(read_all(&seen, &found), USER_FILE_BUSY);
	user_file_close(f);
	assert_int_equal(read_all(&seen, &found), USER_FILE_SOUND);
}

// Every byte of the file flipped: never a wrong hash, and no crash.
static void damaged(void **state)
{
	char path[128], whole[65536];
	struct user_file_found found;
	struct error e = {0};
	struct seen seen;
	unsigned noticed = 0;
	ssize_t len;
	int fd;

	(void)state;
	ten();
	snprintf(path, sizeof(path), "%s/users.mdb", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	len = pread(fd, whole, sizeof(whole), 0);
	assert_true(len > 4096 && len < (ssize_t)sizeof(whole));
	for (off_t at = 0; at < len; at++) {
		char flipped = (char)(whole[at] ^ 0x5a);

		assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
		enum user_file_state s = read_all(&seen, &found);
		noticed += s != USER_FILE_SOUND;
		for (unsigned i = 0; i < seen.n; i++)
			assert_non_null(strchr("abcdefghij", seen.names[i]));
		assert_int_equal(pwrite(fd, &whole[at], 1, at), 1);
	}
	assert_true(noticed > 500);
	assert_int_equal(ftruncate(fd, len / 2), 0);
	assert_int_not_equal(read_all(&seen, &found), USER_FILE_SOUND);
	assert_null(user_file_open(dir, true, false, &e));
	assert_non_null(strstr(e.text, "users.mdb"));
	close(fd);
	// anew it begins
	struct user_file *f = open_file(true, true);
	put(f, "x@example.com", 1, 1);
	assert_int_equal(user_file_commit(f, NULL), 0);
	user_file_close(f);
	assert_int_equal(read_all(&seen, &found), USER_FILE_SOUND);
}

static void keys(void **state)
{
	static const struct {
		const char *name, *realm, *key;
	} rows[] = {
	        {"alice", "Example.COM", "alice@example.com"},
	        {"Alice", "example.com", "Alice@example.com"},
	        {"a@b", "example.com", "a@b@example.com"},
	        {"", "example.com", NULL},
	        {"alice", "", NULL},
	        {"al:ice", "example.com", NULL},
	        {"alice", "exa mple", NULL},
	        {"alice\r\nx", "example.com", NULL},
	};
	char key[USER_FILE_KEY_MAX + 1], longest[USER_FILE_KEY_MAX + 2];
	size_t at;

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		bool ok = user_file_key(str_of(rows[i].name), str_of(rows[i].realm), key, &at);

		assert_int_equal(ok, rows[i].key != NULL);
		if (!ok)
			continue;
		assert_string_equal(key, rows[i].key);
		assert_int_equal(at, strlen(rows[i].name) + 1);
	}
	assert_false(user_file_key(STR_NONE, STR_NONE, key, &at));
	memset(longest, 'a', sizeof(longest));
	assert_true(user_file_key((struct str){longest, USER_FILE_NAME_MAX},
	        (struct str){longest, DIGEST_REALM_MAX}, key, &at));
	assert_false(user_file_key((struct str){longest, USER_FILE_NAME_MAX + 1},
	        (struct str){longest, DIGEST_REALM_MAX}, key, &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(put_and_read, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(by_prefix, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(all_or_nothing, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(killed_writer, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(busy, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
	        cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
