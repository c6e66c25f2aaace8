// Character classes of RFC 3261 §25.1, and runs of them: what the grammar files have in common.
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/base/vec.h"

enum {
	CHARSET_TOKEN = 1 << 0,    // token
	CHARSET_VALUE = 1 << 1,    // token or host: an unquoted value of a header parameter
	CHARSET_USER = 1 << 2,     // user part of a URI
	CHARSET_PASSWORD = 1 << 3, // password of a URI
	CHARSET_PARAM = 1 << 4,    // paramchar of a URI
	CHARSET_HEADER = 1 << 5,   // header name or value of a URI
	CHARSET_HOST = 1 << 6,     // host name: letters, digits, '-', '.', and '_'
	CHARSET_SCHEME = 1 << 7,   // URI scheme, after its first letter
	CHARSET_URI = 1 << 8,      // anything a URI can be made of: printable, without < > "
	CHARSET_SPACE = 1 << 9,    // SP HT CR LF: linear white space, folds included
	CHARSET_TEXT = 1 << 10,    // between the quotes, without backslash
	CHARSET_HEX = 1 << 11,
	CHARSET_LIST = 1 << 12, // , " < >: what a list of values is taken apart by
	CHARSET_SETS = 13,
};

extern const uint16_t charset_table[256];
// The same for windows, by the number of the set's bit; of CHARSET_TEXT what is ASCII.
extern const struct vec_set charset_set[CHARSET_SETS];

static inline bool charset_has(char c, unsigned set)
{
	return (charset_table[(uint8_t)c] & set) != 0;
}

// Of constants: all but the loads and their OR is gone when it is compiled.
static inline __attribute__((always_inline)) __m128i charset_rows(unsigned set)
{
	__m128i rows = _mm_setzero_si128();

	for (unsigned i = 0; i < CHARSET_SETS; i++) {
		if ((set >> i & 1) != 0)
			rows = _mm_or_si128(rows, _mm_loadu_si128((const void *)&charset_set[i]));
	}
	return rows;
}

// Both of the following where the first window has no end of it.
size_t charset_span_long(struct str s, unsigned set);
size_t charset_find_long(struct str s, unsigned set);

// Length of the longest prefix made of those characters only (CHARSET_TEXT: as far as it is ASCII).
static inline __attribute__((always_inline)) size_t charset_span(struct str s, unsigned set)
{
	size_t n;

	if (s.len == 0)
		return 0;
	n = vec_first(vec_out(vec_load(s), charset_rows(set)));
	if (__builtin_expect(n == VEC_BYTES && s.len > VEC_BYTES, false))
		return charset_span_long(s, set);
	return n < s.len ? n : s.len;
}

// Position of the first byte that is one of those characters, or s.len.
static inline __attribute__((always_inline)) size_t charset_find(struct str s, unsigned set)
{
	size_t n;

	if (s.len == 0)
		return 0;
	n = vec_first(~vec_out(vec_load(s), charset_rows(set)));
	if (__builtin_expect(n == VEC_BYTES && s.len > VEC_BYTES, false))
		return charset_find_long(s, set);
	return n < s.len ? n : s.len;
}

// At least one byte, and none of them a control character or space.
bool charset_is_visible(struct str s);

// charset_span, with "%" HEX HEX too. Stops at a '%' that starts no escape.
size_t charset_span_escapes(struct str s, unsigned set);
static inline __attribute__((always_inline)) size_t charset_span_escaped(struct str s, unsigned set)
{
	size_t n;

	if ((set & CHARSET_URI) != 0) // has '%' itself
		return charset_span_escapes(s, set);
	n = charset_span(s, set);
	return n < s.len && s.p[n] == '%' ? charset_span_escapes(s, set) : n;
}

// Length of the quoted string `s` starts with, both quotes counted; 0 when there is none, it does
// not end, or holds a byte that may not be there.
static inline size_t charset_span_quoted(struct str s);
// The same for one with quoted-pairs or bytes from 0x80 on, too.
size_t charset_span_quoted_any(struct str s);

static inline size_t charset_span_quoted(struct str s)
{
	size_t n;

	if (s.len == 0 || s.p[0] != '"')
		return 0;
	n = 1 + charset_span(str_skip(s, 1), CHARSET_TEXT);
	return n < s.len && s.p[n] == '"' ? n + 1 : charset_span_quoted_any(s);
}

// `s` without the linear white space it starts with.
static inline struct str charset_skip_space(struct str s)
{
	return s.len > 0 && (uint8_t)s.p[0] <= ' ' ? str_skip(s, charset_span(s, CHARSET_SPACE))
	                                           : s;
}

// Equal as parts of a URI (RFC 3261 §19.1.4): an escaped character is the character, unless it is a
// reserved one. With `fold` in any case.
bool charset_eq_escaped(struct str a, struct str b, bool fold);

// A name in a URI is this plain one, in any case and with any escapes.
static inline bool charset_name_is(struct str name, struct str plain)
{
	if (name.len == plain.len)
		return str_eq_nocase(name, plain);
	return name.len > plain.len && charset_eq_escaped(name, plain, true);
}

// A host: IPv4, IPv6 in brackets (*out its address, port 0), or a name (*out of family ADDR_NONE).
// False when it is none of them.
bool charset_host(struct str s, struct addr *out);
// Length of the host `s` starts with, 0 when it starts with none. Not checked: charset_host does.
size_t charset_span_host(struct str s);

// A port, 1..65535.
bool charset_port(struct str s, uint16_t *out);
