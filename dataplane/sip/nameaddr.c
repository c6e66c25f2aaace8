// name-addr and addr-spec: finds where display name, URI and parameters begin and end.
#include "dataplane/sip/nameaddr.h"
#include "dataplane/sip/charset.h"

// Tokens and white space. Phones put \" around a name where they mean quotes: taken as it stands.
static size_t span_words(struct str s)
{
	size_t n = charset_span(s, CHARSET_TOKEN | CHARSET_SPACE);

	while (n + 1 < s.len && s.p[n] == '\\' && s.p[n + 1] == '"') {
		n += 2;
		n += charset_span(str_skip(s, n), CHARSET_TOKEN | CHARSET_SPACE);
	}
	return n;
}

// The display name at the front (with the white space around it), up to the '<'. Returns its
// length; s.len when no '<' follows tokens or a quoted string.
static size_t span_display(struct str s)
{
	size_t n;

	if (s.p[0] == '<')
		return 0;
	if (s.p[0] == '"') {
		n = charset_span_quoted(s);
		if (n == 0)
			return s.len;
		while (n < s.len && charset_has(s.p[n], CHARSET_SPACE))
			n++;
	} else {
		n = span_words(s);
	}
	return n < s.len && s.p[n] == '<' ? n : s.len;
}

// A scheme and ':' at the front: the least a URI has.
static bool has_scheme(struct str s)
{
	size_t n;

	if (uri_starts_sip(s))
		return true;
	n = charset_span(s, CHARSET_SCHEME);
	return n > 0 && n < s.len && s.p[n] == ':';
}

// The URI at the front of s between brackets, the first of which is gone; *s then begins behind it.
static bool take_bracketed(struct str *s, struct nameaddr *out)
{
	const size_t n = charset_span(*s, CHARSET_URI);

	out->bracketed = true;
	if (n == s->len || s->p[n] != '>')
		return false;
	out->uri = str_head(*s, n);
	*s = str_skip(*s, n + 1);
	return true;
}

// RFC 3261 §20: a URI with , ; or ? in it must stand between brackets.
static bool take_bare(struct str *s, struct nameaddr *out)
{
	size_t n = 0;

	for (; n < s->len && charset_has(s->p[n], CHARSET_URI) && s->p[n] != ';'; n++) {
		if (s->p[n] == ',' || s->p[n] == '?')
			return false;
	}
	out->uri = str_head(*s, n);
	*s = str_skip(*s, n);
	return true;
}

static bool take_params(struct nameaddr *out)
{
	struct params_iter it;
	struct param p;
	bool tag = false;

	if (out->params.len == 0)
		return true;
	it = params_start(out->params, PARAMS_HEADER);
	while (params_next(&it, &p)) {
		if (vec_word(p.name) != VEC_WORD("tag"))
			continue;
		if (tag)
			return false;
		tag = true;
		out->tag = p.value;
	}
	return !it.bad;
}

bool nameaddr_parse(struct str value, struct nameaddr *out)
{
	struct str s = value.len > 0 ? str_trim(value) : value;
	size_t n;

	memset(out, 0, sizeof(*out));
	out->all = s;
	if (s.len == 0)
		return false;
	if (s.len == 1 && s.p[0] == '*') {
		out->star = true;
		return true;
	}
	n = span_display(s);
	if (n < s.len) {
		out->display = n > 0 ? str_trim(str_head(s, n)) : str_head(s, n);
		s = str_skip(s, n + 1);
		if (!take_bracketed(&s, out))
			return false;
	} else if (!take_bare(&s, out)) {
		return false;
	}
	out->params = charset_skip_space(s);
	return has_scheme(out->uri) && take_params(out);
}
