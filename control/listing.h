// A table for an operator: aligned text, or JSON {"NAME": [{...}, ...]}, written row by row so that
// long ones stream.
#pragma once

#include <event2/buffer.h>
#include <stdbool.h>

enum { LISTING_COLUMNS = 13, LISTING_CELL = 128 };

struct listing_column {
	const char *key; // in JSON; the title in capitals in text
	int width;       // in text; negative = to the right
	bool number;     // bare in JSON; an empty cell is null
};

struct listing {
	struct evbuffer *out;
	bool json;
	const struct listing_column *columns;
	unsigned n;
	bool first; // no row yet
};

void listing_begin(struct listing *l, const char *name);
// One row: `format` and its arguments make the cells, separated by a tab.
void listing_row(struct listing *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void listing_end(struct listing *l);

// A JSON string with its quotes; bytes that are no ASCII become '?'.
void listing_json_string(struct evbuffer *out, const char *text, size_t len);
