// String views: what is too long for the header.
#include "dataplane/base/str.h"

// Eight bytes in ASCII lower case.
static inline uint64_t lower_word(uint64_t w)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t low = w & 0x7f * each;
	// The top bit of each byte: is it >= 'A', is it > 'Z', is it ASCII.
	uint64_t upper = (low + (0x80 - 'A') * each) & ~(low + (0x7f - 'Z') * each) & ~w;

	return w | (upper & 0x80 * each) >> 2;
}

static inline bool eq_word(const char *a, const char *b, size_t n)
{
	uint64_t x = 0, y = 0;

	memcpy(&x, a, n);
	memcpy(&y, b, n);
	return x == y || lower_word(x) == lower_word(y);
}

bool str_eq_nocase(struct str a, struct str b)
{
	size_t i = 0;

	if (a.len != b.len)
		return false;
	for (; i + 8 < a.len; i += 8) {
		if (!eq_word(a.p + i, b.p + i, 8))
			return false;
	}
	// The last word may overlap what was compared already.
	if (a.len >= 8)
		return eq_word(a.p + a.len - 8, b.p + a.len - 8, 8);
	if (a.len >= 4)
		return eq_word(a.p, b.p, 4) && eq_word(a.p + a.len - 4, b.p + a.len - 4, 4);
	for (; i < a.len; i++) {
		if (char_lower(a.p[i]) != char_lower(b.p[i]))
			return false;
	}
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim_space(struct str s)
{
	while (s.len > 0 && is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool str_decimal(struct str s, uint64_t max, uint64_t *out)
{
	// Ten digits can't overflow 64 bits, so no step needs its own check.
	uint64_t value = 0;

	if (s.len == 0 || s.len > 10)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
		value = value * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

char *str_put_decimal(char *out, uint32_t value)
{
	char *end = out + 1;

	for (uint32_t rest = value; rest >= 10; rest /= 10)
		end++;
	for (char *at = end; at > out; value /= 10)
		*--at = (char)('0' + value % 10);
	return end;
}
