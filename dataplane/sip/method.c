// SIP methods: name to id and back.
#include "dataplane/sip/method.h"

static const struct str names[METHOD_COUNT] = {
#define X(id, name) [METHOD_##id] = {name, sizeof(name) - 1},
        method_rows(X)
#undef X
};

enum method method_parse(struct str token)
{
	// Length and first letter leave one row, so one comparison is made at most.
	for (int i = METHOD_OTHER + 1; i < METHOD_COUNT; i++) {
		if (names[i].len == token.len && names[i].p[0] == token.p[0] &&
		        str_eq(names[i], token))
			return (enum method)i;
	}
	return METHOD_OTHER;
}

struct str method_name(enum method m)
{
	return names[m];
}
