// A child that stays root to unmount the huge pages: see janitor.h.
#include "control/janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dataplane/table/region.h"

// Keeps nothing open but the pipe: the lock of the pid file, above all, must end with spryd.
static _Noreturn void serve(int fd, struct region *r)
{
	ssize_t n;
	char order;

	if (dup2(fd, 0) != 0)
		_exit(1);
	(void)close_range(1, ~0u, 0);
	(void)signal(SIGINT, SIG_IGN); // of the terminal's group: the order comes by the pipe
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	do
		n = read(0, &order, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		region_huge_unmount(r);
	_exit(0);
}

int janitor_start(struct janitor *j, struct region *r, struct error *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(e, "pipe: %s", strerror(errno));
	j->pid = fork();
	if (j->pid == 0) {
		close(ends[1]);
		serve(ends[0], r);
	}
	close(ends[0]);
	if (j->pid < 0) {
		close(ends[1]);
		return error_set(e, "fork: %s", strerror(errno));
	}
	j->fd = ends[1];
	return 0;
}

void janitor_clean(struct janitor *j)
{
	if (j->fd == 0)
		return;
	(void)!write(j->fd, "u", 1);
	close(j->fd);
	j->fd = 0;
	while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
