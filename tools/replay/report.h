// What is said of each message: a line for people, or a JSON object for machines.
#pragma once

#include "tools/replay/input.h"
#include "tools/replay/rig.h"

struct report {
	bool json, verbose; // verbose: the bytes that left too
};

// What came in, as far as it is known.
struct report_input {
	const struct input *input;
	const char *leg;  // it came by
	struct str bytes; // the message; p NULL = not known
	struct addr from; // family ADDR_NONE = not known
};

// One line on stdout. `broken`: a rule of inspect.h, NULL = none. Bytes that are no printable ASCII
// are written \xNN, so that no message can talk to the terminal.
void report_line(const struct report *to, const struct report_input *in, const struct rig_result *r,
        const char *broken);
// The status code of what left, 0 when that is no response.
unsigned report_status(const struct rig_result *r);
