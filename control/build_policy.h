// The part of build.c for policy: access lists, limits, patterns, sizes.
#pragma once

#include "config/tree.h"
#include "dataplane/table/table.h"

// Compiles the patterns of a tree that passed check(), and keeps the result for build_policy().
void build_policy_compile(const struct node *root);
// Would build_policy() have to compile many?
bool build_policy_is_slow(const struct node *root);
int build_policy(const struct node *root, struct table_builder *b, struct error *e);
