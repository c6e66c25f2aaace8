// String views: a pointer and a length into memory somebody else owns, passed by value.
// Nothing here allocates, copies or needs a terminating NUL.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
// For printf: printf("%.*s", STR_ARG(s))
#define STR_ARG(s) (int)(s).len, (s).p

static inline struct str str_of(const char *c)
{
	return (struct str){c, strlen(c)};
}

static inline struct str str_from(const char *begin, const char *end)
{
	return (struct str){begin, (size_t)(end - begin)};
}

// (An offset of 0 is not added: STR_NONE has no pointer to add to.)
static inline const char *str_end(struct str s)
{
	return s.len > 0 ? s.p + s.len : s.p;
}

static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

// ASCII case-insensitive equality.
bool str_eq_nocase(struct str a, struct str b);

// Position of the first `c`, or s.len.
static inline size_t str_find(struct str s, char c)
{
	const char *hit = s.len > 0 ? memchr(s.p, c, s.len) : NULL;
	return hit != NULL ? (size_t)(hit - s.p) : s.len;
}

// The rest after the first n bytes (all of them gone when n >= len).
static inline struct str str_skip(struct str s, size_t n)
{
	if (n > s.len)
		n = s.len;
	return (struct str){n > 0 ? s.p + n : s.p, s.len - n};
}

// The first n bytes.
static inline struct str str_head(struct str s, size_t n)
{
	return (struct str){s.p, n < s.len ? n : s.len};
}

// Copies s to `to`, where room for it is, and returns the end of it. Made for texts of some ten
// bytes: two copies that may overlap in place of a call.
static inline char *str_put(char *to, struct str s)
{
	const char *p = s.p;
	const size_t n = s.len;
	char *end = to + n;

	if (n > 32) {
		for (size_t i = 0; i + 32 < n; i += 32)
			memcpy(to + i, p + i, 32);
		memcpy(end - 32, p + n - 32, 32);
	} else if (n >= 16) {
		memcpy(to, p, 16);
		memcpy(end - 16, p + n - 16, 16);
	} else if (n >= 8) {
		uint64_t first, last;

		memcpy(&first, p, 8);
		memcpy(&last, p + n - 8, 8);
		memcpy(to, &first, 8);
		memcpy(end - 8, &last, 8);
	} else if (n >= 4) {
		uint32_t first, last;

		memcpy(&first, p, 4);
		memcpy(&last, p + n - 4, 4);
		memcpy(to, &first, 4);
		memcpy(end - 4, &last, 4);
	} else if (n > 0) {
		to[0] = p[0];
		to[n / 2] = p[n / 2];
		to[n - 1] = p[n - 1];
	}
	return end;
}

// Without leading and trailing SP, HT, CR, LF (linear white space of RFC 3261 §25.1, folds
// included). Most texts have none.
struct str str_trim_space(struct str s);
static inline struct str str_trim(struct str s)
{
	const bool none = s.len > 0 && (uint8_t)s.p[0] > ' ' && (uint8_t)s.p[s.len - 1] > ' ';

	return none ? s : str_trim_space(s);
}

// The one decimal parser (RELIABILITY rule 1): 1 to 10 digits, nothing else, value <= max.
// Returns true and sets *out, or false and leaves *out alone.
bool str_decimal(struct str s, uint64_t max, uint64_t *out);

// Writes value in decimal (at most 10 digits, no NUL), returns where it ends: what workers use in
// place of snprintf.
char *str_put_decimal(char *out, uint32_t value);
