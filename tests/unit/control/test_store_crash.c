// store: kill -9 of a writer at random points, a damaged file, a full disk.
#include "tests/unit/control/stores.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { KILLS = 100, ROUNDS = 150, PAGE = 4096 };

static void tell(void *arg, uint64_t records)
{
	(void)!write(*(int *)arg, &records, sizeof(records));
}

// Puts on and on, each AoR in its turn (never one that still waits), until it is killed.
static void write_on(uint32_t from, int to_parent)
{
	struct store_options o = {.batch = 20, .batch_ms = 1, .committed = tell, .arg = &to_parent};
	static struct seen seen;
	struct store *s = open_seen(o, &seen);

	for (uint32_t j = from;; j++) {
		put_number(s, j % ROOM, j);
		if (j % 500 == 0)
			store_flush(s, LONG_MS);
	}
}

// What the child had acknowledged when it died.
static uint64_t acknowledged(int fd)
{
	uint64_t records = 0;

	while (read(fd, &records, sizeof(records)) == (ssize_t)sizeof(records))
		;
	return records;
}

static void killed(void **state)
{
	static uint32_t durable[ROOM];
	static struct seen seen;
	uint32_t next = 1, made;

	(void)state;
	for (unsigned kill_n = 0; kill_n < KILLS; kill_n++) {
		int ends[2];
		pid_t pid;
		uint64_t n;

		assert_int_equal(pipe(ends), 0);
		pid = fork();
		if (pid == 0) {
			close(ends[0]);
			write_on(next, ends[1]);
		}
		close(ends[1]);
		usleep((useconds_t)(rnd() % 30000)); // the point, not a meeting
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		n = acknowledged(ends[0]);
		close(ends[0]);
		for (uint64_t i = 0; i < n; i++)
			durable[(next + i) % ROOM] = (uint32_t)(next + i);
		store_close(open_seen((struct store_options){0}, &seen));
		made = next + (uint32_t)n;
		for (unsigned i = 0; i < ROOM; i++) {
			assert_true(seen.cseq[i] >= durable[i]);
			made = seen.cseq[i] >= made ? seen.cseq[i] + 1 : made;
			durable[i] = seen.cseq[i];
		}
		next = made;
	}
	assert_true(next > 100); // something was written at all
}

static void read_all(char *bytes, size_t room, size_t *len)
{
	int fd = open(file, O_RDONLY);

	assert_true(fd >= 0);
	*len = (size_t)read(fd, bytes, room);
	assert_true(*len > 20 * PAGE && *len < room);
	close(fd);
}

static void write_all(const char *bytes, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

// Records of all kinds, and pages that became free.
static void make_file(void)
{
	struct store *s;
	static struct seen seen;

	s = open_seen((struct store_options){0}, &seen);
	for (uint32_t round = 1; round <= 4; round++) {
		for (unsigned i = 0; i < 400; i += round)
			put_number(s, i, round);
		assert_true(store_flush(s, LONG_MS));
	}
	for (unsigned i = 0; i < 400; i += 5) {
		char aor[40];

		snprintf(aor, sizeof(aor), "sip:u%u@example.com", i);
		store_put(s, str_of(aor), NULL, 0);
	}
	assert_true(store_flush(s, LONG_MS));
	store_close(s);
}

static void damage(char *bytes, size_t *len, unsigned round)
{
	unsigned flips = 1 + (unsigned)(rnd() % 8);

	if (round % 10 == 9) {
		*len = (size_t)(rnd() % *len);
		return;
	}
	while (flips-- > 0) {
		size_t at = (size_t)(rnd() % *len);

		if (round % 2 == 0) // where it hurts: the head of a page, its first nodes
			at = at / PAGE * PAGE + (size_t)(rnd() % 160);
		bytes[at] = (char)(bytes[at] ^ (1 << rnd() % 8));
	}
}

static void damaged(void **state)
{
	static char sound[1 << 21], bytes[1 << 21];
	static struct seen seen;
	unsigned aside = 0;
	size_t len, cut;

	(void)state;
	make_file();
	read_all(sound, sizeof(sound), &len);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct store *s;

		memcpy(bytes, sound, len);
		cut = len;
		damage(bytes, &cut, round);
		write_all(bytes, cut);
		s = open_seen((struct store_options){.backoff_ms = 1}, &seen);
		for (unsigned i = 1000; i < 1060; i++)
			put_number(s, i, 7);
		for (unsigned i = 0; i < 400; i += 7)
			put_number(s, i, 8);
		assert_true(store_flush(s, LONG_MS));
		aside += status_of(s).set_aside > 0;
		store_close(s);
		s = open_seen((struct store_options){0}, &seen);
		assert_int_equal(status_of(s).set_aside, 0); // what was written is sound
		for (unsigned i = 1000; i < 1060; i++)
			assert_int_equal(seen.cseq[i], 7);
		store_close(s);
	}
	assert_in_range(aside, ROUNDS / 10, ROUNDS);
}

