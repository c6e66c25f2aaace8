// What a single setting can't show: references, needed settings, choices, clashes. All or nothing.
#pragma once

#include "config/tree.h"

// First fault, with the line when the tree came from a text. 0 when the tree can be built.
int check(const struct tree *t, struct error *e);
