// ";name=value" lists of header fields and URIs (generic-param, uri-parameter: RFC 3261 §25.1).
#pragma once

#include "dataplane/base/str.h"

struct param {
	struct str name;
	struct str value; // as written: quotes kept; STR_NONE when there is no '='
	struct str all;   // from its ';' to its end: what to cut to remove it
};

enum params_kind {
	PARAMS_HEADER, // token names, token / host / quoted-string values, LWS around ; and =
	PARAMS_URI,    // no white space, no quotes, escapes allowed
};

struct params_iter {
	struct str rest;
	enum params_kind kind;
	bool bad;
};

// `text` starts with ';' (after optional white space) or is empty.
static inline struct params_iter params_start(struct str text, enum params_kind kind)
{
	return (struct params_iter){text, kind, false};
}
// False at the end, or at a syntax error: then it->bad is set.
bool params_next(struct params_iter *it, struct param *out);

// First parameter of that name, any case. False when absent or the list is bad before it.
bool params_find(struct str text, enum params_kind kind, struct str name, struct param *out);
// True when the whole list is well-formed (RELIABILITY rule 3: `unique`, when not empty, may appear
// only once). *found (may be NULL) is that one, with an empty name when it is not there.
bool params_check(struct str text, enum params_kind kind, struct str unique, struct param *found);
