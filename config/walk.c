// Words to steps, and the errors a person sees when a word does not fit.
#include "config/walk.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_MAX = 40, EXPECTED_MAX = 32 };

// A word as it may be printed: control bytes escaped, cut.
static const char *printable(struct str s, char out[SHOWN_MAX + 8])
{
	size_t n = 0, i = 0;

	for (; i < s.len && n < SHOWN_MAX - 3; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c <= '~')
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
	}
	snprintf(out + n, 4, "%s", i < s.len ? "..." : "");
	return out;
}

// For "return FAULT(...)": the number of the word, and the text.
#define FAULT(e, number, ...) (at_word((e), (number)), error_set((e), __VA_ARGS__))

static void at_word(struct error *e, unsigned number)
{
	if (e != NULL)
		e->column = (int)number;
}

static int by_name(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	int c = memcmp(x->p, y->p, x->len < y->len ? x->len : y->len);

	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

// "; expected one of: ..." with the keywords below `at`.
static void expected(const struct schema_object *at, char *out, size_t room)
{
	struct str word[EXPECTED_MAX];
	const struct schema_object *o = NULL;
	const struct schema_row *r = NULL;
	unsigned n = 0;
	size_t len;

	while (n < EXPECTED_MAX && (o = schema_next_child(at, o)) != NULL)
		word[n++] = schema_keyword(o->path);
	while (n < EXPECTED_MAX && (r = schema_next_setting(at, r)) != NULL)
		word[n++] = schema_keyword(r->path);
	qsort(word, n, sizeof(word[0]), by_name);
	len = (size_t)snprintf(out, room, n > 1 ? "expected one of:" : "expected");
	for (unsigned i = 0; i < n && len < room; i++)
		len += (size_t)snprintf(out + len, room - len, " %.*s", STR_ARG(word[i]));
}

// "port access", the object the walk is in, with the keyword of `row`; empty at the top.
static void where(const struct walk *w, const struct schema_row *row, char *out, size_t room)
{
	size_t len = 0, before = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < w->n_steps && len < room; i++) {
		const struct walk_step *s = &w->step[i];

		if (s->leave) // not in it any more
			out[len = before] = '\0';
		if (s->row != NULL || s->leave)
			continue;
		before = len;
		len += (size_t)snprintf(out + len, room - len, "%s%.*s%s%s", len > 0 ? " " : "",
		        STR_ARG(schema_keyword(s->object->path)), s->has_value ? " " : "",
		        s->value);
	}
	if (row != NULL && len < room)
		snprintf(out + len, room - len, "%s%.*s", len > 0 ? " " : "",
		        STR_ARG(schema_keyword(row->path)));
}

static int bad_keyword(const struct walk *w, struct str word, unsigned number, struct error *e)
{
	char fits[200], place[120], shown[SHOWN_MAX + 8];

	expected(w->at, fits, sizeof(fits));
	where(w, NULL, place, sizeof(place));
	return FAULT(e, number, "unknown word '%s'%s%s%s; %s", printable(word, shown),
	        place[0] != '\0' ? " after '" : "", place, place[0] != '\0' ? "'" : "", fits);
}

static int missing(const struct walk *w, unsigned number, struct error *e)
{
	char fits[200], place[120], word[8];
	struct schema_row row;

	if (w->opened != NULL || w->row != NULL) {
		struct error inner = {0};

		// An empty word fits no type: its error says what would.
		row = w->opened != NULL ? schema_key_row(w->opened) : *w->row;
		type_check(row.type, &row, STR(""), word, sizeof(word), &inner);
		snprintf(fits, sizeof(fits), "%.199s", inner.text);
		where(w, &row, place, sizeof(place));
	} else {
		expected(w->at, fits, sizeof(fits));
		where(w, NULL, place, sizeof(place));
	}
	return FAULT(e, number, "line ends%s%s%s; %s", place[0] != '\0' ? " after '" : "", place,
	        place[0] != '\0' ? "'" : "", fits);
}

static int bad_value(const struct walk *w, const struct schema_row *row, struct str word,
        unsigned number, struct error *e)
{
	char place[120], shown[SHOWN_MAX + 8], value[WALK_VALUE_MAX];
	struct error inner = {0};

	type_check(row->type, row, word, value, sizeof(value), &inner);
	where(w, row, place, sizeof(place));
	return FAULT(e, number, "bad value '%s' after '%s'; %s",
	        row->flags & SCHEMA_SECRET ? "***" : printable(word, shown), place, inner.text);
}

