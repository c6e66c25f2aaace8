// The walk over the values of a list header: several fields, or commas in one, mean the same (RFC
// 3261 §7.3.1). Commas in quoted strings and in <> do not separate.
#include "dataplane/sip/message.h"

#include "dataplane/sip/charset.h"

// Offset after the quoted string that starts at s.p[i], or 0 when it has no end.
static size_t skip_quoted(struct str s, size_t i)
{
	for (i++; i < s.len; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

// Offset of the next byte from i on that means something to the walk, or s.len.
static size_t find_special(struct str s, size_t i)
{
	return i + charset_find(str_skip(s, i), CHARSET_LIST);
}

// Length of the first value of s, up to its comma or the end; false when a quote or bracket is not
// balanced.
static bool any_len(struct str s, size_t *len)
{
	size_t i = find_special(s, 0);

	for (; i < s.len && s.p[i] != ','; i = find_special(s, i)) {
		if (s.p[i] == '>')
			return false;
		if (s.p[i] == '"') {
			i = skip_quoted(s, i);
			if (i == 0)
				return false;
		} else {
			i += vec_find(str_skip(s, i), '>') + 1;
			if (i > s.len)
				return false;
		}
	}
	*len = i;
	return true;
}

// The same of almost every value: no quotes, one pair of brackets at most, and it ends in the first
// 64 bytes. False says nothing.
static bool usual_len(struct str s, size_t *len)
{
	const struct vec_pair v = vec_load_pair(s);
	const uint64_t behind = vec_pair_from(s.len);
	const uint64_t marks = ~vec_pair_out(v, charset_rows(CHARSET_LIST)) | behind;
	size_t i = vec_pair_first(marks);

	if (i < s.len && i < VEC_PAIR_BYTES && s.p[i] == '<') {
		const uint64_t close = vec_pair_eq(v, '>') & ~behind & vec_pair_from(i);

		// The marks behind the first bracket that closes.
		i = vec_pair_first(marks & ~(close ^ (close - 1)));
		if (close == 0)
			return false;
	}
	*len = i;
	return i < VEC_PAIR_BYTES && (i == s.len || s.p[i] == ',');
}

static bool value_len(struct str s, size_t *len)
{
	return (s.len > 0 && usual_len(s, len)) || any_len(s, len);
}

// Goes to the first value of field h. Some headers may be there without any.
static void enter_field(struct value_iter *it, const struct header *h)
{
	it->field = h;
	it->rest = header_value(it->m, h);
	if (it->rest.len == 0 && (header_flags(h->id) & HEADER_MAY_BE_EMPTY) != 0)
		it->rest = STR_NONE;
}

void value_iter_start(struct value_iter *it, const struct message *m, enum header_id id)
{
	const struct header *first = message_first(m, id);

	*it = (struct value_iter){.m = m, .index = UINT16_MAX};
	if (first != NULL)
		enter_field(it, first);
}

bool value_iter_next(struct value_iter *it)
{
	size_t len;

	if (it->field == NULL || it->bad)
		return false;
	// rest.p is NULL when the field is used up: an empty rest is what follows a comma.
	while (it->rest.p == NULL) {
		const struct header *next = message_next(it->m, it->field);

		if (next == NULL)
			return false;
		enter_field(it, next);
	}
	if (!value_len(it->rest, &len)) {
		it->bad = true;
		return false;
	}
	it->value = str_trim(str_head(it->rest, len));
	it->rest = len < it->rest.len ? str_skip(it->rest, len + 1) : STR_NONE;
	it->index++;
	it->bad = it->value.len == 0 || it->index >= MESSAGE_VALUES_MAX;
	return !it->bad;
}
