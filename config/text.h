// Text form of a configuration: CLI lines ("set ...", "delete ...", comments with #), which is also
// the file and what a script pipes in. One grammar, one parser, exact round trip.
#pragma once

#include "config/tree.h"

// Splits a line into words: quotes '...' and "..." (backslash escapes in the latter), # starts a
// comment at a word's beginning. Returns the number of words, -1 with column of the fault. Unquoted
// copies go into `room` (at least line.len + 1 bytes); columns[i] = 1-based column of word i.
int text_words(struct str line, struct str *words, int *columns, unsigned max, char *room,
        struct error *e);

// Reads a whole text into the tree (set and delete lines; a "commit" line is ignored so that a CLI
// script is a file too). Stops at the first error: error.line and error.column say where, text
// names the words that would fit, and begins with "name:line:column: " ("line L, column C: "
// without a name). Lines before the error have been applied.
int text_read(struct tree *t, struct str text, const char *name, struct error *e);
// Canonical text, one setting a line, malloc'ed, NUL-terminated. With `secrets` false they are ***.
char *text_write(const struct tree *t, bool secrets);

// What fits next: completions and help of a partial line ("set port access "); the first word, set
// or delete, is the caller's. Calls `found` for each candidate with its help; `placeholder` ones
// stand for a value. Returns the column where the word being completed starts.
typedef void (*text_found_fn)(void *arg, const char *word, const char *help, bool placeholder);
int text_complete(const struct tree *t, struct str line, text_found_fn found, void *arg);
