// URIs of SIP: sip, sips and tel taken apart as views, every byte checked against the grammar.
#include "dataplane/sip/uri.h"
#include "dataplane/sip/charset.h"

// Parameters that mean something to a proxy: a second one of the name is ambiguous.
static const struct str singles[] = {
        {"transport", 9}, {"maddr", 5}, {"lr", 2}, {"ttl", 3}, {"user", 4}, {"method", 6}};
enum { N_SINGLES = sizeof(singles) / sizeof(singles[0]) };

// Which of them it is, N_SINGLES when none.
static unsigned single_of(struct str name)
{
	unsigned i = 0;

	while (i < N_SINGLES && !charset_name_is(name, singles[i]))
		i++;
	return i;
}

static bool check_params(struct str text, uint16_t *n)
{
	struct params_iter it = params_start(text, PARAMS_URI);
	struct param p;
	unsigned seen = 0;

	while (params_next(&it, &p)) {
		unsigned bit;

		*n = it.n;
		if (it.rest.len == 0 && seen == 0) // the last, and none that it could repeat
			return true;
		bit = (1U << single_of(p.name)) & ((1U << N_SINGLES) - 1);
		if ((seen & bit) != 0)
			return false;
		seen |= bit;
	}
	return !it.bad;
}

// One "name=value" of the headers; *s starts with the '?' or '&' before it. The value may be empty.
static bool take_header(struct str *s, struct str *name, struct str *value)
{
	*s = str_skip(*s, 1);
	*name = str_head(*s, charset_span_escaped(*s, CHARSET_HEADER));
	*s = str_skip(*s, name->len);
	if (name->len == 0 || s->len == 0 || s->p[0] != '=')
		return false;
	*s = str_skip(*s, 1);
	*value = str_head(*s, charset_span_escaped(*s, CHARSET_HEADER));
	*s = str_skip(*s, value->len);
	return s->len == 0 || s->p[0] == '&';
}

static bool check_headers(struct str s)
{
	struct str name, value;

	while (s.len > 0) {
		if (!take_header(&s, &name, &value))
			return false;
	}
	return true;
}

static bool parse_userinfo(struct str s, struct uri *out)
{
	size_t n = charset_span_escaped(s, CHARSET_USER);

	out->userinfo = s;
	out->user = str_head(s, n);
	if (n == 0)
		return false;
	if (n == s.len)
		return true;
	out->password = str_skip(s, n + 1);
	return s.p[n] == ':' &&
	       charset_span_escaped(out->password, CHARSET_PASSWORD) == out->password.len;
}

// host[:port] at the front of *s.
static bool take_hostport(struct str *s, struct uri *out)
{
	const char *start = s->p;

	out->host = str_head(*s, charset_span_host(*s));
	if (!charset_host(out->host, &out->addr))
		return false;
	*s = str_skip(*s, out->host.len);
	if (s->len > 0 && s->p[0] == ':') {
		*s = str_skip(*s, 1);
		out->port_text = str_head(*s, charset_span(*s, CHARSET_TOKEN));
		if (!charset_port(out->port_text, &out->port))
			return false;
		*s = str_skip(*s, out->port_text.len);
		out->addr.port = out->addr.family != ADDR_NONE ? out->port : 0;
	}
	out->hostport = str_from(start, s->p);
	return true;
}

static bool parse_sip(struct str s, struct uri *out)
{
	size_t at = vec_find(s, '@');

	if (at < s.len) {
		if (!parse_userinfo(str_head(s, at), out))
			return false;
		s = str_skip(s, at + 1);
	}
	if (!take_hostport(&s, out))
		return false;
	if (s.len > 0 && s.p[0] != ';' && s.p[0] != '?')
		return false;
	out->params = str_head(s, vec_find(s, '?'));
	out->headers = str_skip(s, out->params.len);
	return check_params(out->params, &out->n_params) && check_headers(out->headers);
}

static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')';
}

// RFC 3966: a global number is '+' and digits; a local one may hold hexadecimal digits, '*' and
// '#'. Separators alone are no number.
static bool parse_tel(struct str s, struct uri *out)
{
	bool global = s.len > 0 && s.p[0] == '+';
	bool digits = false;

	out->user = str_head(s, str_find(s, ';'));
	out->params = str_skip(s, out->user.len);
	for (size_t i = global ? 1 : 0; i < out->user.len; i++) {
		char c = out->user.p[i];

		if (is_separator(c))
			continue;
		if (!char_is_digit(c) &&
		        (global || (!charset_has(c, CHARSET_HEX) && c != '*' && c != '#')))
			return false;
		digits = true;
	}
	return digits && check_params(out->params, &out->n_params);
}

// Of a scheme other than sip.
static bool parse_other(struct str text, struct uri *out)
{
	size_t n = charset_span(text, CHARSET_SCHEME);
	struct str scheme = str_head(text, n), rest;

	out->scheme = URI_OTHER;
	if (n == 0 || n + 1 >= text.len || text.p[n] != ':')
		return false;
	rest = str_skip(text, n + 1);
	if (str_eq_nocase(scheme, STR("sips"))) {
		out->scheme = URI_SIPS;
		return parse_sip(rest, out);
	}
	if (str_eq_nocase(scheme, STR("tel"))) {
		out->scheme = URI_TEL;
		return parse_tel(rest, out);
	}
	// a letter first: digits, '+', '-' and '.' only after it
	return charset_has(scheme.p[0], CHARSET_SCHEME) && char_lower(scheme.p[0]) >= 'a' &&
	       charset_span_escaped(rest, CHARSET_URI) == rest.len;
}

