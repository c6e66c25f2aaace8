// Patterns of expected messages: text with {name}. The first {name} takes what stands there (up to
// a character that ends a value: white space , ; > @ "), the next ones must be the same. {*} takes
// anything of that kind, again and again.
#pragma once

#include "dataplane/base/str.h"

enum { MATCH_NAMES_MAX = 64, MATCH_TEXT_MAX = 128 };

struct match_names {
	unsigned n;
	struct {
		char name[32];
		char text[MATCH_TEXT_MAX];
	} row[MATCH_NAMES_MAX];
};

// True when the whole text matches; else *at is how many bytes of the text did.
bool match(struct match_names *names, struct str pattern, struct str text, size_t *at);
// The pattern with every {name} that is known put in. Returns the length; 0 when room is too small.
size_t match_fill(const struct match_names *names, struct str pattern, char *out, size_t room);
