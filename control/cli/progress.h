// How far a long task is: a bar on standard error when that is a terminal, else nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; // "users"
	uint64_t total;   // 0 = not known: no bar, only the count
	bool shown;
	uint64_t start_ns, next_ns;
};

void progress_begin(struct progress *p, const char *what, uint64_t total);
// `done` of the total, n things so far. Cheap: draws ten times a second at most.
void progress_at(struct progress *p, uint64_t done, uint64_t n);
// Takes the bar away. Seconds since the beginning.
double progress_end(struct progress *p);
