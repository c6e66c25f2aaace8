// The words of a line, resolved by the schema into steps: objects entered, settings with their
// canonical value. Knows no tree.
#pragma once

#include "config/schema.h"

enum {
	WALK_WORDS_MAX = 64,
	WALK_STEPS_MAX = 2 * WALK_WORDS_MAX, // a word may leave an object and enter another
	WALK_VALUE_MAX = 256,
};

struct walk_step {
	const struct schema_object *object; // entered, or the one that holds row
	const struct schema_row *row;       // NULL: the step enters an object
	unsigned word;                      // number of its last word
	bool leave;                         // back to the object around (`object`)
	bool has_value;                     // a setting's value, an object's key
	char value[WALK_VALUE_MAX];
};

struct walk {
	struct walk_step step[WALK_STEPS_MAX];
	unsigned n_steps;
	const struct schema_object *at;     // object the next word belongs to
	const struct schema_object *opened; // or: the object whose key is the next word
	const struct schema_row *row;       // or: the setting whose value is the next word
};

enum walk_mode {
	WALK_SET,     // every key and value must be there
	WALK_DELETE,  // one target; it may end at a setting without value
	WALK_PARTIAL, // may end anywhere (completion)
};

// 0, or -1 with error.column = number of the bad word (n + 1 when one is missing).
int walk_words(
        struct walk *w, enum walk_mode mode, const struct str *words, unsigned n, struct error *e);
