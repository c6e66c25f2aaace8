// A network namespace: see loopback.h.
#include "tools/bench/loopback.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool loopback_up(void)
{
	struct ifreq r = {.ifr_flags = IFF_UP};
	const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	strcpy(r.ifr_name, "lo");
	ok = s >= 0 && ioctl(s, SIOCSIFFLAGS, &r) == 0;
	if (s >= 0)
		close(s);
	return ok;
}

int loopback_enter(void)
{
	const int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (before < 0)
		return -1;
	if (unshare(CLONE_NEWNET) == 0) {
		if (loopback_up())
			return before;
		setns(before, CLONE_NEWNET);
	}
	close(before);
	return -1;
}

void loopback_leave(int before)
{
	if (before < 0)
		return;
	setns(before, CLONE_NEWNET);
	close(before);
}
