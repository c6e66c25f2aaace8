// Edit list: collects what is to change in a message, sorted, and writes the changed message once.
#include "dataplane/sip/edit.h"

void edit_start(struct edit_list *l)
{
	l->n = 0;
	l->overflow = false;
	l->text_len = 0;
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

void edit_add(struct edit_list *l, size_t offset, size_t cut, struct str put)
{
	struct edit e = {(uint32_t)offset, (uint32_t)cut, put};
	unsigned place = l->n;

	if (cut == 0 && put.len == 0)
		return;
	if (l->n == EDIT_MAX || offset > INT32_MAX || cut > INT32_MAX || put.len > INT32_MAX) {
		l->overflow = true;
		return;
	}
	for (; place > 0 && l->edit[place - 1].offset > e.offset; place--)
		l->edit[place] = l->edit[place - 1];
	l->edit[place] = e;
	l->n++;
	l->growth += (int64_t)put.len - (int64_t)cut;
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

char *edit_text(struct edit_list *l, size_t max)
{
	if (max > EDIT_TEXT_MAX - l->text_len) {
		l->overflow = true;
		return NULL;
	}
	return l->text + l->text_len;
}

struct str edit_text_end(struct edit_list *l, const char *start, size_t used)
{
	if (start != l->text + l->text_len || used > EDIT_TEXT_MAX - l->text_len) {
		l->overflow = true;
		return STR_NONE;
	}
	l->text_len += (uint32_t)used;
	return (struct str){start, used};
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
	enum { SHORT = 128 };

	if (len <= SHORT)
		return str_put(at, (struct str){p, len});
	memcpy(at, p, len);
	return at + len;
}

size_t edit_apply(const struct edit_list *l, struct str in, char *out, size_t room)
{
	char *at = out;
	size_t done = 0; // bytes of `in` copied or cut

	if (l->overflow)
		return 0;
	for (unsigned i = 0; i < l->n; i++) {
		if (l->edit[i].offset > in.len || l->edit[i].cut > in.len - l->edit[i].offset)
			return 0;
	}
	if (edit_len(l, in) > room)
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
