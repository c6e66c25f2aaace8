// The reference of every setting, made of the schema: `spry help` and the manual page.
#pragma once

#include "config/schema.h"

// malloc'ed text, lines of at most 100 characters. `keyword` picks one kind of object ("port"),
// NULL = all; NULL when there is no such kind.
char *manual_text(const char *keyword);
