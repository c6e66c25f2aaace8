// IEEE 802.3 framing.
#include "tools/bench/line_rate.h"

double line_rate(unsigned gigabits, double frame_len)
{
	double len = frame_len + LINE_RATE_FCS;

	if (len < LINE_RATE_FRAME_MIN)
		len = LINE_RATE_FRAME_MIN;
	return gigabits * 1e9 / (8 * (len + LINE_RATE_GAP));
}
