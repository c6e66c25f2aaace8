// Edit list: received bytes are never modified. What is to change is collected as (offset, bytes to
// cut, bytes to put in), kept sorted, and applied in one pass into the outgoing buffer.
#pragma once

#include "dataplane/base/str.h"

enum { EDIT_MAX = 64, EDIT_TEXT_MAX = 4096 };

struct edit {
	uint32_t offset; // into the original bytes
	uint32_t cut;    // bytes of the original left out at offset
	struct str put;  // bytes written instead: anywhere that outlives the list
};

struct edit_list {
	uint16_t n;
	bool overflow; // an edit did not fit: edit_apply fails
	uint32_t text_len;
	uint32_t end;   // of the last bytes that are cut or stand before an edit
	int64_t growth; // sum of put - cut
	struct edit edit[EDIT_MAX];
	char text[EDIT_TEXT_MAX]; // room for texts made up for this message: edit_text
};

void edit_start(struct edit_list *l);
// Moves the last one, which is not behind all others, to its place.
void edit_move(struct edit_list *l);
// Edits may be added in any order; two at the same offset are applied in the order added. Cuts must
// not overlap (a programming error: overflow is set).
static inline void edit_add(struct edit_list *l, size_t offset, size_t cut, struct str put)
{
	struct edit *e = l->edit + l->n;

	if ((cut | put.len) == 0)
		return;
	if (l->n == EDIT_MAX || (offset | cut | put.len) > INT32_MAX) {
		l->overflow = true;
		return;
	}
	e->offset = (uint32_t)offset;
	e->cut = (uint32_t)cut;
	e->put = put;
	l->n++;
	l->growth += (int64_t)put.len - (int64_t)cut;
	if (e->offset < l->end)
		edit_move(l);
	else
		l->end = e->offset + e->cut;
}
// A place for up to `max` bytes of text of this list's life time, NULL (and overflow) when full;
// edit_text_end says how many were used, and returns them as a view. One text at a time: the place
// is taken only then.
static inline char *edit_text(struct edit_list *l, size_t max)
{
	if (max > EDIT_TEXT_MAX - l->text_len) {
		l->overflow = true;
		return NULL;
	}
	return l->text + l->text_len;
}
static inline struct str edit_text_end(struct edit_list *l, const char *start, size_t used)
{
	if (start != l->text + l->text_len || used > EDIT_TEXT_MAX - l->text_len) {
		l->overflow = true;
		return STR_NONE;
	}
	l->text_len += (uint32_t)used;
	return (struct str){start, used};
}
// Copy of some text into the list's room; STR_NONE (and overflow) when full.
struct str edit_copy(struct edit_list *l, struct str s);

// Length of the result.
static inline size_t edit_len(const struct edit_list *l, struct str in)
{
	return (size_t)((int64_t)in.len + l->growth);
}
// The one function that applies a list: writes the result to out, returns its length, or 0 when the
// list overflowed, an edit lies outside `in`, or the result is longer than `room`.
size_t edit_apply(const struct edit_list *l, struct str in, char *out, size_t room);
