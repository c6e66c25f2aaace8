// What Ethernet could carry.
#pragma once

#include <stdint.h>

// Bytes a frame takes on the wire besides itself: preamble, start delimiter, gap; check sequence.
enum { LINE_RATE_GAP = 20, LINE_RATE_FCS = 4, LINE_RATE_FRAME_MIN = 64 };

// Frames a second on a line of that speed; frame_len without check sequence, shorter ones are
// padded.
double line_rate(unsigned gigabits, double frame_len);
