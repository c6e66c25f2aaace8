// What spryd can never ask the kernel for again once it serves (DESIGN §2).
#pragma once

#include "dataplane/base/error.h"

// Loads a seccomp filter for all threads and for what is executed later (nft): calls that reach
// into other processes, the kernel itself, mounts or namespaces end the process.
int sandbox_enter(struct error *e);
