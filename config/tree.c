// The tree: what was set, sorted, with the schema's defaults behind it.
#include "config/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/gap.h"
#include "config/setting.h"
#include "config/walk.h"

static void node_destroy(struct node *n)
{
	if (n == NULL)
		return;
	for (unsigned i = 0; i < n->n_children; i++)
		node_destroy(n->child[i]);
	for (unsigned i = 0; i < n->n_settings; i++)
		setting_clear(&n->setting[i]);
	free(n->child);
	free(n->setting);
	free(n->key);
	free(n);
}

// Runs of digits compare by value, the rest by byte; equal values by their text.
static int natural_compare(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x != '\0' && *y != '\0') {
		size_t n, m;
		int c;

		if (!char_is_digit(*x) || !char_is_digit(*y)) {
			if (*x != *y)
				return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
			x++;
			y++;
			continue;
		}
		x += strspn(x, "0");
		y += strspn(y, "0");
		n = strspn(x, "0123456789");
		m = strspn(y, "0123456789");
		if (n != m)
			return n < m ? -1 : 1;
		c = memcmp(x, y, n);
		if (c != 0)
			return c;
		x += n;
		y += m;
	}
	if (*x != *y)
		return *x == '\0' ? -1 : 1;
	return strcmp(a, b);
}

int node_compare(const struct schema_object *a_object, const char *a_key,
        const struct schema_object *b_object, const char *b_key)
{
	if (a_object != b_object)
		return a_object < b_object ? -1 : 1;
	if (a_key == NULL || b_key == NULL)
		return (a_key != NULL) - (b_key != NULL);
	return natural_compare(a_key, b_key);
}

