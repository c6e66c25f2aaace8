// What is under way: a bit for each of the last PENDING_WINDOW sequence numbers, set when a message
// is sent, cleared when it is matched. What is left when its time is over is lost: found by whole
// blocks, whose first message's time is all that is kept. Memory is given by the owner, all zero.
#pragma once

#include <stdint.h>

enum {
	PENDING_WINDOW = 1 << 23,
	PENDING_BLOCK = 1 << 12,
	PENDING_BLOCKS = PENDING_WINDOW / PENDING_BLOCK,
	PENDING_SPAN_TSC = 1 << 27, // a block ends after so many cycles, however few are in it
};

struct pending {
	uint64_t next;  // sequence number to hand out
	uint64_t swept; // everything before is settled; a multiple of PENDING_BLOCK
	uint64_t last_tsc;
	uint32_t count; // bits set
	uint64_t tsc[PENDING_BLOCKS];
	uint64_t bits[PENDING_WINDOW / 64];
};

enum pending_result { PENDING_MATCHED, PENDING_TWICE, PENDING_LATE, PENDING_NEVER };

// A number for a message that is sent now. *lost grows when it overruns the window: by the messages
// of the oldest block.
uint64_t pending_add(struct pending *p, uint64_t tsc, uint64_t *lost);
// It came, or was answered.
enum pending_result pending_take(struct pending *p, uint64_t sequence);
// Settles what was sent before `until`: how many are lost. Bounded: a few blocks a call.
uint64_t pending_sweep(struct pending *p, uint64_t until);
