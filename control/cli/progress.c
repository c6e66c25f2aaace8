// A progress bar: see progress.h.
#include "control/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/base/now.h"

enum { BAR = 30, EVERY_MS = 100 };

void progress_begin(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){.what = what, .total = total, .start_ns = now_ns()};
	p->next_ns = p->start_ns;
	p->shown = isatty(STDERR_FILENO) == 1;
}

void progress_at(struct progress *p, uint64_t done, uint64_t n)
{
	static const char hashes[BAR + 1] = "##############################";
	uint64_t now;
	double share, seconds;

	if (!p->shown || (n & 255) != 0)
		return;
	now = now_ns();
	if (now < p->next_ns)
		return;
	p->next_ns = now + EVERY_MS * UINT64_C(1000000);
	seconds = (double)(now - p->start_ns) / 1e9;
	if (p->total == 0 || done > p->total) {
		fprintf(stderr, "\r%llu %s, %.0f/s ", (unsigned long long)n, p->what,
		        seconds > 0 ? (double)n / seconds : 0);
		return;
	}
	share = (double)done / (double)p->total;
	fprintf(stderr, "\r[%-*.*s] %3.0f %% %llu %s, %.0f/s, %.0f s left ", BAR,
	        (int)(share * BAR), hashes, share * 100, (unsigned long long)n, p->what,
	        seconds > 0 ? (double)n / seconds : 0, share > 0 ? seconds / share - seconds : 0);
}

double progress_end(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r%*s\r", 79, "");
	return (double)(now_ns() - p->start_ns) / 1e9;
}
