// The one row of what is refused under overload: see overload.h.
#include "dataplane/table/overload.h"

int overload_set(struct table_builder *b, const struct overload *o, struct error *e)
{
	if (b->section[TABLE_OVERLOAD].count > 0)
		return error_set(e, "overload: said twice");
	table_append(b, TABLE_OVERLOAD, o, 1, sizeof(*o));
	return b->failed ? error_set(e, "overload: out of memory") : 0;
}

bool overload_check(const struct table_view *v, struct error *e)
{
	const struct overload *o = overload_get(v);
	bool good = v->count[TABLE_OVERLOAD] <= 1;

	if (good && v->count[TABLE_OVERLOAD] == 1) {
		good = o->share <= 100 && o->n_numbers <= OVERLOAD_NUMBERS_MAX;
		for (unsigned i = 0; good && i < o->n_numbers; i++)
			good = memchr(o->number[i], 0, OVERLOAD_NUMBER_ROOM) != NULL;
	}
	if (!good)
		error_set(e, "overload: more than one row, or numbers out of range");
	return good;
}

bool overload_is_emergency(const struct overload *o, struct str user)
{
	const struct str number = str_head(user, str_find(user, ';'));

	for (unsigned i = 0; i < o->n_numbers; i++)
		if (str_eq(number, str_of(o->number[i])))
			return true;
	return false;
}
