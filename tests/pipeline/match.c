// Compares messages with patterns and fills patterns in.
#include "tests/pipeline/match.h"

#include <stdio.h>

// Length of the "{name}" the text starts with, 0 when it starts with none.
static size_t name_len(struct str s)
{
	size_t end = str_find(s, '}');

	if (s.len < 3 || s.p[0] != '{' || end == s.len || end > 31)
		return 0;
	for (size_t i = 1; i < end; i++) {
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !char_is_digit(s.p[i]) && s.p[i] != '*')
			return 0;
	}
	return end + 1;
}

static const char *find(const struct match_names *names, struct str name)
{
	for (unsigned i = 0; i < names->n; i++) {
		if (str_eq(str_of(names->row[i].name), name))
			return names->row[i].text;
	}
	return NULL;
}

static size_t value_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && memchr(" \t\r\n,;>@\"", s.p[n], 10) == NULL)
		n++;
	return n;
}

// `name` at the front of the text: its length there, or SIZE_MAX when it is another one.
static size_t take(struct match_names *names, struct str name, struct str text, char next)
{
	const char *known = find(names, name);
	size_t n = value_len(text);

	if (known != NULL) {
		n = strlen(known);
		return str_eq(str_head(text, n), str_of(known)) ? n : SIZE_MAX;
	}
	if (next == '.') // of "spry-{token}.user"
		n = str_find(str_head(text, n), '.');
	if (n == 0 || n >= MATCH_TEXT_MAX)
		return SIZE_MAX;
	if (!str_eq(name, STR("*")) && names->n < MATCH_NAMES_MAX) {
		snprintf(names->row[names->n].name, 32, "%.*s", STR_ARG(name));
		snprintf(names->row[names->n++].text, MATCH_TEXT_MAX, "%.*s", (int)n, text.p);
	}
	return n;
}

bool match(struct match_names *names, struct str pattern, struct str text, size_t *at)
{
	const char *start = text.p;

	while (pattern.len > 0) {
		size_t n = name_len(pattern), len = 1;

		*at = (size_t)(text.p - start);
		if (n > 0) {
			char next = n < pattern.len ? pattern.p[n] : '\0';

			len = take(names, (struct str){pattern.p + 1, n - 2}, text, next);
			if (len == SIZE_MAX)
				return false;
		} else {
			n = 1;
			if (text.len == 0 || text.p[0] != pattern.p[0])
				return false;
		}
		pattern = str_skip(pattern, n);
		text = str_skip(text, len);
	}
	*at = (size_t)(text.p - start);
	return text.len == 0;
}

size_t match_fill(const struct match_names *names, struct str pattern, char *out, size_t room)
{
	size_t len = 0;

	while (pattern.len > 0) {
		size_t n = name_len(pattern);
		const char *known = n > 0 ? find(names, (struct str){pattern.p + 1, n - 2}) : NULL;
		struct str put = known != NULL ? str_of(known) : str_head(pattern, 1);

		if (put.len > room - len)
			return 0;
		memcpy(out + len, put.p, put.len);
		len += put.len;
		pattern = str_skip(pattern, known != NULL ? n : 1);
	}
	return len;
}
