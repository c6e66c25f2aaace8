// ";name=value" lists of header fields and URIs, walked one parameter at a time.
#include "dataplane/sip/params.h"

// Length of the name at the front, 0 when there is none.
static size_t span_name(struct str s, enum params_kind kind)
{
	return kind == PARAMS_HEADER ? charset_span(s, CHARSET_TOKEN)
	                             : charset_span_escaped(s, CHARSET_PARAM);
}

static size_t span_value(struct str s, enum params_kind kind)
{
	if (kind == PARAMS_URI)
		return charset_span_escaped(s, CHARSET_PARAM);
	if (s.len > 0 && s.p[0] == '"')
		return charset_span_quoted(s);
	return charset_span(s, CHARSET_VALUE);
}

static struct str skip_space(struct str s, enum params_kind kind)
{
	return kind == PARAMS_HEADER ? charset_skip_space(s) : s;
}

bool params_next_plain(struct params_iter *it, struct param *out)
{
	struct str s = skip_space(it->rest, it->kind);
	const char *start = s.p, *end;
	size_t n;

	if (it->bad || s.len == 0)
		return false;
	it->bad = true;
	if (s.p[0] != ';' || it->n == PARAMS_MAX)
		return false;
	s = skip_space(str_skip(s, 1), it->kind);
	n = span_name(s, it->kind);
	if (n == 0)
		return false;
	out->name = str_head(s, n);
	out->value = STR_NONE;
	end = s.p + n;
	s = skip_space(str_skip(s, n), it->kind);
	if (s.len > 0 && s.p[0] == '=') {
		s = skip_space(str_skip(s, 1), it->kind);
		n = span_value(s, it->kind);
		if (n == 0)
			return false;
		out->value = str_head(s, n);
		end = s.p + n;
		s = str_skip(s, n);
	}
	out->all = str_from(start, end);
	it->rest = s;
	it->n++;
	it->bad = false;
	return true;
}

bool params_next_other(struct params_iter *it, struct param *out)
{
	if (it->bad)
		return false;
	it->look = params_look_at(it->rest, it->kind);
	return params_next_usual(it, out) || params_next_plain(it, out);
}

static bool name_is(const struct param *p, enum params_kind kind, struct str name)
{
	if (p->name.len == name.len)
		return name.len <= 8 ? vec_word(p->name) == vec_word(name)
		                     : str_eq_nocase(p->name, name);
	return kind == PARAMS_URI && charset_name_is(p->name, name);
}

bool params_find(struct str text, enum params_kind kind, struct str name, struct param *out)
{
	struct params_iter it = params_start(text, kind);
	struct param p;

	while (params_next(&it, &p)) {
		if (name_is(&p, kind, name)) {
			*out = p;
			return true;
		}
	}
	return false;
}

bool params_check(struct str text, enum params_kind kind, struct str unique, struct param *found)
{
	struct params_iter it = params_start(text, kind);
	struct param p, seen = {.name = STR_NONE};

	while (params_next(&it, &p)) {
		if (unique.len == 0 || !name_is(&p, kind, unique))
			continue;
		if (seen.name.len > 0)
			return false;
		seen = p;
	}
	if (found != NULL)
		*found = seen;
	return !it.bad;
}
