// A configuration: a tree of objects and settings, in the schema's order, keys sorted (numbers and
// names naturally). Owns its memory.
#pragma once

#include "config/schema.h"

struct tree;
struct node; // an object ("port access"), a setting ("mtu") with value(s)

struct tree *tree_create(void);
void tree_destroy(struct tree *t);
struct tree *tree_copy(const struct tree *t);

// words: of a line after "set" or "delete". A line may set several attributes of one object:
// `leg access port access udp 192.0.2.1:5060`: when a value is followed by more words, they go on
// from the object that holds it. Errors: error.column = 1-based number of the bad word; text names
// the words that would fit. A line with an error changes nothing.
int tree_set(struct tree *t, const struct str *words, unsigned n, struct error *e);
// Deletes an object, a setting, or one value of a list. Deleting what is not there is an error.
int tree_delete(struct tree *t, const struct str *words, unsigned n, struct error *e);
// Source line of what is set from now on (0 = none), for node_line.
void tree_at_line(struct tree *t, int line);

// Reading, for build.c: objects below a path of keywords and keys. All strings live as long as the
// tree is unchanged.
const struct node *tree_root(const struct tree *t);
// Child object by keyword and key ("port","access"), or NULL. key NULL: a keyword that needs none
// ("worker"), which is always there, set or not.
const struct node *node_child(const struct node *n, const char *keyword, const char *key);
// Iterates child objects with that keyword: pass NULL to start; NULL at the end.
const struct node *node_next(
        const struct node *parent, const char *keyword, const struct node *previous);
const char *node_key(const struct node *n);
// Value of a setting of this object: what was set, else the schema's default, else NULL.
const char *node_value(const struct node *n, const char *keyword);
// The i-th value of a list setting, NULL at the end.
const char *node_list(const struct node *n, const char *keyword, unsigned i);
// Was it set (not defaulted)?
bool node_has(const struct node *n, const char *keyword);
// Numbers and switches, already checked by type: the value or default.
int64_t node_number(const struct node *n, const char *keyword);
bool node_switch(const struct node *n, const char *keyword);
// Source line of an object or setting when it came from a text, else 0. keyword NULL:
// of the object.
int node_line(const struct node *n, const char *keyword);
