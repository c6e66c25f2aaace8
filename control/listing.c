// A table for an operator: see listing.h.
#include "control/listing.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// How many bytes stand for themselves.
static size_t plain_run(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\')
		n++;
	return n;
}

void listing_json_string(struct evbuffer *out, const char *text, size_t len)
{
	evbuffer_add(out, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		const size_t run = plain_run(text + i, len - i);
		unsigned char c;

		evbuffer_add(out, text + i, run);
		i += run;
		if (i == len)
			break;
		c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			evbuffer_add_printf(out, "\\%c", c);
		else if (c == '\n')
			evbuffer_add(out, "\\n", 2);
		else if (c < 0x20)
			evbuffer_add_printf(out, "\\u%04x", c);
		else
			evbuffer_add(out, "?", 1);
	}
	evbuffer_add(out, "\"", 1);
}

static void text_cell(const struct listing *l, unsigned i, const char *text)
{
	// No blanks at the end of a line.
	if (i + 1 == l->n && l->columns[i].width > 0)
		evbuffer_add_printf(l->out, "%s\n", text);
	else
		evbuffer_add_printf(
		        l->out, "%*s%s", -l->columns[i].width, text, i + 1 == l->n ? "\n" : "  ");
}

void listing_begin(struct listing *l, const char *name)
{
	l->first = true;
	if (l->json) {
		evbuffer_add_printf(l->out, "{\"%s\": [", name);
		return;
	}
	for (unsigned i = 0; i < l->n; i++) {
		char title[32];

		snprintf(title, sizeof(title), "%s", l->columns[i].key);
		for (char *c = title; *c != '\0'; c++)
			*c = *c == '_' ? '-' : (char)toupper((unsigned char)*c);
		text_cell(l, i, title);
	}
}

static void json_row(struct listing *l, char *const cells[])
{
	evbuffer_add_printf(l->out, "%s\n  {", l->first ? "" : ",");
	for (unsigned i = 0; i < l->n; i++) {
		evbuffer_add_printf(l->out, "%s\"%s\": ", i == 0 ? "" : ", ", l->columns[i].key);
		if (!l->columns[i].number)
			listing_json_string(l->out, cells[i], strlen(cells[i]));
		else
			evbuffer_add_printf(l->out, "%s", cells[i][0] != '\0' ? cells[i] : "null");
	}
	evbuffer_add(l->out, "}", 1);
}

void listing_row(struct listing *l, const char *format, ...)
{
	char line[LISTING_COLUMNS * LISTING_CELL], *rest = line, *cells[LISTING_COLUMNS];
	static char empty[1];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	for (unsigned i = 0; i < l->n; i++) {
		cells[i] = strsep(&rest, "\t");
		if (cells[i] == NULL)
			cells[i] = empty;
	}
	if (l->json)
		json_row(l, cells);
	else
		for (unsigned i = 0; i < l->n; i++)
			text_cell(l, i, cells[i][0] != '\0' ? cells[i] : "-");
	l->first = false;
}

void listing_end(struct listing *l)
{
	if (l->json)
		evbuffer_add_printf(l->out, "%s]}\n", l->first ? "" : "\n");
}
