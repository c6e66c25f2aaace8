// Edit list: collects what is to change in a message, sorted, and writes the changed message once.
#include "dataplane/sip/edit.h"

void edit_start(struct edit_list *l)
{
	l->n = 0;
	l->overflow = false;
	l->text_len = 0;
	l->end = 0;
	l->growth = 0;
}

// Two edits that cannot both be done. Only text put in may share an offset with a cut.
static bool collide(const struct edit *a, const struct edit *b)
{
	if (a->offset == b->offset)
		return a->cut > 0 && b->cut > 0;
	if (a->offset < b->offset)
		return a->cut > b->offset - a->offset;
	return b->cut > a->offset - b->offset;
}

void edit_move(struct edit_list *l)
{
	unsigned place = l->n - 1u;
	const struct edit e = l->edit[place];

	for (; place > 0 && l->edit[place - 1].offset > e.offset; place--)
		l->edit[place] = l->edit[place - 1];
	l->edit[place] = e;
	if (e.offset + e.cut > l->end)
		l->end = e.offset + e.cut;
	// They are sorted and apart: only the next one can collide, and the last cut before it.
	if (place + 1 < l->n && collide(&e, &l->edit[place + 1]))
		l->overflow = true;
	for (unsigned i = place; i-- > 0;) {
		if (collide(&l->edit[i], &e))
			l->overflow = true;
		if (l->edit[i].offset < e.offset && l->edit[i].cut > 0)
			break;
	}
}

struct str edit_copy(struct edit_list *l, struct str s)
{
	char *place = edit_text(l, s.len);

	if (place == NULL)
		return STR_NONE;
	str_put(place, s);
	return edit_text_end(l, place, s.len);
}

static char *append(char *at, const char *p, size_t len)
{
	enum { SHORT = 512 };

	if (len <= SHORT)
		return str_put(at, (struct str){p, len});
	memcpy(at, p, len);
	return at + len;
}

size_t edit_apply(const struct edit_list *l, struct str in, char *out, size_t room)
{
	char *at = out;
	size_t done = 0; // bytes of `in` copied or cut

	if (l->overflow || l->end > in.len || edit_len(l, in) > room)
		return 0;
	for (unsigned i = 0; i < l->n; i++) {
		const struct edit *e = &l->edit[i];

		if (e->offset > done) {
			at = append(at, in.p + done, e->offset - done);
			done = e->offset;
		}
		at = append(at, e->put.p, e->put.len);
		done += e->cut;
	}
	at = append(at, in.p + done, in.len - done);
	return (size_t)(at - out);
}
