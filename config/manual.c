// The reference of every setting, in the schema's order.
#include "config/manual.h"

#include <stdio.h>
#include <stdlib.h>

enum { INDENT = 8, WIDTH = 96 };

// Words broken into lines of WIDTH.
static void put_wrapped(FILE *f, const char *text)
{
	struct str rest = str_of(text);
	int column = 0;

	while (rest.len > 0) {
		struct str word = str_head(rest, str_find(rest, ' '));

		if (column > 0 && column + 1 + (int)word.len > WIDTH) {
			fputc('\n', f);
			column = 0;
		}
		if (column == 0)
			column = fprintf(f, "%*s%.*s", INDENT, "", STR_ARG(word));
		else
			column += fprintf(f, " %.*s", STR_ARG(word));
		rest = str_skip(rest, word.len + 1);
	}
	fputc('\n', f);
}

static void put_row(FILE *f, const struct schema_row *row)
{
	char value[128], text[512];
	size_t len;

	type_placeholder(row->type, row, value, sizeof(value));
	fprintf(f, "    set %s%s%s\n", row->path, value[0] != '\0' ? " " : "", value);
	len = (size_t)snprintf(text, sizeof(text), "%s.", row->help);
	if (row->fallback != NULL)
		len += (size_t)snprintf(
		        text + len, sizeof(text) - len, " Default: %s.", row->fallback);
	snprintf(text + len, sizeof(text) - len, "%s%s%s%s%s",
	        row->flags & SCHEMA_LIST ? " May be set several times." : "",
	        row->choice != NULL ? " One of these settings is needed, and only one." : "",
	        row->choice == NULL && row->flags & SCHEMA_NEEDED ? " Needed." : "",
	        row->flags & SCHEMA_SECRET ? " Never shown." : "",
	        row->flags & SCHEMA_RESTART ? " A change restarts the dataplane." : "");
	put_wrapped(f, text);
}

static void put_object(FILE *f, const struct schema_object *o)
{
	const struct schema_object *below = NULL;
	const struct schema_row *row = NULL;

	fprintf(f, "%s: %s\n", o->path, o->help);
	while ((row = schema_next_setting(o, row)) != NULL)
		put_row(f, row);
	// An object all of whose settings have defaults can be set by itself.
	if (o->key != TYPE_FLAG)
		fprintf(f, "    delete %s\n", o->path);
	fputc('\n', f);
	while ((below = schema_next_child(o, below)) != NULL)
		put_object(f, below);
}

char *manual_text(const char *keyword)
{
	const struct schema_object *o = NULL;
	char *text = NULL;
	size_t len;
	FILE *f;

	if (keyword != NULL && schema_child(NULL, str_of(keyword)) == NULL)
		return NULL;
	f = open_memstream(&text, &len);
	if (f == NULL)
		return NULL;
	while ((o = schema_next_child(NULL, o)) != NULL) {
		if (keyword == NULL || str_eq(schema_keyword(o->path), str_of(keyword)))
			put_object(f, o);
	}
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}
