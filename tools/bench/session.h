// The interactive mode, as testpmd's: settings, start, stop, show. A line is a command; errors name
// the word that was not understood.
#pragma once

#include "tools/bench/measure.h"

struct session {
	struct measure_wish wish;
	double rate;        // begun per second, 0 = as fast as it goes
	uint32_t in_flight; // 0 = no limit
	uint32_t users;     // 0 = the scenario's
	bool mixed;         // weight counts, not the scenario's
	uint16_t weight[BENCH_KINDS];
	bool there;   // the pair runs
	bool changed; // what the pair was started with, since
	bool sending;
	struct pair pair;
	struct trial trial;
};

void session_init(struct session *s, const struct measure_wish *w);
void session_end(struct session *s);

// Does a line. 0 done, 1 done and it was the last one (`quit`), -1 not done: *e says why.
int session_line(struct session *s, const char *line, FILE *out, struct error *e);

// The phrases of all commands, for completion and help; NULL behind the last one.
const char *session_phrase(unsigned i);
