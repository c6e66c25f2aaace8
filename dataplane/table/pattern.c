// Patterns: see pattern.h.
#include "dataplane/table/pattern.h"

#include "dataplane/sip/header.h"

static uint32_t add_text(struct table_builder *b, struct str text, uint8_t *len)
{
	*len = (uint8_t)text.len;
	return (uint32_t)table_append(b, TABLE_TEXT, text.p, text.len, 1);
}

int pattern_add(
        struct table_builder *b, struct pattern r, const struct str texts[3], struct error *e)
{
	size_t n = b->section[TABLE_PATTERNS].count;

	if (n == PATTERNS_MAX)
		return error_set(e, "pattern: more than %d patterns", PATTERNS_MAX);
	for (unsigned i = 0; i < 3; i++)
		if (texts[i].len > UINT8_MAX)
			return error_set(e, "pattern %.*s: too long", STR_ARG(texts[0]));
	r.name = add_text(b, texts[0], &r.name_len);
	r.text = add_text(b, texts[1], &r.text_len);
	r.header_name = add_text(b, texts[2], &r.header_name_len);
	table_append(b, TABLE_PATTERNS, &r, 1, sizeof(r));
	return b->failed ? error_set(e, "pattern: out of memory") : (int)n;
}

int pattern_set_databases(
        struct table_builder *b, const struct str databases[PATTERN_PLACES], struct error *e)
{
	for (unsigned i = 0; i < PATTERN_PLACES; i++) {
		struct pattern_database d = {.len = (uint32_t)databases[i].len};

		if (databases[i].len > UINT32_MAX / 4)
			return error_set(e, "pattern: the compiled patterns are too large");
		d.offset = (uint32_t)table_append(
		        b, TABLE_PATTERN_BYTES, databases[i].p, databases[i].len, 1);
		table_append(b, TABLE_PATTERN_DATABASES, &d, 1, sizeof(d));
	}
	return b->failed ? error_set(e, "pattern: out of memory") : 0;
}

static bool text_inside(const struct table_view *v, uint32_t offset, uint8_t len)
{
	return offset <= v->count[TABLE_TEXT] && len <= v->count[TABLE_TEXT] - offset;
}

static bool row_good(const struct table_view *v, const struct pattern *r)
{
	return r->place < PATTERN_PLACES && r->action < PATTERN_ACTIONS &&
	       r->header < HEADER_COUNT && text_inside(v, r->name, r->name_len) &&
	       text_inside(v, r->text, r->text_len) &&
	       text_inside(v, r->header_name, r->header_name_len) &&
	       (r->action != PATTERN_REJECT || (r->status >= 300 && r->status < 700)) &&
	       (r->action != PATTERN_LIMIT || r->limit < v->count[TABLE_LIMITS]);
}

bool pattern_check(const struct table_view *v, struct error *e)
{
	const struct pattern_database *d = v->rows[TABLE_PATTERN_DATABASES];
	const struct pattern *r = v->rows[TABLE_PATTERNS];
	uint32_t bytes = v->count[TABLE_PATTERN_BYTES];
	uint32_t wanted = v->count[TABLE_PATTERNS] > 0 ? PATTERN_PLACES : 0;
	bool good = v->count[TABLE_PATTERNS] <= PATTERNS_MAX &&
	            v->count[TABLE_PATTERN_DATABASES] == wanted;

	for (uint32_t i = 0; good && i < v->count[TABLE_PATTERNS]; i++)
		good = row_good(v, &r[i]);
	for (uint32_t i = 0; good && i < wanted; i++)
		good = d[i].offset <= bytes && d[i].len <= bytes - d[i].offset;
	if (!good)
		error_set(e, "the patterns are damaged");
	return good;
}

// Behind a backslash: a character class, a character, an end of a word; or what is no letter or
// digit, for itself.
static bool escape_by_lines(char c)
{
	const char low = char_lower(c);

	if ((low >= 'a' && low <= 'z') || char_is_digit(c))
		return memchr("dDsSwWbBtnrfx", c, 13) != NULL;
	return true;
}

// Behind a '(': a group of no name; or case does not matter.
static bool group_by_lines(struct str s)
{
	if (s.len == 0 || (s.p[0] != '?' && s.p[0] != '*'))
		return true;
	return str_eq(str_head(s, 2), STR("?:")) || str_eq(str_head(s, 3), STR("?i)")) ||
	       str_eq(str_head(s, 3), STR("?i:"));
}

bool pattern_by_lines(struct str regex)
{
	for (struct str s = regex; s.len > 0; s = str_skip(s, 1)) {
		if (s.p[0] == '(' && !group_by_lines(str_skip(s, 1)))
			return false;
		if (s.p[0] != '\\')
			continue;
		s = str_skip(s, 1);
		if (s.len == 0 || !escape_by_lines(s.p[0]))
			return false;
	}
	return true;
}
