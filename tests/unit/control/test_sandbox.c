// The seccomp filter: what spryd does still works, what it must never do ends the process.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "control/sandbox.h"
#include "tests/unit/unit.h"

// Status of a child that enters the sandbox and then does something.
static int status_of(void (*act)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct error e;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || sandbox_enter(&e) != 0)
			_exit(99);
		act();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void work(void)
{
	int fd[2];

	if (pipe(fd) != 0 || write(fd[1], "x", 1) != 1)
		_exit(1);
	execl("/bin/true", "true", (char *)NULL);
	_exit(2);
}

static void trace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void mount_it(void)
{
	mount("none", "/nowhere", "tmpfs", 0, NULL);
}

static void leave_namespace(void)
{
	unshare(CLONE_NEWUSER);
}

static void ordinary_work_goes_on(void **state)
{
	(void)state;
	assert_int_equal(status_of(work), 0);
}

static void forbidden_calls_end_the_process(void **state)
{
	void (*const acts[])(void) = {trace, mount_it, leave_namespace};

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int status = status_of(acts[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ordinary_work_goes_on),
	        cmocka_unit_test(forbidden_calls_end_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
