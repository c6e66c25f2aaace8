// What a fuzz target says when something is not as it must be: where, and abort, in every build.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/base/str.h"

#define oracle(condition)                                                               \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

// What an inspection found wrong, NULL = nothing.
static inline void oracle_nothing(const char *wrong)
{
	if (wrong != NULL)
		fprintf(stderr, "%s\n", wrong);
	oracle(wrong == NULL);
}

// A view without bytes may point anywhere.
static inline bool oracle_inside(struct str part, struct str whole)
{
	return part.len == 0 || (part.p >= whole.p && str_end(part) <= str_end(whole));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
