// Inside of a configuration tree: for the files of this folder only.
#pragma once

#include "config/tree.h"

struct setting {
	const struct schema_row *row;
	char **value;  // n_values words in canonical form; none for a flag
	char **sorted; // the same (setting.h)
	unsigned n_values;
	int line;
};

struct node {
	const struct schema_object *object; // NULL: the root
	char *key;                          // NULL: a keyword without one
	int line;
	struct setting *setting; // in the order of schema_rows
	unsigned n_settings;
	struct node **child; // in the order of schema_objects, then of their keys
	unsigned n_children;
};

struct tree {
	struct node *root;
	int line;
};

// Order of children. Keys: runs of digits by value, the rest by byte.
int node_compare(const struct schema_object *a_object, const char *a_key,
        const struct schema_object *b_object, const char *b_key);
const struct setting *node_setting(const struct node *n, const struct schema_row *row);
// Index of n's child, or where it would stand.
unsigned node_find(
        const struct node *n, const struct schema_object *o, const char *key, bool *found);
// A keyless object with nothing in it: as if it were not there.
bool node_is_empty(const struct node *n);
