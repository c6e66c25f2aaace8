// Comma-separated values: see csv.h.
#include "control/cli/csv.h"

#include <errno.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 65536 };

// One field from *at on, unquoted in place; *at is behind it. False when its quotes are wrong.
static bool read_field(char **at, char *end, struct str *out)
{
	char *from = *at, *to = *at;
	bool quoted = from < end && *from == '"';

	if (!quoted) {
		while (from < end && *from != ',')
			if (*from++ == '"')
				return false;
		*out = str_from(*at, from);
		*at = from;
		return true;
	}
	for (from++; from < end && (*from != '"' || (from + 1 < end && from[1] == '"')); from++) {
		from += *from == '"';
		*to++ = *from;
	}
	*out = str_from(*at, to);
	*at = from + 1;
	return from < end && (from + 1 == end || from[1] == ',');
}

static int read_fields(struct csv *c, size_t len, struct str field[CSV_FIELDS], struct error *e)
{
	char *at = c->line, *end = c->line + len;
	int n = 0;

	for (;;) {
		if (n == CSV_FIELDS)
			return error_set(e, "more than %d fields", CSV_FIELDS);
		if (!read_field(&at, end, &field[n]))
			return error_set(e, "field %d: quotes in the wrong place", n + 1);
		n++;
		if (at >= end)
			return n;
		at++;
	}
}

int csv_row(struct csv *c, struct str field[CSV_FIELDS], struct error *e)
{
	ssize_t n;

	while ((n = getline(&c->line, &c->room, c->f)) >= 0) {
		size_t len = (size_t)n;

		c->number++;
		c->bytes += len;
		if (len > 0 && c->line[len - 1] == '\n')
			len--;
		if (len > 0 && c->line[len - 1] == '\r')
			len--;
		if (len > LINE_MAX_BYTES || memchr(c->line, '\0', len) != NULL)
			return error_set(e, "the line is too long, or has a NUL byte");
		if (len > 0)
			return read_fields(c, len, field, e);
	}
	if (ferror(c->f)) {
		error_set(e, "%s", strerror(errno));
		return -2;
	}
	return 0;
}

void csv_clear(struct csv *c)
{
	if (c->line != NULL)
		explicit_bzero(c->line, c->room); // there were passwords in it
	free(c->line);
	c->line = NULL;
}
