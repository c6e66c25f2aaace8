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