// What can still be read of a damaged file is loaded.
static void salvaged(void **state)
{
	static char bytes[1 << 21];
	static struct seen seen;
	struct store *s;
	size_t len;

	(void)state;
	s = open_seen((struct store_options){0}, &seen);
	for (unsigned i = 0; i < 400; i++)
		put_number(s, i, 1);
	assert_true(store_flush(s, LONG_MS)); // the first transaction: no page is free
	store_close(s);
	read_all(bytes, sizeof(bytes), &len);
	for (size_t at = 2 * PAGE; at < len; at += PAGE) // one leaf
		if (bytes[at + 10] == 2) {
			bytes[at + 12] = 1;
			break;
		}
	write_all(bytes, len);
	s = open_seen((struct store_options){0}, &seen);
	assert_int_equal(status_of(s).set_aside, 1);
	assert_in_range(seen.records, 300, 399);
	assert_true(store_wants_sync(s));
	store_close(s);
	strcat(file, ".damaged");
	assert_int_equal(access(file, F_OK), 0);
	file[strlen(file) - strlen(".damaged")] = '\0';
}

static void await_failing(struct store *s, bool failing)
{
	const uint64_t until_ns = now_ns() + LONG_MS * 1000000ull;

	while (status_of(s).failing != failing && now_ns() < until_ns)
		usleep(1000);
	assert_int_equal(status_of(s).failing, failing);
}

// The disk has no room for 1,000 records; `more` makes it.
static void fill(const char *where, void (*more)(void))
{
	struct store_options o = {.dir = where, .queue = 3000, .batch_ms = 1, .backoff_ms = 1};
	static struct seen seen;
	struct store *s = open_seen(o, &seen);
	uint64_t lost = 0;

	for (unsigned i = 0; i < 1000; i++)
		assert_true(put_number(s, i, 1));
	await_failing(s, true);
	assert_true(status_of(s).last.text[0] != '\0');
	for (unsigned i = 0; i < ROOM; i++) // serving goes on, counted
		lost += !put_number(s, i, 2);
	assert_true(lost > 0);
	assert_int_equal(status_of(s).lost, lost);
	assert_false(store_wants_sync(s));
	more();
	await_failing(s, false);
	assert_true(store_flush(s, LONG_MS));
	assert_true(store_wants_sync(s));
	store_close(s);
	store_close(open_seen(o, &seen));
	assert_int_equal(seen.records, ROOM - lost);
}

static struct rlimit limit;

static void lift_limit(void)
{
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void file_limit(void **state)
{
	struct rlimit small;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 100 << 10;
	setrlimit(RLIMIT_FSIZE, &small);
	fill(dir, lift_limit);
}

static char filler[100];

static void remove_filler(void)
{
	unlink(filler);
}

static int in_tmpfs(void)
{
	static char zeros[8 << 20];
	int fd;

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	        mount("tmpfs", dir, "tmpfs", 0, "size=8m") != 0)
		return 77;
	snprintf(filler, sizeof(filler), "%s/filler", dir);
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, zeros, sizeof(zeros) - (128 << 10)) <= 0)
		return 1;
	close(fd);
	fill(dir, remove_filler);
	return 0;
}

// A file system of its own, in a mount namespace of its own: only root may.
static void disk_full(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(in_tmpfs());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(killed, empty_dir),
	        cmocka_unit_test_teardown(damaged, empty_dir),
	        cmocka_unit_test_teardown(salvaged, empty_dir),
	        cmocka_unit_test_teardown(file_limit, empty_dir),
	        cmocka_unit_test_teardown(disk_full, empty_dir),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