unsigned node_find(
        const struct node *n, const struct schema_object *o, const char *key, bool *found)
{
	unsigned low = 0, high = n->n_children;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		const struct node *c = n->child[middle];

		if (node_compare(c->object, c->key, o, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < n->n_children &&
	         node_compare(n->child[low]->object, n->child[low]->key, o, key) == 0;
	return low;
}

// A node with the keyless objects below it.
static struct node *node_create(const struct schema_object *o, const char *key, int line)
{
	struct node *n = calloc(1, sizeof(*n));
	const struct schema_object *below = NULL;

	if (n == NULL)
		return NULL;
	n->object = o;
	n->line = line;
	n->key = key != NULL ? strdup(key) : NULL;
	if (key != NULL && n->key == NULL)
		goto fail;
	while ((below = schema_next_child(o, below)) != NULL) {
		struct node *child;

		if (below->key != TYPE_FLAG)
			continue;
		child = node_create(below, NULL, 0);
		if (child == NULL)
			goto fail;
		if (!gap_open((void **)&n->child, n->n_children, n->n_children, sizeof(child))) {
			node_destroy(child);
			goto fail;
		}
		n->child[n->n_children++] = child;
	}
	return n;
fail:
	node_destroy(n);
	return NULL;
}

static struct node *node_make(
        struct node *n, const struct schema_object *o, const char *key, int line)
{
	bool found;
	unsigned at = node_find(n, o, key, &found);
	struct node *child;

	if (found)
		return n->child[at];
	child = node_create(o, key, line);
	if (child == NULL || !gap_open((void **)&n->child, n->n_children, at, sizeof(child))) {
		node_destroy(child);
		return NULL;
	}
	n->child[at] = child;
	n->n_children++;
	return child;
}

static void remove_child(struct node *n, unsigned at)
{
	node_destroy(n->child[at]);
	gap_close(n->child, n->n_children, at, sizeof(n->child[0]));
	n->n_children--;
}

static unsigned find_setting(const struct node *n, const struct schema_row *row)
{
	unsigned i = 0;

	while (i < n->n_settings && n->setting[i].row < row)
		i++;
	return i;
}

const struct setting *node_setting(const struct node *n, const struct schema_row *row)
{
	unsigned i = find_setting(n, row);

	return i < n->n_settings && n->setting[i].row == row ? &n->setting[i] : NULL;
}

static void remove_setting(struct node *n, unsigned at)
{
	setting_clear(&n->setting[at]);
	gap_close(n->setting, n->n_settings, at, sizeof(n->setting[0]));
	n->n_settings--;
}

// The setting, made if it is not there; NULL when there is no memory.
static struct setting *make_setting(struct node *n, const struct schema_row *row, int line)
{
	unsigned at = find_setting(n, row);
	struct setting *s;

	if (at == n->n_settings || n->setting[at].row != row) {
		if (!gap_open((void **)&n->setting, n->n_settings, at, sizeof(*s)))
			return NULL;
		n->setting[at] = (struct setting){.row = row};
		n->n_settings++;
	}
	s = &n->setting[at];
	s->line = line;
	return s;
}

// value NULL: a flag.
static bool node_set(struct node *n, const struct schema_row *row, const char *value, int line)
{
	struct setting *s = make_setting(n, row, line);

	if (s == NULL || value == NULL || setting_has(s, value))
		return s != NULL;
	if ((row->flags & SCHEMA_LIST) != 0 || s->n_values == 0)
		return setting_add(s, value);
	return setting_add(s, value) && setting_remove(s, s->value[0]);
}

struct tree *tree_create(void)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->root = node_create(NULL, NULL, 0);
	if (t->root != NULL)
		return t;
	free(t);
	return NULL;
}

void tree_destroy(struct tree *t)
{
	if (t == NULL)
		return;
	node_destroy(t->root);
	free(t);
}

static bool node_copy(struct node *to, const struct node *from)
{
	for (unsigned i = 0; i < from->n_settings; i++) {
		const struct setting *s = &from->setting[i];
		struct setting *copy = make_setting(to, s->row, s->line);

		if (copy == NULL || !setting_copy(copy, s))
			return false;
	}
	for (unsigned i = 0; i < from->n_children; i++) {
		const struct node *c = from->child[i];
		struct node *child = node_make(to, c->object, c->key, c->line);

		if (child == NULL || !node_copy(child, c))
			return false;
	}
	return true;
}

struct tree *tree_copy(const struct tree *t)
{
	struct tree *copy = tree_create();

	if (copy != NULL && node_copy(copy->root, t->root))
		return copy;
	tree_destroy(copy);
	return NULL;
}

void tree_at_line(struct tree *t, int line)
{
	t->line = line;
}

int tree_set(struct tree *t, const struct str *words, unsigned n, struct error *e)
{
	struct node *at = t->root, *above = at;
	struct walk w;

	if (walk_words(&w, WALK_SET, words, n, e) != 0)
		return -1;
	for (unsigned i = 0; i < w.n_steps && at != NULL; i++) {
		const struct walk_step *s = &w.step[i];
		const char *value = s->has_value ? s->value : NULL;

		if (s->leave) {
			at = above;
		} else if (s->row == NULL) {
			above = at;
			at = node_make(at, s->object, value, t->line);
		} else if (!node_set(at, s->row, value, t->line)) {
			at = NULL;
		}
	}
	return at != NULL ? 0 : error_set(e, "out of memory");
}

static int not_there(struct error *e, const struct walk_step *s)
{
	struct str keyword = schema_keyword(s->row != NULL ? s->row->path : s->object->path);
	bool secret = s->row != NULL && s->row->flags & SCHEMA_SECRET;

	if (e != NULL)
		e->column = (int)s->word;
	return error_set(e, "there is no %.*s%s%s%s to delete", STR_ARG(keyword),
	        s->has_value ? " '" : "", secret ? "***" : s->value, s->has_value ? "'" : "");
}

static int delete_setting(struct node *n, const struct walk_step *s, struct error *e)
{
	unsigned at = find_setting(n, s->row);

	if (at == n->n_settings || n->setting[at].row != s->row)
		return not_there(e, s);
	if (!s->has_value) {
		remove_setting(n, at);
		return 0;
	}
	if (!setting_remove(&n->setting[at], s->value))
		return not_there(e, s);
	if (n->setting[at].n_values == 0)
		remove_setting(n, at);
	return 0;
}

int tree_delete(struct tree *t, const struct str *words, unsigned n, struct error *e)
{
	struct node *at = t->root, *parent = NULL;
	const struct walk_step *s = NULL;
	unsigned index = 0;
	struct walk w;

	if (walk_words(&w, WALK_DELETE, words, n, e) != 0)
		return -1;
	for (unsigned i = 0; i < w.n_steps; i++) {
		bool found;

		s = &w.step[i];
		if (s->row != NULL)
			return delete_setting(at, s, e);
		index = node_find(at, s->object, s->has_value ? s->value : NULL, &found);
		if (!found)
			return not_there(e, s);
		parent = at;
		at = at->child[index];
	}
	if (at->key == NULL && node_is_empty(at))
		return not_there(e, s);
	remove_child(parent, index);
	// A keyless object is always there.
	if (s->object->key == TYPE_FLAG && node_make(parent, s->object, NULL, 0) == NULL)
		return error_set(e, "out of memory");
	return 0;
}
