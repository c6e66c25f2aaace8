// Rules that tie several settings together; references are known to be good by then. For check.c
// only.
#pragma once

#include "config/node.h"

int rules_check(const struct node *root, struct error *e);

// For "return RULES_FAULT(e, node, keyword, format, ...)": the text, and the line of the setting
// (of the object when keyword is NULL).
#define RULES_FAULT(e, node, keyword, ...) \
	(error_set((e), __VA_ARGS__), rules_at_line((e), (node), (keyword)))
int rules_at_line(struct error *e, const struct node *n, const char *keyword);

// rules_policy.c
int rules_policy(const struct node *root, struct error *e);

// rules_registrar.c
int rules_registrar(const struct node *root, struct error *e);
