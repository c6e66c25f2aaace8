// The scanner's reference: one byte after the other, no tricks. The others are compared with it.
#include "dataplane/sip/scan.h"

struct scan_result scan_lines_scalar(struct str text, uint16_t *ends, uint16_t max)
{
	struct scan_result r = {.bare = 0xffff};
	size_t start = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\0')
			r.nul = true;
		if (c != '\r' && c != '\n')
			continue;
		if (c == '\n' || i + 1 == text.len || text.p[i + 1] != '\n') {
			r.bare = (uint16_t)i;
			return r;
		}
		if (i == start) {
			r.head_end = (uint16_t)(i + 2);
			return r;
		}
		if (r.n == max) {
			r.full = true;
			return r;
		}
		ends[r.n++] = (uint16_t)i;
		i++; // over the LF
		start = i + 1;
	}
	return r;
}
