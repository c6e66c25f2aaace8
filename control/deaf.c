// Makes the kernel deaf on an interface by nft(8): see deaf.h.
#include "control/deaf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NFT_TIMEOUT_MS = 3000 };

static int nft_spawn(int in, int out, pid_t *pid)
{
	static char *const argv[] = {"nft", "-f", "-", NULL};
	static char *const env[] = {"PATH=/usr/sbin:/sbin:/usr/bin:/bin", "LC_ALL=C", NULL};
	posix_spawn_file_actions_t fa;
	sigset_t none, pipes;
	posix_spawnattr_t attr;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE); // we ignore it, nft should not
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_adddup2(&fa, out, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipes);
	// A group of its own: Ctrl-C of a terminal ends spryd, which needs nft for that.
	posix_spawnattr_setflags(
	        &attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, "/usr/sbin/nft", &fa, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

// Status of the process, -1 when it did not end in time (it is killed then).
static int nft_wait(pid_t pid)
{
	int status = -1, fd = pidfd_open(pid, 0);
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (fd >= 0 && poll(&p, 1, NFT_TIMEOUT_MS) != 1)
		(void)kill(pid, SIGKILL);
	if (fd >= 0)
		close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int nft(const char *text, struct error *e)
{
	int in[2], out[2], rc, status;
	char said[200] = "";
	ssize_t n;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) != 0)
		return error_set(e, "pipe: %s", strerror(errno));
	if (pipe2(out, O_CLOEXEC | O_NONBLOCK) != 0) {
		close(in[0]);
		close(in[1]);
		return error_set(e, "pipe: %s", strerror(errno));
	}
	rc = nft_spawn(in[0], out[1], &pid);
	close(in[0]);
	close(out[1]);
	// A nft that ends without reading says why by its output.
	(void)!write(in[1], text, strlen(text));
	close(in[1]);
	status = rc == 0 ? nft_wait(pid) : 0;
	n = read(out[0], said, sizeof(said) - 1);
	close(out[0]);
	said[n > 0 ? strcspn(said, "\n") : 0] = '\0';
	if (rc != 0)
		return error_set(e, "nft (package nftables): %s", strerror(rc));
	return status == 0 ? 0 : error_set(e, "nft: %s", said[0] != '\0' ? said : "did not end");
}

int deaf_on(const char *name, const char *ifname, struct error *e)
{
	char text[512];

	// Adding before deleting makes the deletion work when it is not there yet; one transaction.
	snprintf(text, sizeof(text),
	        "table netdev %s {}\ndelete table netdev %s\n"
	        "table netdev %s {\nchain deaf {\ntype filter hook ingress device \"%s\" "
	        "priority -500; policy drop;\n}\n}\n",
	        name, name, name, ifname);
	return nft(text, e);
}

int deaf_off(const char *name, struct error *e)
{
	char text[128];

	snprintf(text, sizeof(text), "table netdev %s {}\ndelete table netdev %s\n", name, name);
	return nft(text, e);
}
