// SIP methods: name to id and back.
#include "dataplane/sip/method.h"

#include "dataplane/base/vec.h"

static const struct {
	char name[VEC_BYTES];
	size_t len;
} rows[METHOD_COUNT] = {
#define X(id, name) [METHOD_##id] = {name, sizeof(name) - 1},
        method_rows(X)
#undef X
};

enum method method_parse(struct str token)
{
	struct vec v;

	if (token.len == 0 || token.len > VEC_BYTES)
		return METHOD_OTHER;
	v = vec_load(token);
	// Length and first letter leave one row, so one comparison is made at most.
	for (int i = METHOD_OTHER + 1; i < METHOD_COUNT; i++) {
		if (rows[i].len == token.len && rows[i].name[0] == token.p[0])
			return (~vec_same(v, vec_read(rows[i].name)) & vec_low(token.len)) == 0
			               ? (enum method)i
			               : METHOD_OTHER;
	}
	return METHOD_OTHER;
}

struct str method_name(enum method m)
{
	return (struct str){rows[m].name, rows[m].len};
}
