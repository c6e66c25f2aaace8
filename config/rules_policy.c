// Patterns: what must fit together.
#include "config/rules.h"

static int check_pattern(const struct node *pattern, struct error *e)
{
	static const char *const actions[] = {"drop", "reject", "tag", "limit"};
	const struct node *action = node_child(pattern, "action", NULL);

	for (unsigned i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (node_has(action, actions[i]))
			return 0;
	return RULES_FAULT(e, pattern, NULL,
	        "pattern %s: one of these is needed: action drop, action reject, action tag, "
	        "action limit",
	        node_key(pattern));
}

int rules_policy(const struct node *root, struct error *e)
{
	const struct node *pattern = NULL;

	while ((pattern = node_next(root, "pattern", pattern)) != NULL)
		if (check_pattern(pattern, e) != 0)
			return -1;
	return 0;
}
