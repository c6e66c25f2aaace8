// What the tests of the grammar share: inputs that end at an unmapped page, and checks of views.
#pragma once

#include "tests/unit/unit.h"
#include "tests/unit/guard.h"

enum { VIEW_PLACES = 2 };

// A copy of `s` before an unmapped page, in one of two places, until the next copy into that place.
static inline struct str view_at_edge(unsigned place, struct str s)
{
	static struct guard guards[VIEW_PLACES];

	if (guards[place].p == NULL)
		assert_int_equal(guard_init(&guards[place]), 0);
	assert_true(s.len <= GUARD_ROOM);
	return guard_copy(&guards[place], s);
}

// True when `view` is STR_NONE or lies inside `in`.
static inline bool view_inside(struct str view, struct str in)
{
	if (view.p == NULL)
		return view.len == 0;
	return view.p >= in.p && view.p <= str_end(in) &&
	       view.len <= (size_t)(str_end(in) - view.p);
}

// A text made of n times `unit`, between a head and a tail; in a static buffer.
static inline struct str view_repeat(const char *head, const char *unit, size_t n, const char *tail)
{
	static char buffer[GUARD_ROOM];
	size_t at = strlen(head), step = strlen(unit), last = strlen(tail);

	assert_true(at + n * step + last <= sizeof(buffer));
	memcpy(buffer, head, at);
	for (; n > 0; n--, at += step)
		memcpy(buffer + at, unit, step);
	memcpy(buffer + at, tail, last);
	return (struct str){buffer, at + last};
}
