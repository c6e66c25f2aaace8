// Which directories spryd takes for itself.
#include "control/privilege.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void touch(const char *dir, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void take_away(const char *dir, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

static void an_empty_directory_may_be_taken(void **state)
{
	char dir[] = "/tmp/spry-privilege.XXXXXX";
	struct error e = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(privilege_may_give(dir, &e), 0);
	rmdir(dir);
}

static void other_peoples_files_stay_theirs(void **state)
{
	char dir[] = "/tmp/spry-privilege.XXXXXX";
	struct error e = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	touch(dir, "shadow");
	assert_int_equal(privilege_may_give(dir, &e), -1);
	assert_non_null(strstr(e.text, dir));
	take_away(dir, "shadow");
	touch(dir, ".hidden");
	assert_int_equal(privilege_may_give(dir, &e), -1);
	take_away(dir, ".hidden");
	rmdir(dir);
}

static void what_a_spryd_left_may_be_taken(void **state)
{
	char dir[] = "/tmp/spry-privilege.XXXXXX";
	struct error e = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	touch(dir, "commit-1.conf");
	touch(dir, "spryd.lock");
	assert_int_equal(privilege_may_give(dir, &e), 0);
	take_away(dir, "commit-1.conf");
	take_away(dir, "spryd.lock");
	rmdir(dir);
}

static void no_directory_is_an_error(void **state)
{
	struct error e = {0};

	(void)state;
	assert_int_equal(privilege_may_give("/nonexistent/dir", &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent/dir"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_empty_directory_may_be_taken),
	        cmocka_unit_test(other_peoples_files_stay_theirs),
	        cmocka_unit_test(what_a_spryd_left_may_be_taken),
	        cmocka_unit_test(no_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
