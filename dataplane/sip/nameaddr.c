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

	if (s.len > 0 && s.p[0] == '"') {
		n = charset_span_quoted(s);
		if (n == 0)
			return s.len;
		n += charset_span(str_skip(s, n), CHARSET_SPACE);
	} else {
		n = span_words(s);
	}
	return n < s.len && s.p[n] == '<' ? n : s.len;
}

// A scheme and ':' at the front: the least a URI has.
static bool has_scheme(struct str s)
{
	size_t n = charset_span(s, CHARSET_SCHEME);

	return n > 0 && n < s.len && s.p[n] == ':';
}

bool nameaddr_parse(struct str value, struct nameaddr *out)
{
	struct str s = value.len > 0 ? str_trim(value) : value;
	struct param tag;
	size_t n;

	memset(out, 0, sizeof(*out));
	out->all = s;
	if (s.len == 0)
		return false;
	if (str_eq(s, STR("*"))) {
		out->star = true;
		return true;
	}
	n = span_display(s);
	if (n < s.len) {
		out->display = str_trim(str_head(s, n));
		out->bracketed = true;
		s = str_skip(s, n + 1);
		n = charset_span(s, CHARSET_URI);
		if (n == s.len || s.p[n] != '>')
			return false;
		out->uri = str_head(s, n);
		s = str_skip(s, n + 1);
	} else {
		// RFC 3261 §20: a URI with , ; or ? in it must stand between brackets
		for (n = 0; n < s.len && charset_has(s.p[n], CHARSET_URI); n++) {
			if (s.p[n] == ';')
				break;
			if (s.p[n] == ',' || s.p[n] == '?')
				return false;
		}
		out->uri = str_head(s, n);
		s = str_skip(s, n);
	}
	out->params = charset_skip_space(s);
	if (!has_scheme(out->uri) || !params_check(out->params, PARAMS_HEADER, STR("tag"), &tag))
		return false;
	out->tag = tag.value;
	return true;
}
