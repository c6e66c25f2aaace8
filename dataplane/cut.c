// Cuts values out of list header fields: what stays of a field keeps exactly the commas it needs.
#include "dataplane/cut.h"

// The field being walked, and whole fields to cut seen before it.
struct cut {
	struct edit_list *l;
	const struct message *m;
	const struct header *field;
	const char *kept_end;            // of the last value kept in this field, NULL = none yet
	const char *cut_start, *cut_end; // values to cut since then, NULL = none
	size_t whole_start, whole_end;   // fields to cut
};

static void cut_bytes(struct cut *c, const char *from, const char *to)
{
	edit_add(c->l, (size_t)(from - c->m->bytes.p), (size_t)(to - from), STR_NONE);
}

static void flush_whole(struct cut *c)
{
	if (c->whole_end > c->whole_start)
		edit_add(c->l, c->whole_start, c->whole_end - c->whole_start, STR_NONE);
	c->whole_start = c->whole_end = 0;
}

static void end_field(struct cut *c)
{
	if (c->field == NULL || c->cut_start == NULL)
		return;
	if (c->kept_end != NULL) {
		cut_bytes(c, c->kept_end, c->cut_end);
		return;
	}
	if (c->whole_end != c->field->start)
		flush_whole(c);
	if (c->whole_end == 0)
		c->whole_start = c->field->start;
	c->whole_end = c->field->end;
}

static void keep(struct cut *c, struct str value)
{
	if (c->cut_start != NULL && c->kept_end == NULL)
		cut_bytes(c, c->cut_start, value.p);
	else if (c->cut_start != NULL)
		cut_bytes(c, c->kept_end, c->cut_end);
	c->cut_start = NULL;
	c->kept_end = str_end(value);
}

void cut_values(
        struct edit_list *l, const struct message *m, enum header_id id, unsigned n, unsigned last)
{
	struct cut c = {.l = l, .m = m};
	struct value_iter it;

	value_iter_start(&it, m, id);
	while (value_iter_next(&it)) {
		if (it.field != c.field) {
			end_field(&c);
			c.field = it.field;
			c.kept_end = c.cut_start = NULL;
		}
		if (it.index >= n && it.index != last) {
			keep(&c, it.value);
			if (last == CUT_NO_LAST)
				break;
			continue;
		}
		if (c.cut_start == NULL)
			c.cut_start = it.value.p;
		c.cut_end = str_end(it.value);
	}
	end_field(&c);
	flush_whole(&c);
}
