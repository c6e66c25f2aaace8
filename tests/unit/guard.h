// Memory between two unreadable pages: reading one byte past (or before) a message placed against
// one is a SIGSEGV, in every build.
#pragma once

#include <string.h>
#include <sys/mman.h>

enum { GUARD_PAGE = 4096, GUARD_ROOM = 20 * GUARD_PAGE };

struct guard {
	char *p;
};

static inline int guard_init(struct guard *g)
{
	char *all = mmap(
	        NULL, GUARD_ROOM + 2 * GUARD_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		return -1;
	g->p = all + GUARD_PAGE;
	return mprotect(g->p, GUARD_ROOM, PROT_READ | PROT_WRITE);
}

static inline void guard_fini(struct guard *g)
{
	munmap(g->p - GUARD_PAGE, GUARD_ROOM + 2 * GUARD_PAGE);
}

// A copy of text whose last byte is the last one mapped.
static inline struct str guard_copy(struct guard *g, struct str text)
{
	char *p = g->p + GUARD_ROOM - text.len;

	if (text.len > 0)
		memcpy(p, text.p, text.len);
	return (struct str){p, text.len};
}

// A copy of text whose first byte is the first one mapped.
static inline struct str guard_copy_first(struct guard *g, struct str text)
{
	if (text.len > 0)
		memcpy(g->p, text.p, text.len);
	return (struct str){g->p, text.len};
}
