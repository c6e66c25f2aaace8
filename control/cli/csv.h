// Rows of comma-separated values (RFC 4180), a line each: fields may stand in double quotes, two of
// them are one; no line ends inside of them.
#pragma once

#include <stdio.h>

#include "dataplane/base/error.h"

enum { CSV_FIELDS = 32 };

struct csv {
	FILE *f;
	char *line;
	size_t room;
	unsigned long long number; // of the line, 1-based
	unsigned long long bytes;  // read so far
};

// Reads the next row that is not empty, its fields as views that hold until the next call. Their
// number; 0 at the end; -1 with the reason (reading can go on behind it), -2 when reading failed.
int csv_row(struct csv *c, struct str field[CSV_FIELDS], struct error *e);
void csv_clear(struct csv *c);
