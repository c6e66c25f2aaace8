// ";name=value" lists of header fields and URIs (generic-param, uri-parameter: RFC 3261 §25.1).
#pragma once

#include "dataplane/sip/charset.h"

struct param {
	struct str name;
	struct str value; // as written: quotes kept; STR_NONE when there is no '='
	struct str all;   // from its ';' to its end: what to cut to remove it
};

enum params_kind {
	PARAMS_HEADER, // token names, token / host / quoted-string values, LWS around ; and =
	PARAMS_URI,    // no white space, no quotes, escapes allowed
};

// Parameters of one list (RELIABILITY rule 12): more are a syntax error. What a list costs grows
// with their number. A list that a proxy adds some to must have room for them, or what comes back
// could not be read.
enum { PARAMS_MAX = 128, PARAMS_OWN = 8 };

// A look at the 64 bytes from `from` on: where names and values can't go on.
struct params_look {
	const char *from;
	uint64_t name_stops, value_stops;
};

struct params_iter {
	struct str rest;
	enum params_kind kind;
	uint16_t n; // parameters so far
	bool bad;
	struct params_look look;
};

// `text` starts with ';' (after optional white space) or is empty.
static inline struct params_iter params_start(struct str text, enum params_kind kind);
// False at the end, or at a syntax error: then it->bad is set.
static inline bool params_next(struct params_iter *it, struct param *out);
// The same by the grammar alone, never by a look: what the other is compared with.
bool params_next_plain(struct params_iter *it, struct param *out);

// First parameter of that name, any case. False when absent or the list is bad before it.
bool params_find(struct str text, enum params_kind kind, struct str name, struct param *out);
// True when the whole list is well-formed (RELIABILITY rule 3: `unique`, when not empty, may appear
// only once). *found (may be NULL) is that one, with an empty name when it is not there.
bool params_check(struct str text, enum params_kind kind, struct str unique, struct param *found);

static inline struct params_look params_look_at(struct str s, enum params_kind kind)
{
	const struct vec_pair v = vec_load_pair(s);
	const uint64_t behind = vec_pair_from(s.len);

	if (kind == PARAMS_URI) {
		const uint64_t stops = vec_pair_out(v, charset_rows(CHARSET_PARAM)) | behind;

		return (struct params_look){s.p, stops, stops};
	}
	return (struct params_look){s.p, vec_pair_out(v, charset_rows(CHARSET_TOKEN)) | behind,
	        vec_pair_out(v, charset_rows(CHARSET_VALUE)) | behind};
}

static inline struct params_iter params_start(struct str text, enum params_kind kind)
{
	if (text.len == 0)
		return (struct params_iter){.rest = text, .kind = kind};
	return (struct params_iter){.rest = text, .kind = kind, .look = params_look_at(text, kind)};
}

// Almost every parameter: no white space, quotes or escapes, and it lies in the look. False, and
// nothing done, when it is another one or the list is at its end.
static inline __attribute__((always_inline)) bool params_next_usual(
        struct params_iter *it, struct param *out)
{
	const struct params_look *look = &it->look;
	const char *p = it->rest.p, *end = str_end(it->rest);
	const size_t name = (size_t)(p - look->from) + 1;
	size_t stop, value;

	if (it->rest.len < 2 || *p != ';' || name >= VEC_PAIR_BYTES || it->n == PARAMS_MAX)
		return false;
	stop = name + vec_pair_first(look->name_stops >> name);
	value = stop + 1;
	if (stop == name || value >= VEC_PAIR_BYTES)
		return false;
	out->name = str_from(look->from + name, look->from + stop);
	out->value = STR_NONE;
	if (look->from + stop != end && look->from[stop] == '=') {
		stop = value + vec_pair_first(look->value_stops >> value);
		if (stop == value || stop >= VEC_PAIR_BYTES)
			return false;
		out->value = str_from(look->from + value, look->from + stop);
	}
	if (look->from + stop != end && look->from[stop] != ';')
		return false;
	out->all = str_from(p, look->from + stop);
	it->rest = str_from(look->from + stop, end);
	it->n++;
	return true;
}

// Any other: of the grammar, or behind the look, which begins anew with it then.
bool params_next_other(struct params_iter *it, struct param *out);

static inline bool params_next(struct params_iter *it, struct param *out)
{
	return params_next_usual(it, out) || (it->rest.len > 0 && params_next_other(it, out));
}
