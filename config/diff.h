// Difference of two configurations as lines that make one out of the other: "set ..." for what is
// new, "delete ..." for what is gone.
#pragma once

#include "config/tree.h"

// Is the text empty? Writes none, and stops at the first difference.
bool diff_equal(const struct tree *a, const struct tree *b);
// malloc'ed text, empty when equal. Each line starts with "+ set" or "- set" as operators read
// diffs.
char *diff_text(const struct tree *from, const struct tree *to);
bool diff_needs_restart(const struct tree *from, const struct tree *to);
