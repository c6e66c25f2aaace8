// Domains whose users register here: what must fit together.
#include <string.h>

#include "config/rules.h"

static const char *const keywords[] = {"default-expires", "min-expires", "max-expires",
        "max-contacts", "third-party", "foreign-contact", "service-route"};

static int check_domain(const struct node *d, struct error *e)
{
	const char *name = node_key(d);
	int64_t usual = node_number(d, "default-expires");

	if (!node_has(d, "registrar")) {
		for (unsigned i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
			if (node_has(d, keywords[i]))
				return RULES_FAULT(e, d, keywords[i],
				        "domain %s %s: only with `registrar`", name, keywords[i]);
		return 0;
	}
	if (name[0] == '*' || strcmp(name, "default") == 0)
		return RULES_FAULT(e, d, "registrar",
		        "domain %s registrar: users register with an exact name", name);
	if (node_number(d, "min-expires") > usual)
		return RULES_FAULT(e, d, "min-expires",
		        "domain %s min-expires: more than default-expires (%lld)", name,
		        (long long)usual);
	if (node_number(d, "max-expires") < usual)
		return RULES_FAULT(e, d, "max-expires",
		        "domain %s max-expires: less than default-expires (%lld)", name,
		        (long long)usual);
	return 0;
}

int rules_registrar(const struct node *root, struct error *e)
{
	const struct node *d = NULL;

	while ((d = node_next(root, "domain", d)) != NULL)
		if (check_domain(d, e) != 0)
			return -1;
	return 0;
}
