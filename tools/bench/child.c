// Start and end of measured processes: see child.h.
#include "tools/bench/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dataplane/base/now.h"

// What the child gets of our descriptors, and what is ours of them.
struct ends {
	int in, out, errors; // of the child
	int our_in, our_out;
	int failed[2]; // a pipe that says errno when the program cannot be executed
};

// Where the kernel shares the cores out by session first, the priority of that is what counts
// against the rest of the machine.
static void raise_session(void)
{
	FILE *f = fopen("/proc/self/autogroup", "we");

	if (f == NULL)
		return;
	fputs("-20", f); // refused without rights: then as it is
	fclose(f);
}

void child_pin(int core, struct child_place *before)
{
	cpu_set_t set;

	static_assert(sizeof(set) == sizeof(before->mask), "room for the mask");
	sched_getaffinity(0, sizeof(before->mask), (cpu_set_t *)(void *)before->mask);
	before->nice = getpriority(PRIO_PROCESS, 0);
	CPU_ZERO(&set);
	if (core >= 0 && core < CPU_SETSIZE) {
		CPU_SET((size_t)core, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	setpriority(PRIO_PROCESS, 0, -20); // refused, too, without rights
}

void child_unpin(const struct child_place *before)
{
	sched_setaffinity(0, sizeof(before->mask), (const cpu_set_t *)(const void *)before->mask);
	setpriority(PRIO_PROCESS, 0, before->nice);
}

bool child_find(const char *program, char out[static 256])
{
	char places[2048];
	char *rest = places;

	snprintf(places, sizeof(places), "%s:/usr/local/sbin:/usr/sbin:/sbin",
	        getenv("PATH") != NULL ? getenv("PATH") : "/usr/bin:/bin");
	for (const char *place; (place = strsep(&rest, ":")) != NULL;) {
		snprintf(out, 256, "%s/%s", place, program);
		if (*place != '\0' && access(out, X_OK) == 0)
			return true;
	}
	return false;
}

static int open_terminal(struct ends *x)
{
	char name[64];
	const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0)
		return -1;
	x->our_out = master;
	if (grantpt(master) < 0 || unlockpt(master) < 0 ||
	        ptsname_r(master, name, sizeof(name)) != 0)
		return -1;
	x->out = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	x->errors = fcntl(x->out, F_DUPFD_CLOEXEC, 3);
	return x->out < 0 || x->errors < 0 ? -1 : 0;
}

static int open_log(const char *path)
{
	return open(
	        path != NULL ? path : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static int open_ends(struct ends *x, const struct child_plan *plan)
{
	int in[2];

	*x = (struct ends){-1, -1, -1, -1, -1, {-1, -1}};
	if (pipe2(x->failed, O_CLOEXEC) < 0)
		return -1;
	if (!plan->talks) {
		x->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		x->out = open_log(plan->log);
		x->errors = plan->errors != NULL ? open_log(plan->errors)
		                                 : fcntl(x->out, F_DUPFD_CLOEXEC, 3);
		return x->in < 0 || x->out < 0 || x->errors < 0 ? -1 : 0;
	}
	if (pipe2(in, O_CLOEXEC) < 0)
		return -1;
	x->in = in[0];
	x->our_in = in[1];
	return open_terminal(x);
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void be_child(const struct child_plan *plan, struct ends *x)
{
	struct child_place unused;
	char path[256];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	dup2(x->in, 0);
	dup2(x->out, 1);
	dup2(x->errors, 2);
	if (plan->core >= 0) {
		raise_session();
		child_pin(plan->core, &unused);
	}
	if (plan->argv != NULL) {
		const bool named = strchr(plan->argv[0], '/') == NULL;
		execv(named && child_find(plan->argv[0], path) ? path : plan->argv[0],
		        (char *const *)(uintptr_t)plan->argv);
	} else {
		close(x->failed[1]);
		_exit(plan->run(plan->arg));
	}
	const int error = errno;
	if (write(x->failed[1], &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

// First of its own process namespace; without rights for that a plain child.
static pid_t split(void)
{
	const pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);

	return pid < 0 ? fork() : pid;
}

int child_start(struct child *c, const struct child_plan *plan, struct error *e)
{
	struct ends x;
	int error = 0;

	*c = (struct child){0, -1, -1};
	fflush(NULL);
	if (open_ends(&x, plan) == 0) {
		c->pid = plan->core >= 0 ? split() : fork();
		if (c->pid == 0)
			be_child(plan, &x);
	}
	if (c->pid <= 0)
		error = errno;
	close_one(x.in);
	close_one(x.out);
	close_one(x.errors);
	close_one(x.failed[1]);
	c->in = x.our_in;
	c->out = x.our_out;
	if (error == 0 && read(x.failed[0], &error, sizeof(error)) <= 0)
		error = 0;
	close_one(x.failed[0]);
	if (error == 0)
		return 0;
	child_end(c, 0);
	return error_set(
	        e, "%s: %s", plan->argv != NULL ? plan->argv[0] : "a process", strerror(error));
}

static volatile pid_t session;

static void pass_on(int number)
{
	if (session > 0)
		kill(session, number);
}

static int wait_for_session(const sigset_t *mask)
{
	static const int passed[] = {SIGINT, SIGTERM, SIGHUP};
	const struct sigaction pass = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	int status = -1;

	for (unsigned i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		sigaction(passed[i], &pass, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	while (waitpid(session, &status, 0) < 0 && errno == EINTR)
		;
	session = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_session(int (*run)(void *arg), void *arg)
{
	sigset_t all, mask;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask); // none is lost in between
	fflush(NULL);
	session = fork();
	if (session == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		raise_session();
		sigprocmask(SIG_SETMASK, &mask, NULL);
		exit(run(arg));
	}
	if (session > 0)
		return wait_for_session(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return run(arg);
}

bool child_succeeds(const char *const *argv, const char *scratch)
{
	struct child c;
	char log[300];
	int status = -1;

	snprintf(log, sizeof(log), "%s/asked.log", scratch);
	if (child_start(&c, &(struct child_plan){.argv = argv, .core = -1, .log = log}, NULL) < 0)
		return false;
	waitpid(c.pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool child_alive(struct child *c)
{
	if (c->pid > 0 && waitpid(c->pid, NULL, WNOHANG) == c->pid)
		c->pid = 0;
	return c->pid > 0;
}

void child_last_words(const char *log, char out[static 200])
{
	char line[200];
	FILE *f = fopen(log, "re");

	out[0] = '\0';
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (line[0] != '\n')
			memcpy(out, line, sizeof(line));
	if (f != NULL)
		fclose(f);
	out[strcspn(out, "\n")] = '\0';
}

// What it still says must not keep it from ending.
static void wait_a_moment(int out)
{
	char unused[4096];
	struct pollfd p = {.fd = out, .events = POLLIN};

	if (poll(&p, 1, 10) > 0 &&
	        ((p.revents & POLLIN) == 0 || read(out, unused, sizeof(unused)) <= 0))
		poll(NULL, 0, 10);
}

void child_end(struct child *c, unsigned patience_ms)
{
	const uint64_t until = now_ns() + (uint64_t)patience_ms * 1000000;

	close_one(c->in);
	c->in = -1;
	if (child_alive(c) && patience_ms > 0)
		kill(c->pid, SIGTERM);
	while (now_ns() < until && child_alive(c))
		wait_a_moment(c->out);
	if (child_alive(c)) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
	}
	close_one(c->out);
	*c = (struct child){0, -1, -1};
}
