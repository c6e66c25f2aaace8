// What a single setting can't show. Each fault names its place as an operator wrote it.
#include "config/check.h"

#include <stdio.h>

#include "config/line.h"
#include "config/rules.h"

// Rows: needed ones, one of a choice, references.

static int check_reference(const struct node *root, const struct node *n, const char *path,
        const struct setting *s, struct error *e)
{
	char keyword[32], names[200];
	const struct node *other = NULL;
	size_t len = 0;

	snprintf(keyword, sizeof(keyword), "%.*s", STR_ARG(schema_keyword(s->row->path)));
	if (s->row->type != TYPE_REF || node_child(root, s->row->values, s->value[0]) != NULL)
		return 0;
	names[0] = '\0';
	while ((other = node_next(root, s->row->values, other)) != NULL && len < sizeof(names))
		len += (size_t)snprintf(names + len, sizeof(names) - len, " %s", node_key(other));
	return RULES_FAULT(e, n, keyword, "%s %s: there is no %s '%s'%s%s", path, keyword,
	        s->row->values, s->value[0], len > 0 ? "; expected one of:" : "", names);
}

// What of a choice is set: 0, 1 or, with a fault, more.
static int check_choice(
        const struct node *n, const char *path, const struct schema_row *row, struct error *e)
{
	const struct schema_row *other = NULL;
	struct str first = STR_NONE;

	while ((other = schema_next_setting(n->object, other)) != NULL) {
		char keyword[32];

		if (other->choice == NULL || strcmp(other->choice, row->choice) != 0 ||
		        node_setting(n, other) == NULL)
			continue;
		snprintf(keyword, sizeof(keyword), "%.*s", STR_ARG(schema_keyword(other->path)));
		if (first.len > 0)
			return RULES_FAULT(e, n, keyword, "%s: '%.*s' and '%s' exclude each other",
			        path, STR_ARG(first), keyword);
		first = schema_keyword(other->path);
	}
	return first.len > 0;
}

static void choice_words(const struct schema_object *o, const char *choice, char *out, size_t room)
{
	const struct schema_row *row = NULL;
	size_t len = 0;

	out[0] = '\0';
	while ((row = schema_next_setting(o, row)) != NULL && len < room) {
		if (row->choice != NULL && strcmp(row->choice, choice) == 0)
			len += (size_t)snprintf(
			        out + len, room - len, " %.*s", STR_ARG(schema_keyword(row->path)));
	}
}

static int check_rows(const struct node *n, const char *path, struct error *e)
{
	const struct schema_row *row = NULL;

	while ((row = schema_next_setting(n->object, row)) != NULL) {
		char words[160];
		int set = node_setting(n, row) != NULL;

		if (row->choice != NULL)
			set = check_choice(n, path, row, e);
		if (set < 0)
			return -1;
		if (set > 0 || (row->flags & SCHEMA_NEEDED) == 0)
			continue;
		if (row->choice == NULL)
			return RULES_FAULT(e, n, NULL, "%s: '%.*s' is needed (%s)", path,
			        STR_ARG(schema_keyword(row->path)), row->help);
		choice_words(n->object, row->choice, words, sizeof(words));
		return RULES_FAULT(e, n, NULL, "%s: one of these is needed:%s", path, words);
	}
	return 0;
}

static int check_node(
        const struct node *root, const struct node *n, const char *path, struct error *e)
{
	char below[LINE_PATH_MAX];

	if (n->object != NULL && check_rows(n, path, e) != 0)
		return -1;
	for (unsigned i = 0; i < n->n_settings; i++) {
		if (check_reference(root, n, path, &n->setting[i], e) != 0)
			return -1;
	}
	for (unsigned i = 0; i < n->n_children; i++) {
		line_path(below, path, n->child[i]);
		if (check_node(root, n->child[i], below, e) != 0)
			return -1;
	}
	return 0;
}

int check(const struct tree *t, struct error *e)
{
	if (check_node(t->root, t->root, "", e) != 0)
		return -1;
	return rules_check(t->root, e);
}
