// Text being written into a buffer of the caller's: once something did not fit, nothing does.
#pragma once

#include "dataplane/base/str.h"

struct writer {
	char *at, *end;
	bool full;
};

static inline void writer_str(struct writer *out, struct str s)
{
	if (s.len > (size_t)(out->end - out->at))
		out->full = true;
	if (out->full || s.len == 0)
		return;
	memcpy(out->at, s.p, s.len);
	out->at += s.len;
}

static inline void writer_decimal(struct writer *out, uint32_t value)
{
	char text[10];

	writer_str(out, str_from(text, str_put_decimal(text, value)));
}
