// Limits: see limit.h.
#include "dataplane/table/limit.h"

static bool row_good(const struct limit *l)
{
	return l->by < LIMIT_BY_COUNT && l->amount > 0 && l->per_s > 0 && l->burst > 0 &&
	       (l->status == 0 || (l->status >= 300 && l->status < 700)) &&
	       ((l->flags & LIMIT_EARLY) == 0 ||
	               ((l->by < LIMIT_BY_FROM || l->by > LIMIT_BY_URI) && l->status == 0));
}

int limit_add(struct table_builder *b, struct limit l, struct str name, struct error *e)
{
	size_t n = b->section[TABLE_LIMITS].count;

	if (n == LIMITS_MAX)
		return error_set(e, "limit: more than %d limits", LIMITS_MAX);
	if (!row_good(&l) || name.len > UINT8_MAX)
		return error_set(e, "limit %.*s: a value is out of range", STR_ARG(name));
	l.name = (uint32_t)table_append(b, TABLE_TEXT, name.p, name.len, 1);
	l.name_len = (uint8_t)name.len;
	table_append(b, TABLE_LIMITS, &l, 1, sizeof(l));
	return b->failed ? error_set(e, "limit %.*s: out of memory", STR_ARG(name)) : (int)n;
}

bool limit_check(const struct table_view *v, struct error *e)
{
	const struct limit *l = v->rows[TABLE_LIMITS];
	bool good = v->count[TABLE_LIMITS] <= LIMITS_MAX;

	for (uint32_t i = 0; good && i < v->count[TABLE_LIMITS]; i++)
		good = row_good(&l[i]) && l[i].name <= v->count[TABLE_TEXT] &&
		       l[i].name_len <= v->count[TABLE_TEXT] - l[i].name;
	if (!good)
		error_set(e, "a limit is out of range");
	return good;
}

struct str limit_name(const struct table_view *v, const struct limit *l)
{
	return table_text(v, l->name, l->name_len);
}
