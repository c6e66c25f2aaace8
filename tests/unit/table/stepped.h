// A child process that does something one instruction at a time (ptrace), under its parent's eyes.
#pragma once

#include "tests/unit/unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void (*stepped_fn)(const void *arg);

enum { STEPPED_REFUSED = 77 };

static inline void stepped_main(stepped_fn fn, const void *arg)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(errno == EPERM ? STEPPED_REFUSED : 1);
	raise(SIGSTOP);
	fn(arg);
	raise(SIGSTOP);
	_exit(1);
}

// Stopped before fn; skips the test where that is not permitted. The child ends with its parent.
static inline pid_t stepped_fork(stepped_fn fn, const void *arg)
{
	const pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		stepped_main(fn, arg);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STEPPED_REFUSED) {
		print_message("skipped: ptrace is not permitted here\n");
		skip();
	}
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_EXITKILL), 0);
	return child;
}

// One instruction; false when fn has ended.
static inline bool stepped_on(pid_t child)
{
	int status;

	assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSTOPPED(status));
	if (WSTOPSIG(status) == SIGSTOP)
		return false;
	assert_int_equal(WSTOPSIG(status), SIGTRAP);
	return true;
}

static inline void stepped_kill(pid_t child)
{
	int status;

	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

// Parent and child on one CPU from now on: each step goes from one to the other and back.
static inline void stepped_stay(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)sched_getcpu(), &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}
