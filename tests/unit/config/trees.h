// Trees made of text, for the tests of config.
#pragma once

#include "tests/unit/unit.h"

#include "config/text.h"

static inline struct tree *tree_of(const char *text)
{
	struct tree *t = tree_create();
	struct error e = {0};

	assert_non_null(t);
	if (text_read(t, str_of(text), NULL, &e) != 0)
		fail_msg("%s", e.text);
	return t;
}

// The text of a tree is what is wanted.
static inline void tree_is(const struct tree *t, const char *want)
{
	char *text = text_write(t, true);

	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
}

// Reads text into t; it must fail with that error.
static inline void tree_refuses(struct tree *t, const char *text, const char *want)
{
	struct error e = {0};

	assert_int_equal(text_read(t, str_of(text), "x", &e), -1);
	assert_string_equal(e.text, want);
}
