// dpdk-testpmd as a person at its prompt drives it, and what it prints.
#pragma once

#include "tools/bench/child.h"

// The number behind the last `word` in what it printed, e.g. "TX-packets:". False without one.
bool testpmd_number(struct str text, const char *word, double *out);
// Of what `stop` prints with --record-core-cycles: ns of the core for a packet.
bool testpmd_cost(struct str text, double *ns);
// Whether `show port info` says that the other end is there.
bool testpmd_link_up(struct str text);

enum { TESTPMD_TEXT_MAX = 32768 };

struct testpmd {
	struct child child;
	char text[TESTPMD_TEXT_MAX]; // what it printed since the last command
	size_t len;
};

// Reads until the prompt is there; false after `seconds`, or when it ended.
bool testpmd_prompt(struct testpmd *t, double seconds);
// Says a line and waits for the next prompt. What it printed is in t->text.
bool testpmd_say(struct testpmd *t, const char *line);
