// Arrays that grow by doubling: the room is the next power of two of what is in them, or more.
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Room for one more element at `at` of an array of n.
static inline bool gap_open(void **array, unsigned n, unsigned at, size_t size)
{
	if ((n & (n - 1)) == 0) {
		void *more = realloc(*array, (n == 0 ? 1 : 2 * (size_t)n) * size);

		if (more == NULL)
			return false;
		*array = more;
	}
	memmove((char *)*array + (at + 1) * size, (char *)*array + at * size, (n - at) * size);
	return true;
}

// Takes the element out. (The room gap_open expects for one less is still there.)
static inline void gap_close(void *array, unsigned n, unsigned at, size_t size)
{
	memmove((char *)array + at * size, (char *)array + (at + 1) * size, (n - at - 1) * size);
}
