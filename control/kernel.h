// Carries out a plan (plan.h) in the kernel: TAPs, VLAN interfaces, addresses, default routes, deaf
// interfaces. A commit adds first (kernel_prepare), and takes away what is gone only when the
// dataplane agreed (kernel_finish), or takes back what it added (kernel_undo). What was put is
// written to RUNDIR/twin.plan, so that another spryd knows what is ours; addresses of others are
// left alone.
#pragma once

#include "control/plan.h"

struct nl_sock;

struct kernel {
	char file[280];
	struct nl_sock *netlink;
	struct plan have;  // in the kernel by us
	struct plan want;  // while a commit is under way
	struct plan added; // by kernel_prepare
	bool first;        // everything is looked at once after start, not only the difference
};

int kernel_init(struct kernel *k, const char *run_dir, struct error *e);
void kernel_fini(struct kernel *k);

// Adds what `want` (taken over) has and the kernel has not. -1: nothing was changed.
int kernel_prepare(struct kernel *k, struct plan *want, struct error *e);
void kernel_finish(struct kernel *k);
void kernel_undo(struct kernel *k);

// At a clean stop: interfaces hear again; the twins go too when `all`.
void kernel_stop(struct kernel *k, bool all);
