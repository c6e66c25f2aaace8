// Reading a tree: for check.c and control/build.c.
#include "config/node.h"

bool node_is_empty(const struct node *n)
{
	for (unsigned i = 0; i < n->n_children; i++) {
		if (n->child[i]->key != NULL || !node_is_empty(n->child[i]))
			return false;
	}
	return n->key == NULL && n->n_settings == 0;
}

const struct node *tree_root(const struct tree *t)
{
	return t->root;
}

const struct node *node_child(const struct node *n, const char *keyword, const char *key)
{
	const struct schema_object *o = schema_child(n->object, str_of(keyword));
	unsigned at;
	bool found;

	if (o == NULL)
		return NULL;
	at = node_find(n, o, key, &found);
	return found ? n->child[at] : NULL;
}

const struct node *node_next(
        const struct node *parent, const char *keyword, const struct node *previous)
{
	const struct schema_object *o = schema_child(parent->object, str_of(keyword));
	unsigned at;
	bool found;

	if (o == NULL)
		return NULL;
	// A NULL key stands before all keys.
	at = node_find(parent, o, previous != NULL ? previous->key : NULL, &found);
	at += previous != NULL;
	return at < parent->n_children && parent->child[at]->object == o ? parent->child[at] : NULL;
}

const char *node_key(const struct node *n)
{
	return n->key;
}

static const struct setting *find(
        const struct node *n, const char *keyword, const struct schema_row **row)
{
	*row = schema_setting(n->object, str_of(keyword));
	return *row != NULL ? node_setting(n, *row) : NULL;
}

const char *node_value(const struct node *n, const char *keyword)
{
	const struct schema_row *row;
	const struct setting *s = find(n, keyword, &row);

	if (s != NULL && s->n_values > 0)
		return s->value[0];
	return row != NULL ? row->fallback : NULL;
}

const char *node_list(const struct node *n, const char *keyword, unsigned i)
{
	const struct schema_row *row;
	const struct setting *s = find(n, keyword, &row);

	return s != NULL && i < s->n_values ? s->value[i] : NULL;
}

bool node_has(const struct node *n, const char *keyword)
{
	const struct schema_row *row;

	return find(n, keyword, &row) != NULL;
}

int64_t node_number(const struct node *n, const char *keyword)
{
	const char *text = node_value(n, keyword);
	uint64_t value = 0;

	if (text != NULL)
		str_decimal(str_of(text), UINT64_MAX, &value);
	return (int64_t)value;
}

bool node_switch(const struct node *n, const char *keyword)
{
	const char *text = node_value(n, keyword);

	return text != NULL && strcmp(text, "on") == 0;
}

int node_line(const struct node *n, const char *keyword)
{
	const struct schema_row *row;
	const struct setting *s = keyword != NULL ? find(n, keyword, &row) : NULL;

	return s != NULL ? s->line : n->line;
}
