// Lines to words, texts to trees and back.
#include "config/text.h"

#include <stdlib.h>

#include "config/line.h"
#include "config/walk.h"

enum { LINE_WORDS_MAX = WALK_WORDS_MAX + 1 };

// A line being split.
struct split {
	struct str line;
	size_t at;  // next byte
	char *room; // where unquoted words go
	size_t used;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

// A quoted part of a word; false when its end is missing.
static bool take_quoted(struct split *s)
{
	char quote = s->line.p[s->at++];

	while (s->at < s->line.len && s->line.p[s->at] != quote) {
		if (quote == '"' && s->line.p[s->at] == '\\' && ++s->at == s->line.len)
			return false;
		s->room[s->used++] = s->line.p[s->at++];
	}
	return s->at++ < s->line.len;
}

static int take_word(struct split *s, struct str *word, struct error *e)
{
	size_t begin = s->at, room = s->used;
	bool quoted = false;

	while (s->at < s->line.len && !is_blank(s->line.p[s->at])) {
		char c = s->line.p[s->at];

		if (c == '\'' || c == '"') {
			size_t opening = s->at;

			quoted = true;
			if (take_quoted(s))
				continue;
			if (e != NULL)
				e->column = (int)opening + 1;
			return error_set(e, "quote %c is not closed", c);
		}
		s->room[s->used++] = c;
		s->at++;
	}
	if (quoted)
		*word = (struct str){s->room + room, s->used - room};
	else
		*word = str_from(s->line.p + begin, s->line.p + s->at);
	return 0;
}

// As text_words; *end = 1-based column after the last word.
static int split_words(
        struct split *s, struct str *words, int *columns, unsigned max, int *end, struct error *e)
{
	unsigned n = 0;

	*end = 1;
	for (;;) {
		while (s->at < s->line.len && is_blank(s->line.p[s->at]))
			s->at++;
		if (s->at == s->line.len || s->line.p[s->at] == '#')
			return (int)n;
		if (n == max) {
			if (e != NULL)
				e->column = (int)s->at + 1;
			return error_set(e, "more than %u words in one line", max);
		}
		columns[n] = (int)s->at + 1;
		if (take_word(s, &words[n], e) != 0)
			return -1;
		n++;
		*end = (int)s->at + 1;
	}
}

int text_words(
        struct str line, struct str *words, int *columns, unsigned max, char *room, struct error *e)
{
	struct split s = {.line = line, .room = room};
	int end;

