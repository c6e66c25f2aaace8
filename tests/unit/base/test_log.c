// log: what reaches stderr, and the token bucket.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "dataplane/base/log.h"

static int saved_stderr;

// From here on stderr is a pipe; returns its reading end.
static int capture_start(void)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	saved_stderr = dup(STDERR_FILENO);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	close(fds[1]);
	return fds[0];
}

// Gives stderr back; out (n bytes of room) gets what was written.
static void capture_end(int fd, char *out, size_t n)
{
	ssize_t got;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	got = read(fd, out, n - 1);
	out[got > 0 ? got : 0] = '\0';
	close(fd);
}

static void lines(void **state)
{
	char text[4096];
	int fd = capture_start();

	(void)state;
	log_init("spry-test", LOG_LEVEL_WARNING);
	log_error("broken: %d", 5);
	log_info("not printed");
	log_warning("a\nb\033[2J\x7f");
	capture_end(fd, text, sizeof(text));
	assert_string_equal(text, "<3>spry-test: broken: 5\n<4>spry-test: a\\x0ab\\x1b[2J\\x7f\n");
}

static void cut_at_1k(void **state)
{
	char text[4096];
	int fd = capture_start();

	(void)state;
	log_init("spry-test", LOG_LEVEL_INFO);
	log_info("%03000d", 0);
	log_info("%s", "\001\001");
	capture_end(fd, text, sizeof(text));
	assert_int_equal(strchr(text, '\n') - text, 1023);
	assert_string_equal(text + 1024, "<6>spry-test: \\x01\\x01\n");
}

static void bucket(void **state)
{
	struct log_limit l = {.per_second = 2, .burst = 3};
	uint64_t at = 1000000000;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(log_limit_pass(&l, at));
	assert_false(log_limit_pass(&l, at));
	assert_false(log_limit_pass(&l, at + 499999999));
	assert_int_equal(l.suppressed, 2);
	assert_true(log_limit_pass(&l, at + 500000000));
	assert_false(log_limit_pass(&l, at + 500000001));
	// A long silence fills the bucket to its burst, not further.
	at += 3600000000000;
	for (int i = 0; i < 3; i++)
		assert_true(log_limit_pass(&l, at));
	assert_false(log_limit_pass(&l, at));
	// The clock of another core may be a little behind.
	assert_false(log_limit_pass(&l, at - 10));
}

static void bucket_keeps_fractions(void **state)
{
	struct log_limit l = {.per_second = 1, .burst = 1};
	unsigned passed = 0;

	(void)state;
	// Asked every 1.5 ms for 60 s.
	for (uint64_t at = 1000000; at < 60000000000; at += 1500000)
		passed += log_limit_pass(&l, at);
	assert_in_range(passed, 60, 61);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines),
	        cmocka_unit_test(cut_at_1k),
	        cmocka_unit_test(bucket),
	        cmocka_unit_test(bucket_keeps_fractions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
