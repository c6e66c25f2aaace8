// Batches from one socket to another: see kernel_forward.h.
#include "tools/bench/kernel_forward.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { BUFFER = 8 << 20, DATAGRAM = 2048 };

static struct sockaddr_in at_port(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	        .sin_port = htons(port),
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_pair(const struct kernel_forward *k, int *in, int *out)
{
	const struct sockaddr_in here = at_port(k->listen), there = at_port(k->to);
	const int size = BUFFER;

	*in = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(*in, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(*out, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (bind(*in, (const struct sockaddr *)&here, sizeof(here)) < 0)
		return -1;
	// connected: the kernel looks the route up once
	return connect(*out, (const struct sockaddr *)&there, sizeof(there));
}

int kernel_forward(void *arg)
{
	static char bytes[KERNEL_FORWARD_MAX][DATAGRAM];
	const struct kernel_forward *k = arg;
	struct mmsghdr header[KERNEL_FORWARD_MAX] = {0};
	struct iovec piece[KERNEL_FORWARD_MAX];
	int in, out;

	if (k->batch == 0 || k->batch > KERNEL_FORWARD_MAX || open_pair(k, &in, &out) < 0) {
		perror("kernel_forward");
		return 1;
	}
	for (;;) {
		for (unsigned i = 0; i < k->batch; i++) {
			piece[i] = (struct iovec){bytes[i], DATAGRAM};
			header[i].msg_hdr = (struct msghdr){.msg_iov = &piece[i], .msg_iovlen = 1};
		}
		const int n = recvmmsg(in, header, k->batch, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++)
			piece[i].iov_len = header[i].msg_len;
		if (n > 0)
			sendmmsg(out, header, (unsigned)n, 0);
	}
}