	return split_words(&s, words, columns, max, &end, e);
}

// One line of a text. error.column is of the line.
static int read_line(struct tree *t, struct str line, char *room, struct error *e)
{
	struct split s = {.line = line, .room = room};
	struct str word[LINE_WORDS_MAX];
	int column[LINE_WORDS_MAX], end, rc;
	int n = split_words(&s, word, column, LINE_WORDS_MAX, &end, e);

	if (n <= 0)
		return n;
	if (n == 1 && str_eq(word[0], STR("commit")))
		return 0;
	e->column = 0;
	if (str_eq(word[0], STR("set")))
		rc = tree_set(t, word + 1, (unsigned)n - 1, e);
	else if (str_eq(word[0], STR("delete")))
		rc = tree_delete(t, word + 1, (unsigned)n - 1, e);
	else
		rc = error_set(e, "a line begins with 'set' or 'delete'; expected one of: commit "
		                  "delete set");
	if (rc != 0)
		e->column = e->column >= n ? end : column[e->column];
	return rc;
}

static int place_error(struct error *e, const char *name, int line)
{
	char text[sizeof(e->text)];

	memcpy(text, e->text, sizeof(text));
	e->line = line;
	if (name != NULL)
		return error_set(e, "%s:%d:%d: %s", name, line, e->column, text);
	return error_set(e, "line %d, column %d: %s", line, e->column, text);
}

int text_read(struct tree *t, struct str text, const char *name, struct error *e)
{
	char *room = malloc(text.len + 1);
	struct error scratch = {0};
	int rc = 0;

	if (room == NULL)
		return error_set(e, "out of memory");
	if (e == NULL)
		e = &scratch;
	for (int line = 1; text.len > 0 && rc == 0; line++) {
		struct str one = str_head(text, str_find(text, '\n'));

		tree_at_line(t, line);
		rc = read_line(t, one, room, e);
		if (rc != 0)
			place_error(e, name, line);
		text = str_skip(text, one.len + 1);
	}
	tree_at_line(t, 0);
	free(room);
	return rc;
}

char *text_write(const struct tree *t, bool secrets)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	line_object(f, "set ", "", t->root, secrets);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

// What is being completed.
struct completion {
	const struct tree *tree;
	const struct node *at; // object the next word belongs to; NULL: not in the tree
	struct str part;       // of the word that is typed so far
	bool existing;         // only what is in the tree ("delete")
	text_found_fn found;
	void *arg;
};

static void offer(const struct completion *c, struct str word, const char *help)
{
	char text[WALK_VALUE_MAX];

	if (word.len >= sizeof(text) || word.len < c->part.len ||
	        !str_eq(str_head(word, c->part.len), c->part))
		return;
	memcpy(text, word.p, word.len);
	text[word.len] = '\0';
	c->found(c->arg, text, help, false);
}

static void offer_keys(
        const struct completion *c, const struct node *parent, const struct schema_object *o)
{
	struct str keyword = schema_keyword(o->path);

	for (unsigned i = 0; parent != NULL && i < parent->n_children; i++) {
		const struct node *child = parent->child[i];

		if (child->key != NULL && str_eq(schema_keyword(child->object->path), keyword))
			offer(c, str_of(child->key), o->help);
	}
}

static void offer_placeholder(const struct completion *c, const struct schema_row *row)
{
	char text[WALK_VALUE_MAX];

	type_placeholder(row->type, row, text, sizeof(text));
	c->found(c->arg, text, row->help, true);
}

static void offer_choice(const struct completion *c, const char *values, const char *help)
{
	struct str rest = str_of(values);

	while (rest.len > 0) {
		struct str one = str_head(rest, str_find(rest, '|'));

		offer(c, one, help);
		rest = str_skip(rest, one.len + 1);
	}
}

static void offer_values(const struct completion *c, const struct schema_row *row)
{
	const struct setting *s = c->at != NULL ? node_setting(c->at, row) : NULL;

	if (c->existing) {
		for (unsigned i = 0; s != NULL && i < s->n_values; i++) {
			if ((row->flags & SCHEMA_SECRET) == 0)
				offer(c, str_of(s->value[i]), row->help);
		}
	} else if (row->type == TYPE_SWITCH || row->type == TYPE_CHOICE) {
		offer_choice(c, row->type == TYPE_SWITCH ? "on|off" : row->values, row->help);
	} else {
		if (row->type == TYPE_REF)
			offer_keys(c, c->tree->root, schema_child(NULL, str_of(row->values)));
		offer_placeholder(c, row);
	}
}

static bool has_child(const struct node *n, const struct schema_object *o)
{
	for (unsigned i = 0; n != NULL && i < n->n_children; i++) {
		if (n->child[i]->object == o && !node_is_empty(n->child[i]))
			return true;
	}
	return false;
}

static void offer_keywords(const struct completion *c, const struct schema_object *at)
{
	const struct schema_object *o = NULL;
	const struct schema_row *r = NULL;

	while ((r = schema_next_setting(at, r)) != NULL) {
		if (!c->existing || (c->at != NULL && node_setting(c->at, r) != NULL))
			offer(c, schema_keyword(r->path), r->help);
	}
	while ((o = schema_next_child(at, o)) != NULL) {
		if (!c->existing || has_child(c->at, o))
			offer(c, schema_keyword(o->path), o->help);
	}
}

static void complete_words(struct completion *c, const struct str *words, unsigned n)
{
	const struct node *above = NULL;
	struct walk w;

	if (walk_words(&w, WALK_PARTIAL, words, n, NULL) != 0)
		return;
	c->at = c->tree->root;
	for (unsigned i = 0; i < w.n_steps; i++) {
		const struct walk_step *s = &w.step[i];
		unsigned child;
		bool found = false;

		if (s->row != NULL && c->existing)
			return; // nothing may follow
		if (s->leave)
			c->at = above;
		if (s->row != NULL || s->leave || c->at == NULL)
			continue;
		above = c->at;
		child = node_find(c->at, s->object, s->has_value ? s->value : NULL, &found);
		c->at = found ? c->at->child[child] : NULL;
	}
	if (w.opened != NULL) {
		struct schema_row row = schema_key_row(w.opened);

		offer_keys(c, c->at, w.opened);
		if (!c->existing)
			offer_placeholder(c, &row);
	} else if (w.row != NULL) {
		offer_values(c, w.row);
	} else {
		offer_keywords(c, w.at);
	}
}

int text_complete(const struct tree *t, struct str line, text_found_fn found, void *arg)
{
	struct completion c = {.tree = t, .found = found, .arg = arg};
	struct split s = {.line = line, .room = malloc(line.len + 1)};
	struct str word[LINE_WORDS_MAX];
	int column[LINE_WORDS_MAX], end = 1, n = -1, start = (int)line.len + 1;

	if (s.room != NULL)
		n = split_words(&s, word, column, LINE_WORDS_MAX, &end, NULL);
	// A comment, or a quote still open: nothing to offer.
	if (n > 0 && s.at == line.len) {
		c.part = STR("");
		if (end == start) {
			n--;
			c.part = word[n];
			start = column[n];
		}
		c.existing = n > 0 && str_eq(word[0], STR("delete"));
		if (n > 0 && (c.existing || str_eq(word[0], STR("set"))))
			complete_words(&c, word + 1, (unsigned)n - 1);
	}
	free(s.room);
	return start;
}
