// What every unit test includes: cmocka with the headers it needs, and comparisons of views.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/base/str.h"

#define unit_str(view, text)                                                                 \
	do {                                                                                 \
		struct str unit_view = (view);                                               \
		struct str unit_want = str_of(text);                                         \
		if (!str_eq(unit_view, unit_want))                                           \
			fail_msg("'%.*s' instead of '%s'", STR_ARG(unit_view), unit_want.p); \
	} while (0)

#define unit_rows(rows) (sizeof(rows) / sizeof((rows)[0]))

// The next of a row of numbers that look like chance, and are the same in every run.
static inline uint32_t unit_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}
