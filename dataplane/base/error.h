// What went wrong, for a person: one line that names the place, and where in a text if there is
// one.
#pragma once

#include "dataplane/base/str.h"

struct error {
	char text[480];
	int line;   // 1-based, 0 = no line
	int column; // 1-based, 0 = no column
};

// Formats the text (truncating), returns -1 so that "return error_set(e, ...)" reads well. e may be
// NULL. Keeps line and column.
int error_set(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
