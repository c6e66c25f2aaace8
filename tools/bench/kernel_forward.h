// The least a proxy on the kernel's sockets can do: recvmmsg, sendmmsg, nothing between.
#pragma once

#include <stdint.h>

struct kernel_forward {
	uint16_t listen, to; // UDP ports on 127.0.0.1
	unsigned batch;      // at most KERNEL_FORWARD_MAX
};

enum { KERNEL_FORWARD_MAX = 64 };

// Forwards until the process is ended; a struct kernel_forward is wanted. Returns an exit status
// when it cannot even begin.
int kernel_forward(void *arg);
