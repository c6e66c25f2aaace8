// Character classes of RFC 3261 §25.1: one table, and the few scanners built on it. Every scanner
// looks at a byte once.
#include "dataplane/sip/charset.h"

enum {
	T = CHARSET_TOKEN,
	V = CHARSET_VALUE,
	U = CHARSET_USER,
	W = CHARSET_PASSWORD,
	P = CHARSET_PARAM,
	H = CHARSET_HEADER,
	N = CHARSET_HOST,
	S = CHARSET_SCHEME,
	I = CHARSET_URI,
	L = CHARSET_SPACE,
	Q = CHARSET_TEXT,
	X = CHARSET_HEX,
	C = CHARSET_LIST,
	ALL = T | V | U | W | P | H | N | S | I | Q, // letters and digits
	MARK = U | W | P | H | I | Q,                // marks of "unreserved"
};

// clang-format off
const uint16_t charset_table[256] = {
	['0' ... '9'] = ALL | X,
	['a' ... 'f'] = ALL | X, ['g' ... 'z'] = ALL,
	['A' ... 'F'] = ALL | X, ['G' ... 'Z'] = ALL,
	['-'] = MARK | T | V | N | S,
	['.'] = MARK | T | V | N | S,
	['_'] = MARK | T | V | N,
	['!'] = MARK | T | V,
	['~'] = MARK | T | V,
	['*'] = MARK | T | V,
	['\''] = MARK | T | V,
	['('] = MARK,
	[')'] = MARK,
	['%'] = T | V | I | Q, // in a URI only as an escape
	['+'] = T | V | S | U | W | P | H | I | Q,
	['`'] = T | V | I | Q,
	['&'] = U | W | P | I | Q,
	['='] = U | W | I | Q,
	['$'] = U | W | P | H | I | Q,
	[','] = U | W | I | Q | C,
	[';'] = U | I | Q,
	['?'] = U | H | I | Q,
	['/'] = U | P | H | I | Q,
	[':'] = V | P | H | I | Q,
	['['] = V | P | H | I | Q,
	[']'] = V | P | H | I | Q,
	['@'] = I | Q, ['#'] = I | Q, ['^'] = I | Q, ['|'] = I | Q, ['{'] = I | Q, ['}'] = I | Q,
	['<'] = Q | C, ['>'] = Q | C,
	['"'] = C,
	['\\'] = I,
	[' '] = L | Q, ['\t'] = L | Q, ['\r'] = L | Q, ['\n'] = L | Q,
	[0x80 ... 0xff] = Q,
};

// Made of the table above, which the unit test compares it with.
const struct vec_set charset_set[CHARSET_SETS] = {
	{{0xe8, 0xfc, 0xf8, 0xf8, 0xf8, 0xfc, 0xf8, 0xfc, 0xf8, 0xf8, 0xf4, 0x54, 0x50, 0x54, 0xd4, 0x70}}, // token
	{{0xe8, 0xfc, 0xf8, 0xf8, 0xf8, 0xfc, 0xf8, 0xfc, 0xf8, 0xf8, 0xfc, 0x74, 0x50, 0x74, 0xd4, 0x70}}, // value
	{{0xa8, 0xfc, 0xf8, 0xf8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xf4, 0x5c, 0x54, 0x5c, 0xd4, 0x7c}}, // user
	{{0xa8, 0xfc, 0xf8, 0xf8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xf4, 0x54, 0x54, 0x5c, 0xd4, 0x70}}, // password
	{{0xa8, 0xfc, 0xf8, 0xf8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0x74, 0x50, 0x74, 0xd4, 0x74}}, // param
	{{0xa8, 0xfc, 0xf8, 0xf8, 0xfc, 0xf8, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0x74, 0x50, 0x74, 0xd4, 0x7c}}, // header
	{{0xa8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf0, 0x50, 0x50, 0x54, 0x54, 0x70}}, // host
	{{0xa8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf8, 0xf0, 0x54, 0x50, 0x54, 0x54, 0x50}}, // scheme
	{{0xf8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xf4, 0xfc, 0xf4, 0x7c}}, // uri
	{{0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01, 0x00, 0x00}}, // space
	{{0xfc, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xfd, 0xfd, 0xfc, 0xdc, 0xfd, 0xfc, 0x7c}}, // text
	{{0x08, 0x58, 0x58, 0x58, 0x58, 0x58, 0x58, 0x08, 0x08, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}}, // hex
	{{0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x08, 0x00}}, // list
};
// clang-format on

// Position of the first byte that is not in the set, or with all bits to flip: that is in it. The
// first window was looked at.
static inline size_t first_of(struct str s, __m128i rows, uint32_t flip)
{
	for (size_t n = VEC_BYTES; n < s.len; n += VEC_BYTES) {
		const uint32_t hits = vec_out(vec_load(str_skip(s, n)), rows) ^ flip;

		if (hits != 0) {
			n += vec_first(hits);
			return n < s.len ? n : s.len;
		}
	}
	return s.len;
}

size_t charset_span_long(struct str s, unsigned set)
{
	return first_of(s, charset_rows(set), 0);
}

size_t charset_find_long(struct str s, unsigned set)
{
	return first_of(s, charset_rows(set), UINT32_MAX);
}

