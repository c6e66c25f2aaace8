// How far behind a worker is: whether its receive queues still hold a whole burst each time it
// comes back to them. While they do for a span of time, the level grows; while they don't, it falls
// more slowly, so that it swings around what the worker can do. Owned by one worker.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	LOAD_SPAN_MS = 10,
	LOAD_UP = 5,   // percent a span that was behind
	LOAD_DOWN = 2, // percent a span that was not
	LOAD_MOST = 90,
	LOAD_TURNS_MIN = 4, // fewer in a span say nothing
};

struct load {
	uint64_t since; // when the span began
	uint32_t turns, full;
	bool rx_full;  // (rx) this turn a port had a whole burst
	uint8_t level; // percent of new work that is too much; others look at it too
};

// Ends a turn at `now`; `span` in the same unit. True when with it a span ended that was behind.
bool load_turn(struct load *l, uint64_t now, uint64_t span);
