// Configuration tree -> tables of the ROOT_CONFIG chain. To add a setting the dataplane reads: a
// row in config/schema.c, a line here.
#pragma once

#include "config/tree.h"
#include "dataplane/table/table.h"

// Fills a builder fresh from table_begin (the caller's hash key: random, kept while spryd runs)
// with a tree that passed check(). `keys` seal when the tree names no token key; keys[0] seals. The
// caller goes on with table_finish. On an error, which names the setting, the builder is abandoned.
int build_config(const struct tree *t, const struct token_key *keys, unsigned n_keys,
        struct table_builder *b, struct error *e);
