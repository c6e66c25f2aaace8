// The part of build_policy.c for patterns: what takes time is kept for the next commit.
#pragma once

#include "dataplane/base/error.h"

// Patterns of one place. ids are what a match reports.
struct pattern_source {
	const char **text;
	unsigned *id;
	unsigned n;
};

// The database of them, serialized; it lives until the next call for that place. An empty one is
// STR_NONE. -1 with error and *bad = index of the pattern at fault (or n).
// Is it kept from the last time?
bool build_pattern_kept(unsigned place, const struct pattern_source *s);
int build_pattern_database(unsigned place, const struct pattern_source *s, struct str *out,
        unsigned *bad, struct error *e);
