// The region in a directory of its own on tmpfs; nothing of it stays behind.
#include "tests/unit/table/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dataplane/table/root.h"

static char base[64], dir[96];

static int setup_dir(void **state)
{
	(void)state;
	snprintf(base, sizeof(base), "/dev/shm/spry-test-root.XXXXXX");
	if (mkdtemp(base) == NULL) {
		snprintf(base, sizeof(base), "/tmp/spry-test-root.XXXXXX");
		if (mkdtemp(base) == NULL)
			return -1;
	}
	snprintf(dir, sizeof(dir), "%s/run", base);
	return 0;
}

static int remove_dir(void **state)
{
	struct region r = {0};

	(void)state;
	snprintf(r.dir, sizeof(r.dir), "%s", dir);
	region_remove(&r);
	return rmdir(base);
}

static bool exists(const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static unsigned files_in_dir(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void create_attach_create_again(void **state)
{
	struct region control = {0}, dataplane, again;
	struct error e, huge;
	struct stat st;

	(void)state;
	assert_int_equal(region_attach(&dataplane, dir, &e), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(region_create(&control, dir, false, &huge, &e), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(region_attach(&dataplane, dir, &e), 0);
	atomic_store(&control.root->wanted[ROOT_CONFIG], 7);
	assert_int_equal(atomic_load(&dataplane.root->wanted[ROOT_CONFIG]), 7);
	atomic_store(&dataplane.root->acknowledged[ROOT_CONFIG], 7);
	region_detach(&control); // control dies and comes back
	assert_int_equal(region_create(&again, dir, false, NULL, &e), 0);
	assert_int_equal(atomic_load(&again.root->acknowledged[ROOT_CONFIG]), 7);
	assert_int_equal(atomic_load(&again.root->wanted[ROOT_CONFIG]), 7);
	assert_int_equal(files_in_dir(), 1);
	region_detach(&dataplane);
	region_remove(&again);
	assert_int_equal(access(dir, F_OK), -1);
}

static void another_layout_is_refused(void **state)
{
	struct region r, other;
	struct error e = {0};
	char path[160];

	(void)state;
	assert_int_equal(region_create(&r, dir, false, NULL, &e), 0);
	r.root->layout++;
	assert_int_equal(region_attach(&other, dir, &e), -1);
	assert_int_not_equal(errno, ENOENT);
	assert_non_null(strstr(e.text, "layout"));
	assert_int_equal(region_create(&other, dir, false, NULL, &e), -1);
	r.root->layout--;
	r.root->magic[0] = 'x';
	assert_int_equal(region_create(&other, dir, false, NULL, &e), -1);
	assert_non_null(strstr(e.text, "not a region"));
	snprintf(path, sizeof(path), "%s/root", dir);
	region_detach(&r);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(region_create(&other, dir, false, NULL, &e), -1);
	assert_non_null(strstr(e.text, "too short"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/hostname", path), 0); // never followed
	assert_int_equal(region_attach(&other, dir, &e), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(region_create(&r, dir, false, NULL, &e), 0);
	region_remove(&r);
}

static void worker_areas_outlive_their_maker(void **state)
{
	struct region r;
	struct error e;
	struct ring ring;
	uint32_t len;

	(void)state;
	assert_int_equal(region_create(&r, dir, false, NULL, &e), 0);
	assert_null(region_worker(&r, 0, false, &e));
	assert_int_equal(errno, ENOENT);
	assert_null(region_worker(&r, ROOT_WORKERS_MAX, true, &e));
	struct root_worker_area *a = region_worker(&r, 3, true, &e);
	assert_non_null(a);
	assert_int_equal((uintptr_t)a % 64, 0);
	assert_true(ring_attach(&ring, a->punt, ROOT_PUNT_BYTES));
	memcpy(ring_reserve(&ring, 5), "hello", 5);
	ring_publish(&ring, 5);
	a->stats.received = 9;
	region_worker_unmap(a);
	a = region_worker(&r, 3, true, &e);
	assert_non_null(a);
	assert_int_equal(a->stats.received, 9);
	struct root_worker_area *controls = region_worker(&r, 3, false, &e);
	assert_true(ring_attach(&ring, controls->punt, ROOT_PUNT_BYTES));
	assert_memory_equal(ring_peek(&ring, &len, NULL), "hello", 5);
	region_worker_unmap(controls);
	// Damaged: refused to who only opens, made anew by who makes.
	((struct ring_memory *)(void *)a->event)->bytes = 7;
	assert_null(region_worker(&r, 3, false, &e));
	assert_non_null(strstr(e.text, "damaged"));
	region_worker_unmap(a);
	a = region_worker(&r, 3, true, &e);
	assert_non_null(a);
	assert_int_equal(a->stats.received, 0);
	region_worker_unmap(a);
	assert_false(exists("tmp-worker-3"));
	// Counters in other rows: another version's.
	a = region_worker(&r, 3, true, &e);
	a->rows++;
	assert_null(region_worker(&r, 3, false, &e));
	region_worker_unmap(a);
	region_remove(&r);
	assert_int_equal(access(dir, F_OK), -1);
}

static void generations(void **state)
{
	char text[6400];
	struct region r;
	struct error e;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	assert_int_equal(region_create(&r, dir, false, NULL, &e), 0);
	assert_null(region_read_generation(&r, ROOT_CONFIG, 1, &len, &e));
	assert_int_equal(region_write_generation(&r, ROOT_CONFIG, 0, text, 1, &e), -1);
	for (uint64_t n = 8; n <= 12; n++) {
		assert_int_equal(
		        region_write_generation(&r, ROOT_CONFIG, n, text, sizeof(text), &e), 0);
		assert_int_equal(region_write_generation(&r, ROOT_NEXTHOP, n, text, 640, &e), 0);
	}
	void *image = region_read_generation(&r, ROOT_NEXTHOP, 9, &len, &e);
	assert_int_equal(len, 640);
	assert_memory_equal(image, text, len);
	assert_int_equal((uintptr_t)image % 64, 0);
	free(image);
	region_drop_generations(&r, ROOT_CONFIG, 11);
	assert_false(exists("gen-0-8") || exists("gen-0-9") || exists("gen-0-10"));
	assert_true(exists("gen-0-11") && exists("gen-0-12") && exists("gen-1-8"));
	assert_int_equal(files_in_dir(), 8);
	region_remove(&r);
	assert_int_equal(access(dir, F_OK), -1);
}

static void only_our_files_are_removed(void **state)
{
	struct region r;
	struct error e;
	char path[160];

	(void)state;
	assert_int_equal(region_create(&r, dir, false, NULL, &e), 0);
	snprintf(path, sizeof(path), "%s/spry.sock", dir);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	region_remove(&r);
	assert_true(exists("spry.sock"));
	assert_int_equal(files_in_dir(), 1);
	unlink(path);
	rmdir(dir);
}

// A process that makes everything over and over, killed at any moment: what it leaves can be
// opened.
static void make_for_ever(uint64_t start)
{
	static char image[200000];

	for (uint64_t n = start;; n++) {
		struct region r;

		memset(image, (int)n, sizeof(image));
		if (region_create(&r, dir, false, NULL, NULL) != 0)
			_exit(1);
		struct root_worker_area *a = region_worker(&r, (unsigned)(n % 4), true, NULL);
		if (a == NULL ||
		        region_write_generation(&r, ROOT_CONFIG, n, image, sizeof(image), NULL))
			_exit(2);
		atomic_store(&r.root->wanted[ROOT_CONFIG], n);
		region_drop_generations(&r, ROOT_CONFIG, n);
		region_worker_unmap(a);
		if (n % 3 == 0)
			region_remove(&r);
		else
			region_detach(&r);
	}
}

static void kills_leave_whole_files(void **state)
{
	uint64_t random = 4711;
	unsigned attached = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct region r;
		struct error e;
		size_t len;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			make_for_ever(1 + (uint64_t)i * 1000000);
		// A wait of random length, in turns of a loop that does what a reader does.
		for (uint64_t turns = next_random(&random) % 200; turns > 0; turns--)
			if (region_attach(&r, dir, &e) == 0)
				region_detach(&r);
		kill(pid, SIGKILL);
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status)); // it had no error of its own
		if (region_attach(&r, dir, &e) != 0) {
			assert_int_equal(errno, ENOENT);
			continue;
		}
		attached++;
		for (unsigned w = 0; w < 4; w++) {
			struct root_worker_area *a = region_worker(&r, w, false, &e);

			if (a == NULL)
				assert_int_equal(errno, ENOENT);
			region_worker_unmap(a);
		}
		uint64_t n = atomic_load(&r.root->wanted[ROOT_CONFIG]);
		char *image = region_read_generation(&r, ROOT_CONFIG, n, &len, &e);
		if (image != NULL) {
			assert_int_equal(len, 200000);
			for (size_t k = 0; k < len; k++)
				assert_int_equal(image[k], (char)n);
			free(image);
		}
		region_detach(&r);
	}
	assert_true(attached > 0);
	struct region r;
	assert_int_equal(region_create(&r, dir, false, NULL, NULL), 0);
	region_remove(&r);
	assert_int_equal(access(dir, F_OK), -1); // nothing but the region's files was left
}

static long huge_pages_free(void)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	long n = 0;

	if (f == NULL || fscanf(f, "%ld", &n) != 1)
		n = 0;
	if (f != NULL)
		fclose(f);
	return n;
}

static void huge_pages_or_the_reason(void **state)
{
	struct error e, huge = {0};
	struct region r;

	(void)state;
	assert_int_equal(region_create(&r, dir, true, &huge, &e), 0);
	bool mounted = strcmp(r.dir, r.huge_dir) != 0;
	if (!mounted)
		assert_true(huge.text[0] != 0);
	if (huge_pages_free() == 0)
		assert_false(mounted && huge.text[0] != 0);
	print_message("huge pages: %s\n", mounted ? "mounted" : huge.text);
	// More areas than pages: the last ones are on tmpfs, all of them work.
	for (unsigned w = 0; w < 8; w++) {
		struct root_worker_area *a = region_worker(&r, w, true, &e);

		if (a == NULL)
			fail_msg("worker %u: %s", w, e.text);
		memset(a->punt + sizeof(struct ring_memory), 1, ROOT_PUNT_BYTES);
		region_worker_unmap(a);
		a = region_worker(&r, w, false, &e);
		assert_non_null(a);
		assert_int_equal(a->punt[sizeof(struct ring_memory) + 5], 1);
		region_worker_unmap(a);
	}
	region_remove(&r);
	assert_int_equal(access(dir, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(create_attach_create_again),
	        cmocka_unit_test(another_layout_is_refused),
	        cmocka_unit_test(worker_areas_outlive_their_maker),
	        cmocka_unit_test(generations),
	        cmocka_unit_test(only_our_files_are_removed),
	        cmocka_unit_test(kills_leave_whole_files),
	        cmocka_unit_test(huge_pages_or_the_reason),
	};

	return cmocka_run_group_tests(tests, setup_dir, remove_dir);
}
