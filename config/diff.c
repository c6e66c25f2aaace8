// Two trees side by side, in their common order.
#include "config/diff.h"

#include <stdlib.h>

#include "config/line.h"
#include "config/setting.h"

static const char gone[] = "- set ", fresh[] = "+ set ";

static bool same_values(const struct setting *a, const struct setting *b)
{
	if (a->n_values != b->n_values)
		return false;
	for (unsigned i = 0; i < a->n_values; i++) {
		if (strcmp(a->value[i], b->value[i]) != 0)
			return false;
	}
	return true;
}

// The values of s that the other does not have.
static unsigned put_others(FILE *f, const char *start, const char *path, const struct setting *s,
        const struct setting *other)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n_values; i++) {
		struct setting one = {.row = s->row, .value = &s->value[i], .n_values = 1};

		if (setting_has(other, s->value[i]))
			continue;
		line_setting(f, start, path, &one, false);
		n++;
	}
	return n;
}

static void diff_values(
        FILE *f, const char *path, const struct setting *from, const struct setting *to)
{
	unsigned n;

	if (same_values(from, to))
		return;
	n = put_others(f, gone, path, from, to);
	n += put_others(f, fresh, path, to, from);
	// The same values in another order.
	if (n == 0) {
		line_setting(f, gone, path, from, false);
		line_setting(f, fresh, path, to, false);
	}
}

static void diff_settings(FILE *f, const char *path, const struct node *from, const struct node *to)
{
	unsigned i = 0, k = 0;

	while (i < from->n_settings || k < to->n_settings) {
		const struct setting *a = i < from->n_settings ? &from->setting[i] : NULL;
		const struct setting *b = k < to->n_settings ? &to->setting[k] : NULL;

		if (b == NULL || (a != NULL && a->row < b->row)) {
			line_setting(f, gone, path, a, false);
			i++;
		} else if (a == NULL || b->row < a->row) {
			line_setting(f, fresh, path, b, false);
			k++;
		} else {
			diff_values(f, path, a, b);
			i++;
			k++;
		}
	}
}

// <0: only a's child is next, >0: only b's, 0: both have it.
static int order(const struct node *a, unsigned i, const struct node *b, unsigned k)
{
	if (i == a->n_children)
		return 1;
	if (k == b->n_children)
		return -1;
	return node_compare(
	        a->child[i]->object, a->child[i]->key, b->child[k]->object, b->child[k]->key);
}

static void diff_node(FILE *f, const char *path, const struct node *from, const struct node *to)
{
	char below[LINE_PATH_MAX];
	unsigned i = 0, k = 0;

	diff_settings(f, path, from, to);
	while (i < from->n_children || k < to->n_children) {
		int c = order(from, i, to, k);
		const struct node *a = c <= 0 ? from->child[i++] : NULL;
		const struct node *b = c >= 0 ? to->child[k++] : NULL;

		line_path(below, path, a != NULL ? a : b);
		if (b == NULL)
			line_object(f, gone, below, a, false);
		else if (a == NULL)
			line_object(f, fresh, below, b, false);
		else
			diff_node(f, below, a, b);
	}
}

char *diff_text(const struct tree *from, const struct tree *to)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	diff_node(f, "", from->root, to->root);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static bool node_equal(const struct node *a, const struct node *b)
{
	if (a->n_settings != b->n_settings || a->n_children != b->n_children)
		return false;
	for (unsigned i = 0; i < a->n_settings; i++) {
		if (a->setting[i].row != b->setting[i].row ||
		        !same_values(&a->setting[i], &b->setting[i]))
			return false;
	}
	for (unsigned i = 0; i < a->n_children; i++) {
		if (order(a, i, b, i) != 0 || !node_equal(a->child[i], b->child[i]))
			return false;
	}
	return true;
}

bool diff_equal(const struct tree *a, const struct tree *b)
{
	return node_equal(a->root, b->root);
}

// Does a row with that flag have another effect? A value set to its default has none.
static bool settings_restart(const struct node *from, const struct node *to)
{
	const struct schema_row *row = NULL;
	const struct schema_object *o = from != NULL ? from->object : to->object;

	while ((row = schema_next_setting(o, row)) != NULL) {
		const struct setting *a = from != NULL ? node_setting(from, row) : NULL;
		const struct setting *b = to != NULL ? node_setting(to, row) : NULL;
		const char *x, *y;

		if ((row->flags & SCHEMA_RESTART) == 0)
			continue;
		x = a != NULL ? a->value[0] : row->fallback;
		y = b != NULL ? b->value[0] : row->fallback;
		if ((x == NULL) != (y == NULL) || (x != NULL && strcmp(x, y) != 0))
			return true;
	}
	return false;
}

static bool node_restart(const struct node *from, const struct node *to)
{
	static const struct node nothing;
	const struct node *a = from != NULL ? from : &nothing, *b = to != NULL ? to : &nothing;
	unsigned i = 0, k = 0;

	if (settings_restart(from, to))
		return true;
	while (i < a->n_children || k < b->n_children) {
		int c = order(a, i, b, k);

		if (node_restart(c <= 0 ? a->child[i] : NULL, c >= 0 ? b->child[k] : NULL))
			return true;
		i += c <= 0;
		k += c >= 0;
	}
	return false;
}

bool diff_needs_restart(const struct tree *from, const struct tree *to)
{
	return node_restart(from->root, to->root);
}