static struct walk_step *push(
        struct walk *w, const struct schema_object *o, const struct schema_row *r, unsigned number)
{
	struct walk_step *s = &w->step[w->n_steps++];

	s->object = o;
	s->row = r;
	s->word = number;
	s->leave = false;
	s->has_value = false;
	s->value[0] = '\0';
	return s;
}

// The object with a key that holds a keyless one: "pattern <name>" of "pattern <name> in".
static const struct schema_object *around(const struct schema_object *o)
{
	size_t len = strlen(o->path) - schema_keyword(o->path).len;

	for (const struct schema_object *up = schema_objects; up->path != NULL && len > 0; up++)
		if (strlen(up->path) == len - 1 && strncmp(up->path, o->path, len - 1) == 0)
			return up;
	return NULL;
}

// What does not fit into a keyless object goes on in the one around it:
// "pattern x in header Subject action drop".
static void leave_keyless(struct walk *w, struct str word, unsigned number)
{
	const struct schema_object *up =
	        w->at != NULL && w->at->key == TYPE_FLAG ? around(w->at) : NULL;

	if (up == NULL || schema_child(w->at, word) != NULL ||
	        schema_setting(w->at, word) != NULL ||
	        (schema_child(up, word) == NULL && schema_setting(up, word) == NULL))
		return;
	push(w, up, NULL, number)->leave = true;
	w->at = up;
}

static int take_keyword(struct walk *w, struct str word, unsigned number, struct error *e)
{
	const struct schema_object *o = schema_child(w->at, word);
	const struct schema_row *r = o == NULL ? schema_setting(w->at, word) : NULL;

	if (o == NULL && r == NULL)
		return bad_keyword(w, word, number, e);
	if (o != NULL && o->key != TYPE_FLAG) {
		w->opened = o;
	} else if (o != NULL) {
		push(w, o, NULL, number);
		w->at = o;
	} else if (r->type == TYPE_FLAG) {
		push(w, w->at, r, number);
	} else {
		w->row = r;
	}
	return 0;
}

static int take_value(struct walk *w, struct str word, unsigned number, struct error *e)
{
	struct schema_row row = w->opened != NULL ? schema_key_row(w->opened) : *w->row;
	struct walk_step *s;
	char value[WALK_VALUE_MAX];

	if (type_check(row.type, &row, word, value, sizeof(value), NULL) != 0)
		return bad_value(w, &row, word, number, e);
	s = push(w, w->opened != NULL ? w->opened : w->at, w->row, number);
	s->has_value = true;
	memcpy(s->value, value, sizeof(value));
	if (w->opened != NULL)
		w->at = w->opened;
	w->opened = NULL;
	w->row = NULL;
	return 0;
}

static bool complete(const struct walk *w, enum walk_mode mode)
{
	const struct walk_step *last = w->n_steps > 0 ? &w->step[w->n_steps - 1] : NULL;

	if (mode == WALK_PARTIAL)
		return true;
	if (mode == WALK_DELETE)
		return w->opened == NULL && (last != NULL || w->row != NULL);
	if (w->opened != NULL || w->row != NULL || last == NULL)
		return false;
	// "set worker" says nothing yet.
	return last->row != NULL || last->has_value;
}

int walk_words(
        struct walk *w, enum walk_mode mode, const struct str *words, unsigned n, struct error *e)
{
	w->n_steps = 0;
	w->at = NULL;
	w->opened = NULL;
	w->row = NULL;
	if (n > WALK_WORDS_MAX)
		return FAULT(e, WALK_WORDS_MAX + 1, "too many words in one line");
	for (unsigned i = 0; i < n; i++) {
		bool value = w->opened != NULL || w->row != NULL;

		if (mode == WALK_DELETE && w->n_steps > 0 && w->step[w->n_steps - 1].row != NULL)
			return FAULT(
			        e, i + 1, "nothing may follow: one thing is deleted at a time");
		if (!value && mode != WALK_DELETE)
			leave_keyless(w, words[i], i + 1);
		if (value ? take_value(w, words[i], i + 1, e) != 0
		          : take_keyword(w, words[i], i + 1, e) != 0)
			return -1;
	}
	if (!complete(w, mode))
		return missing(w, n + 1, e);
	if (mode == WALK_DELETE && w->row != NULL) {
		push(w, w->at, w->row, n);
		w->row = NULL;
	}
	return 0;
}
