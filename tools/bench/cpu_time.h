// What a process used of a core, by the kernel's account: how peers with system calls are
// compared. The clock on the wall says little on a machine that others use too.
#pragma once

#include <sys/types.h>

#include "dataplane/base/str.h"

struct cpu_time {
	uint64_t total_ns; // exact where the kernel counts it (schedstat), else user + system
	uint64_t user_ns;  // in ticks of the kernel, commonly 10 ms
	uint64_t system_ns;
	pid_t parent;
};

// Reads the text of /proc/PID/stat and /proc/PID/schedstat (STR_NONE when there is none); ticks:
// how many a second has. False when `stat` is not what the kernel writes.
bool cpu_time_parse(struct str stat, struct str schedstat, long ticks, struct cpu_time *out);
// The account of a process now (of its first thread: peers measured here have one).
bool cpu_time_of(pid_t pid, struct cpu_time *out);

enum { CPU_TIME_FAMILY_MAX = 32 };

// A process and all its descendants, and what each had used.
struct cpu_time_family {
	unsigned n;
	pid_t pid[CPU_TIME_FAMILY_MAX];
	struct cpu_time used[CPU_TIME_FAMILY_MAX];
};

// Fills the family of `pid` as it is now. Descendants over CPU_TIME_FAMILY_MAX are left out.
void cpu_time_family(pid_t pid, struct cpu_time_family *out);
// What the busiest process of both used between `before` and `after`: the worker. All 0 when there
// is none.
struct cpu_time cpu_time_busiest(
        const struct cpu_time_family *before, const struct cpu_time_family *after);
