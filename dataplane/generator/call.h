// Calls under way: a fixed table, a call's slot is its number's low bits. What the caller has to
// keep between the 200 and the BYE is there: the callee's Contact and the route set. Pure text: no
// DPDK.
#pragma once

#include <stdbool.h>

#include "dataplane/base/str.h"

enum {
	CALLS_MAX = 1 << 16,
	CALL_TEXT_MAX = 480,
};

enum call_state {
	CALL_FREE,
	CALL_INVITED, // waits for the 200
	CALL_HELD,    // waits for its time to end
	CALL_ENDING,  // waits for the 200 to the BYE
};

struct call {
	uint32_t number;
	uint8_t state;
	uint16_t target_len; // of the Request-URI, first in text
	uint16_t route_len;  // of whole Route lines, behind it
	uint64_t until_tsc;  // the end of its hold, or of our patience
	char text[CALL_TEXT_MAX];
};

struct call_table {
	uint32_t n_open;
	uint32_t swept;              // slot looked at next
	uint32_t held_first, n_held; // queue of those on hold: all are held equally long
	uint32_t held[CALLS_MAX];    // numbers
	struct call call[CALLS_MAX];
};

// NULL when out of memory.
struct call_table *call_table_create(void);
void call_table_destroy(struct call_table *t);
void call_table_clear(struct call_table *t);

// A slot for a new call, or NULL when an old one is still in it.
struct call *call_open(struct call_table *t, uint32_t number);
// The call, when it is still open.
struct call *call_find(struct call_table *t, uint32_t number);
void call_close(struct call_table *t, struct call *c);

// Takes Contact and Record-Route (reversed: RFC 3261 §12.1.2) out of a 200. False when there is no
// Contact, or no room for them.
bool call_answered(struct call *c, struct str response);

// Puts it on hold until then; the next one whose hold is over, or NULL.
void call_hold(struct call_table *t, struct call *c, uint64_t until_tsc);
struct call *call_unhold(struct call_table *t, uint64_t tsc);

// Calls whose patience is over are closed: how many. Looks at a few slots each time.
unsigned call_sweep(struct call_table *t, uint64_t tsc);
