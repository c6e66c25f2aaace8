// What the tests of tables share: from a builder to a checked view.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/sip/transport.h"
#include "dataplane/table/root.h"
#include "dataplane/table/table.h"

struct image {
	void *bytes;
	size_t len;
	struct table_view view;
};

static const struct hash_key image_key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

// Finishes the builder and opens what came out.
static inline struct image image_of(struct table_builder *b, unsigned chain)
{
	struct image i = {0};
	struct error e = {0};

	i.bytes = table_finish(b, chain, 1, &i.len, &e);
	assert_non_null(i.bytes);
	if (table_open(&i.view, i.bytes, i.len, chain, &e) != 0)
		fail_msg("table_open: %s", e.text);
	return i;
}

// An image that must not open; the reason must hold the text.
static inline void image_refused(struct table_builder *b, unsigned chain, const char *text)
{
	struct error e = {0};
	struct table_view v;
	size_t len;
	void *bytes = table_finish(b, chain, 1, &len, &e);

	assert_non_null(bytes);
	assert_int_equal(table_open(&v, bytes, len, chain, &e), -1);
	if (strstr(e.text, text) == NULL)
		fail_msg("refused with \"%s\", not \"%s\"", e.text, text);
	free(bytes);
}

static inline void image_free(struct image *i)
{
	free(i->bytes);
	i->bytes = NULL;
}

static inline struct addr addr_text(const char *text)
{
	struct addr a = {0};

	if (!addr_parse(str_of(text), &a))
		fail_msg("not an address: %s", text);
	return a;
}

// Numbers for tests that wander: the same ones in every run (xorshift64).
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
