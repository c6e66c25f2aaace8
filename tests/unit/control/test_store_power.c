// store: the power is cut at random points. LMDB's writes come by here on their way to the kernel;
// of those that were not yet followed by fdatasync a random part, torn at sectors, reaches the
// disk. What the journal had acknowledged must be there, and the file sound.
#include "tests/unit/control/stores.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum {
	AORS = 100,
	PUTS = 5000,
	BATCH = 20,
	CUTS = 250,
	DISK = 2 << 20,
	PENDING = 4096,
	SECTOR = 512,
};

struct pending {
	size_t at, len;
	char *bytes;
};

// What is on the platter, and what the kernel has not written yet. Of the store's thread.
static struct {
	bool recording;
	char bytes[DISK];
	size_t len;
	struct pending pending[PENDING];
	unsigned n;
	uint64_t acknowledged;
} disk;

// What a cut left.
static struct cut {
	char *bytes;
	size_t len;
	uint64_t acknowledged;
} cuts[CUTS];
static unsigned n_cuts;

static void put_bytes(char *to, size_t *len, const struct pending *p, bool torn)
{
	for (size_t i = 0; i < p->len; i += SECTOR) {
		const size_t n = p->len - i < SECTOR ? p->len - i : SECTOR;

		if (torn && rnd() % 3 == 0)
			continue;
		memcpy(to + p->at + i, p->bytes + i, n);
		*len = *len > p->at + i + n ? *len : p->at + i + n;
	}
}

// The power goes now, on one of so many occasions.
static void maybe_cut(unsigned one_of)
{
	struct cut *c = &cuts[n_cuts];

	if (n_cuts == CUTS || rnd() % one_of != 0)
		return;
	c->bytes = calloc(1, DISK);
	assert_non_null(c->bytes);
	memcpy(c->bytes, disk.bytes, disk.len);
	c->len = disk.len;
	c->acknowledged = disk.acknowledged;
	for (unsigned i = 0; i < disk.n; i++)
		if (rnd() % 4 != 0)
			put_bytes(c->bytes, &c->len, &disk.pending[i], rnd() % 4 == 0);
	n_cuts++;
}

static void settle(void)
{
	for (unsigned i = 0; i < disk.n; i++) {
		put_bytes(disk.bytes, &disk.len, &disk.pending[i], false);
		free(disk.pending[i].bytes);
	}
	disk.n = 0;
}

static void record(int fd, const char *bytes, size_t len, size_t at)
{
	struct pending *p = &disk.pending[disk.n];

	assert_true(disk.n < PENDING && at + len <= DISK);
	*p = (struct pending){at, len, malloc(len)};
	assert_non_null(p->bytes);
	memcpy(p->bytes, bytes, len);
	disk.n++;
	// LMDB's head goes through a descriptor that is synchronous.
	if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0) {
		maybe_cut(2);
		put_bytes(disk.bytes, &disk.len, p, false);
		free(p->bytes);
		disk.n--;
	}
	maybe_cut(10);
}

static bool is_file(int fd)
{
	struct stat st;

	return disk.recording && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

// In place of the C library's, also for liblmdb (which uses the name that our headers make pwrite64
// of).
ssize_t pwrite_seen(int fd, const void *bytes, size_t len, off_t at) __asm__("pwrite");

ssize_t pwrite_seen(int fd, const void *bytes, size_t len, off_t at)
{
	if (is_file(fd))
		record(fd, bytes, len, (size_t)at);
	return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	off_t at = lseek(fd, 0, SEEK_CUR);

	for (int i = 0; i < n && is_file(fd); at += (off_t)v[i++].iov_len)
		record(fd, v[i].iov_base, v[i].iov_len, (size_t)at);
	return syscall(SYS_writev, fd, v, n);
}

int fdatasync(int fd)
{
	maybe_cut(2);
	settle();
	maybe_cut(2);
	return (int)syscall(SYS_fdatasync, fd);
}

static void on_commit(void *arg, uint64_t records)
{
	(void)arg;
	disk.acknowledged = records;
}

static void write_all(void)
{
	struct store_options o = {.batch = BATCH, .batch_ms = 1000, .committed = on_commit};
	static struct seen seen;
	struct store *s;

	disk.recording = true;
	s = open_seen(o, &seen);
	for (uint32_t j = 1; j <= PUTS; j++) {
		put_number(s, j % AORS, j);
		if (j % BATCH == 0)
			assert_true(store_flush(s, LONG_MS));
	}
	store_close(s);
	disk.recording = false;
}

static void check(const struct cut *c)
{
	static struct seen seen;
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	struct store *s;

	assert_true(fd >= 0);
	assert_true(write(fd, c->bytes, c->len) == (ssize_t)c->len);
	close(fd);
	s = open_seen((struct store_options){0}, &seen);
	// A new file has heads that were never waited for, and nothing to lose.
	if (c->acknowledged > 0)
		assert_int_equal(status_of(s).set_aside, 0);
	assert_int_equal(status_of(s).damaged, 0);
	store_close(s);
	for (uint64_t j = c->acknowledged > AORS ? c->acknowledged - AORS + 1 : 1;
	        j <= c->acknowledged; j++)
		assert_true(seen.cseq[j % AORS] >= j);
}

static void power_cuts(void **state)
{
	unsigned between = 0;

	(void)state;
	write_all();
	assert_int_equal(n_cuts, CUTS);

	for (unsigned i = 0; i < n_cuts; i++) {
		check(&cuts[i]);
		between += cuts[i].acknowledged > 0;
		free(cuts[i].bytes);
	}
	assert_true(between > CUTS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(power_cuts, empty_dir),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