bool uri_parse(struct str text, struct uri *out)
{
	memset(out, 0, sizeof(*out));
	out->all = text;
	if (uri_starts_sip(text)) {
		out->scheme = URI_SIP;
		return parse_sip(str_skip(text, 4), out);
	}
	return parse_other(text, out);
}

enum transport uri_transport(const struct uri *u)
{
	struct str value;

	return uri_param(u, STR("transport"), &value) ? transport_parse(value) : TRANSPORT_NONE;
}

bool uri_target(const struct uri *u, struct addr *out)
{
	struct str maddr;

	*out = u->addr;
	if (uri_param(u, STR("maddr"), &maddr) && !charset_host(maddr, out))
		out->family = ADDR_NONE;
	out->port = u->port != 0 ? u->port : transport_port(TRANSPORT_UDP);
	return out->family != ADDR_NONE;
}

bool uri_param(const struct uri *u, struct str name, struct str *value)
{
	struct param p;

	if (!params_find(u->params, PARAMS_URI, name, &p))
		return false;
	if (value != NULL)
		*value = p.value;
	return true;
}

// Parameters or headers of a URI side by side, for comparing two lists in any order. What is longer
// than this compares equal only byte by byte: the work grows with the square.
enum { LIST_MAX = 24, LIST_BYTES_MAX = 2048 };

struct list {
	unsigned n;
	struct str name[LIST_MAX], value[LIST_MAX];
};

static bool list_params(struct list *l, struct str text)
{
	struct params_iter it = params_start(text, PARAMS_URI);
	struct param p;

	if (text.len > LIST_BYTES_MAX)
		return false;
	for (l->n = 0; params_next(&it, &p); l->n++) {
		if (l->n == LIST_MAX)
			return false;
		l->name[l->n] = p.name;
		l->value[l->n] = p.value;
	}
	return true;
}

static bool list_headers(struct list *l, struct str s)
{
	if (s.len > LIST_BYTES_MAX)
		return false;
	for (l->n = 0; s.len > 0; l->n++) {
		if (l->n == LIST_MAX || !take_header(&s, &l->name[l->n], &l->value[l->n]))
			return false;
	}
	return true;
}

// Index in l of that name, l->n when there is none.
static unsigned list_find(const struct list *l, struct str name)
{
	unsigned i = 0;

	while (i < l->n && !charset_eq_escaped(l->name[i], name, true))
		i++;
	return i;
}

// RFC 3261 §19.1.4: these in one URI alone make a difference.
static bool always_compared(struct str name)
{
	return charset_name_is(name, STR("user")) || charset_name_is(name, STR("ttl")) ||
	       charset_name_is(name, STR("method")) || charset_name_is(name, STR("maddr")) ||
	       charset_name_is(name, STR("transport"));
}

// Every entry of a that b has is equal there; one that b has not is of no account, unless `all` or
// its name say otherwise.
static bool list_agrees(const struct list *a, const struct list *b, bool all)
{
	for (unsigned i = 0; i < a->n; i++) {
		unsigned j = list_find(b, a->name[i]);

		if (j == b->n) {
			if (all || always_compared(a->name[i]))
				return false;
		} else if (!charset_eq_escaped(a->value[i], b->value[j], true)) {
			return false;
		}
	}
	return true;
}

static bool params_eq(const struct uri *a, const struct uri *b, bool all)
{
	struct list x, y;

	if (str_eq(a->params, b->params))
		return true;
	return list_params(&x, a->params) && list_params(&y, b->params) &&
	       list_agrees(&x, &y, all) && list_agrees(&y, &x, all);
}

static bool headers_eq(const struct uri *a, const struct uri *b)
{
	struct list x, y;

	if (str_eq(a->headers, b->headers))
		return true;
	return list_headers(&x, a->headers) && list_headers(&y, b->headers) && x.n == y.n &&
	       list_agrees(&x, &y, true) && list_agrees(&y, &x, true);
}

// RFC 3966 §4: separators are of no account, letters in any case.
static bool number_eq(struct str a, struct str b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.len && is_separator(a.p[i]))
			i++;
		while (j < b.len && is_separator(b.p[j]))
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (char_lower(a.p[i++]) != char_lower(b.p[j++]))
			return false;
	}
}

static bool host_eq(const struct uri *a, const struct uri *b)
{
	if (a->addr.family != ADDR_NONE || b->addr.family != ADDR_NONE)
		return addr_eq_ip(&a->addr, &b->addr);
	return str_eq_nocase(a->host, b->host);
}

bool uri_eq(const struct uri *a, const struct uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme == URI_OTHER)
		return str_eq(a->all, b->all);
	if (a->scheme == URI_TEL)
		return number_eq(a->user, b->user) && params_eq(a, b, true);
	return (a->userinfo.p == NULL) == (b->userinfo.p == NULL) &&
	       (a->password.p == NULL) == (b->password.p == NULL) &&
	       charset_eq_escaped(a->user, b->user, false) &&
	       charset_eq_escaped(a->password, b->password, false) && host_eq(a, b) &&
	       a->port == b->port && params_eq(a, b, false) && headers_eq(a, b);
}