bool charset_is_visible(struct str s)
{
	for (size_t n = 0; n < s.len; n += VEC_PAIR_BYTES) {
		const struct str rest = str_skip(s, n);
		const struct vec_pair v = vec_load_pair(rest);
		const uint64_t bad = vec_pair_up_to(v, ' ') | vec_pair_eq(v, 0x7f);

		if ((bad & ~vec_pair_from(rest.len)) != 0)
			return false;
	}
	return s.len > 0;
}

static bool is_escape(struct str s, size_t at)
{
	return s.len - at >= 3 && s.p[at] == '%' && charset_has(s.p[at + 1], CHARSET_HEX) &&
	       charset_has(s.p[at + 2], CHARSET_HEX);
}

size_t charset_span_escapes(struct str s, unsigned set)
{
	size_t n = 0;

	while (n < s.len) {
		if (s.p[n] == '%') {
			if (!is_escape(s, n))
				break;
			n += 3;
		} else if (charset_has(s.p[n], set)) {
			n++;
		} else {
			break;
		}
	}
	return n;
}

// Length of the quoted text at the front of s: what needs no second look.
static size_t span_text(struct str s)
{
	const __m128i text = charset_rows(CHARSET_TEXT);

	for (size_t n = 0; n < s.len; n += VEC_BYTES) {
		const struct vec v = vec_load(str_skip(s, n));
		const uint32_t out = vec_out(v, text) & ~vec_high(v);

		if (out != 0) {
			n += (size_t)__builtin_ctz(out);
			return n < s.len ? n : s.len;
		}
	}
	return s.len;
}

// Offset behind the quoted-pairs (any ASCII but CR and LF) from n on, 0 when one is broken.
static size_t skip_pairs(struct str s, size_t n)
{
	for (; n < s.len && s.p[n] == '\\'; n += 2) {
		if (n + 1 == s.len || s.p[n + 1] == '\r' || s.p[n + 1] == '\n' ||
		        (uint8_t)s.p[n + 1] >= 0x80)
			return 0;
	}
	return n;
}

size_t charset_span_quoted_any(struct str s)
{
	size_t n = 1;

	if (s.len == 0 || s.p[0] != '"')
		return 0;
	while (n > 0) {
		n += span_text(str_skip(s, n));
		if (n == s.len)
			return 0;
		if (s.p[n] == '"')
			return n + 1;
		n = s.p[n] == '\\' ? skip_pairs(s, n) : 0;
	}
	return 0;
}

static unsigned hex_value(char c)
{
	return char_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(char_lower(c) - 'a' + 10);
}

// The next character of a URI's part; an escaped reserved one differs from the plain one.
static unsigned next_char(struct str s, size_t *at, bool fold)
{
	char c = s.p[*at];
	unsigned reserved = 0;

	if (is_escape(s, *at)) {
		c = (char)(hex_value(s.p[*at + 1]) << 4 | hex_value(s.p[*at + 2]));
		*at += 3;
		reserved = c != '\0' && memchr(";/?:@&=+$,", c, 10) != NULL ? 0x100 : 0;
	} else {
		*at += 1;
	}
	return (uint8_t)(fold ? char_lower(c) : c) | reserved;
}

bool charset_eq_escaped(struct str a, struct str b, bool fold)
{
	size_t i = 0, j = 0;

	while (i < a.len && j < b.len) {
		if (a.p[i] == b.p[j] && a.p[i] != '%') {
			i++;
			j++;
			continue;
		}
		if (next_char(a, &i, fold) != next_char(b, &j, fold))
			return false;
	}
	return i == a.len && j == b.len;
}

// The same for what is longer than a window.
static bool is_long_name(struct str s)
{
	char last = '.';

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!charset_has(c, CHARSET_HOST))
			return false;
		if (last == '.' && (c == '.' || c == '-'))
			return false;
		if (last == '-' && c == '.')
			return false;
		last = c;
	}
	return s.len > 0 && last != '-';
}

// Labels of letters, digits, '-' (not at an end) and '_'; one dot may stand at the end.
static bool is_name(struct str s)
{
	struct vec v;
	uint32_t out, dots, dashes;

	if (s.len - 1 >= VEC_BYTES)
		return is_long_name(s);
	v = vec_load(s);
	out = vec_out(v, charset_rows(CHARSET_HOST));
	dots = vec_eq(v, '.');
	dashes = vec_eq(v, '-');
	// What may not stand after a dot or at the start, and after a dash.
	out |= (dots << 1 | 1) & (dots | dashes);
	out |= dashes << 1 & dots;
	return (out & vec_low(s.len)) == 0 && s.p[s.len - 1] != '-';
}

bool charset_host(struct str s, struct addr *out)
{
	memset(out, 0, sizeof(*out));
	if (s.len > 0 && s.p[0] == '[') {
		return s.len > 2 && s.p[s.len - 1] == ']' &&
		       addr_parse_ip(str_head(str_skip(s, 1), s.len - 2), out) &&
		       out->family == ADDR_IPV6;
	}
	return (s.len > 0 && char_is_digit(s.p[0]) && addr_parse_ipv4(s, out)) || is_name(s);
}

size_t charset_span_host(struct str s)
{
	if (s.len > 0 && s.p[0] == '[') {
		size_t end = vec_find(s, ']');

		return end < s.len ? end + 1 : 0;
	}
	return charset_span(s, CHARSET_HOST);
}

bool charset_port(struct str s, uint16_t *out)
{
	uint64_t port;

	if (!str_decimal(s, UINT16_MAX, &port) || port == 0)
		return false;
	*out = (uint16_t)port;
	return true;
}
