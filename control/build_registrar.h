// The part of build.c for registrar domains.
#pragma once

#include "config/tree.h"
#include "dataplane/table/home.h"

// Adds the row of HOMES of a `domain ... registrar`; returns its index, -1 with error.
int build_registrar(const struct node *root, const struct node *domain, struct table_builder *b,
        struct error *e);
