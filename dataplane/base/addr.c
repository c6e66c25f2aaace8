// IP addresses as text: strict readers, RFC 5952 writer.
#include "dataplane/base/addr.h"
#include "dataplane/base/vec.h"

#include <endian.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Where the four decimals of what may be an IPv4 address stand.
struct quad {
	uint32_t start[4], len[4];
};

// False when there are not three dots, or a decimal is empty, longer than three bytes, or begins
// with a zero that is not all of it.
static inline bool quad_find(struct vec v, size_t len, struct quad *q)
{
	const uint32_t last = 1U << len;
	const uint32_t stops = (vec_eq(v, '.') & (last - 1)) | last, starts = stops << 1 | 1;
	const uint32_t four = ~(stops | stops >> 1 | stops >> 2 | stops >> 3) & (last - 1);
	const uint32_t zeros = vec_eq(v, '0') & starts & ~(stops >> 1) & (last - 1);
	uint32_t rest = stops, start = 0;

	for (int i = 0; i < 4; i++, rest &= rest - 1) {
		const uint32_t stop = (uint32_t)vec_first(rest);

		q->start[i] = start;
		q->len[i] = stop - start;
		start = stop + 1;
	}
	return (four | zeros | (starts & stops)) == 0 && start == len + 1;
}

// The four numbers, each of up to three digits, in one step.
static inline bool quad_read(const char *text, const struct quad *q, uint8_t ip[4])
{
	const __m128i nine = _mm_set1_epi8(9), most = _mm_set1_epi32(255);
	const __m128i weights = _mm_set1_epi32(1 << 24 | 10 << 16 | 100 << 8);
	uint32_t digits[4], read;
	__m128i d, n, bad;

	for (int i = 0; i < 4; i++) {
		memcpy(&digits[i], text + q->start[i], sizeof(digits[i]));
		digits[i] = (digits[i] ^ 0x30303030) << (32 - 8 * q->len[i]);
	}
	d = _mm_setr_epi32((int)digits[0], (int)digits[1], (int)digits[2], (int)digits[3]);
	n = _mm_madd_epi16(_mm_maddubs_epi16(d, weights), _mm_set1_epi16(1));
	bad = _mm_or_si128(_mm_subs_epu8(d, nine), _mm_cmpgt_epi32(n, most));
	if (_mm_movemask_epi8(_mm_cmpeq_epi8(bad, _mm_setzero_si128())) != 0xffff)
		return false;
	n = _mm_packs_epi32(n, n);
	read = (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(n, n));
	memcpy(ip, &read, sizeof(read));
	return true;
}

static bool parse_ipv4(struct str s, uint8_t ip[4])
{
	char text[VEC_BYTES];
	struct quad q;
	struct vec v;

	if (s.len - 7 > 15 - 7)
		return false;
	v = vec_load(s);
	if (!quad_find(v, s.len, &q))
		return false;
	vec_write(text, v);
	return quad_read(text, &q, ip);
}

static int hex_value(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One to four hex digits at the start of s; returns how many, 0 = none or too many.
static size_t take_group(struct str s, unsigned *value)
{
	size_t n = 0;

	*value = 0;
	while (n < s.len && hex_value(s.p[n]) >= 0) {
		if (n == 4)
			return 0;
		*value = *value << 4 | (unsigned)hex_value(s.p[n]);
		n++;
	}
	return n;
}

// After "::": the RFC 3261 grammar, taken literally, puts one more ':' before an embedded IPv4
// address (RFC 5118 §4.10).
static struct str skip_third_colon(struct str s)
{
	uint8_t scratch[4];

	if (s.len > 0 && s.p[0] == ':' && parse_ipv4(str_skip(s, 1), scratch))
		return str_skip(s, 1);
	return s;
}

// Reads the groups into ip[0..*n), *gap = where "::" stood (or -1).
static bool parse_groups(struct str s, uint8_t ip[16], int *n, int *gap)
{
	*n = 0;
	*gap = -1;
	if (s.len >= 2 && s.p[0] == ':' && s.p[1] == ':') {
		*gap = 0;
		s = skip_third_colon(str_skip(s, 2));
		if (s.len == 0)
			return true;
	}
	for (;;) {
		unsigned value;
		size_t digits = take_group(s, &value);

		if (digits == 0)
			return false;
		if (digits < s.len && s.p[digits] == '.') {
			bool ok = *n <= 12 && parse_ipv4(s, ip + *n);
			*n += 4;
			return ok;
		}
		if (*n > 14)
			return false;
		ip[(*n)++] = (uint8_t)(value >> 8);
		ip[(*n)++] = (uint8_t)value;
		s = str_skip(s, digits);
		if (s.len == 0)
			return true;
		if (s.p[0] != ':' || s.len == 1)
			return false;
		s = str_skip(s, 1);
		if (s.p[0] == ':') {
			if (*gap >= 0)
				return false;
			*gap = *n;
			s = skip_third_colon(str_skip(s, 1));
			if (s.len == 0)
				return true;
		}
	}
}

static bool parse_ipv6(struct str s, uint8_t ip[16])
{
	uint8_t read[16] = {0};
	int n, gap;

	if (!parse_groups(s, read, &n, &gap))
		return false;
	if (gap < 0) {
		if (n != 16)
			return false;
		gap = n;
	} else if (n > 14) {
		return false;
	}
	memset(ip, 0, 16);
	memcpy(ip, read, (size_t)gap);
	memcpy(ip + 16 - (n - gap), read + gap, (size_t)(n - gap));
	return true;
}

bool addr_parse_ip(struct str s, struct addr *out)
{
	struct addr a = {0};

	if (parse_ipv4(s, a.ip))
		a.family = ADDR_IPV4;
	else if (parse_ipv6(s, a.ip))
		a.family = ADDR_IPV6;
	else
		return false;
	*out = a;
	return true;
}

bool addr_parse_ipv4(struct str s, struct addr *out)
{
	uint8_t ip[4];

	if (!parse_ipv4(s, ip))
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(out->ip, ip, sizeof(ip));
	out->family = ADDR_IPV4;
	return true;
}

bool addr_parse(struct str s, struct addr *out)
{
	struct str host = s, port = STR_NONE;
	struct addr a;
	uint64_t value = 0;

	if (s.len > 0 && s.p[0] == '[') {
		size_t close = str_find(s, ']');

		if (close == s.len)
			return false;
		host = str_from(s.p + 1, s.p + close);
		port = str_skip(s, close + 1);
		if (str_find(host, ':') == host.len)
			return false;
	} else if (str_find(s, '.') < str_find(s, ':')) {
		host = str_head(s, str_find(s, ':'));
		port = str_skip(s, host.len);
	}
	if (!addr_parse_ip(host, &a))
		return false;
	if (port.len > 0) {
		if (port.p[0] != ':' || !str_decimal(str_skip(port, 1), 65535, &value) ||
		        value == 0)
			return false;
	}
	a.port = (uint16_t)value;
	*out = a;
	return true;
}

// The longest run of at least two zero groups, the first one of equals (RFC 5952 §4.2).
static int longest_zeros(const unsigned group[8], int *run)
{
	int best = -1;

	*run = 1;
	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && group[i + n] == 0)
			n++;
		if (n > *run) {
			*run = n;
			best = i;
		}
		i += n;
	}
	return best;
}

// By hand: workers write addresses into messages, snprintf takes longer than the parsing of one.
static char *put_hex(char *out, unsigned value)
{
	int shift = 12;

	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*out++ = "0123456789abcdef"[value >> shift & 15];
	return out;
}

// A number and a dot, without a branch: a word of three digits loses those that are not written.
static char *put_octet(char *out, unsigned value)
{
	const unsigned hundreds = value * 41 >> 12, rest = value - 100 * hundreds;
	const unsigned tens = rest * 103 >> 10, ones = rest - 10 * tens;
	const unsigned none = (unsigned)(value < 10) + (unsigned)(value < 100);
	const uint32_t text = 0x2e303030 | hundreds | tens << 8 | ones << 16;
	const uint32_t shown = htole32(text >> 8 * none);

	memcpy(out, &shown, sizeof(shown));
	return out + sizeof(shown) - none;
}

static char *put_ipv4(char *out, const uint8_t *ip)
{
	for (int i = 0; i < 4; i++)
		out = put_octet(out, ip[i]);
	return out - 1; // no dot at the end
}

static char *put_ipv6(char *out, const uint8_t *ip)
{
	unsigned group[8];
	int run, gap;

	if (memcmp(ip, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		memcpy(out, "::ffff:", 7);
		return put_ipv4(out + 7, ip + 12);
	}
	for (int i = 0; i < 8; i++)
		group[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
	gap = longest_zeros(group, &run);
	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			*out++ = ':';
			if (i == 0)
				*out++ = ':';
			i += run - 1;
			continue;
		}
		out = put_hex(out, group[i]);
		if (i < 7)
			*out++ = ':';
	}
	return out;
}

static char *put_ip(char *out, const struct addr *a)
{
	if (a->family == ADDR_IPV4)
		return put_ipv4(out, a->ip);
	if (a->family == ADDR_IPV6)
		return put_ipv6(out, a->ip);
	return out;
}

size_t addr_format_ip(const struct addr *a, char *text)
{
	char *end = put_ip(text, a);

	*end = '\0';
	return (size_t)(end - text);
}

size_t addr_format(const struct addr *a, char *text)
{
	char *end = text;

	if (a->family == ADDR_IPV6)
		*end++ = '[';
	end = put_ip(end, a);
	if (a->family == ADDR_IPV6)
		*end++ = ']';
	if (a->port != 0) {
		*end++ = ':';
		end = str_put_decimal(end, a->port);
	}
	*end = '\0';
	return (size_t)(end - text);
}

bool addr_is_unicast(const struct addr *a)
{
	static const uint8_t zero[16];

	if (a->family == ADDR_IPV4)
		return a->ip[0] != 0 && a->ip[0] != 127 && a->ip[0] < 224;
	if (a->family != ADDR_IPV6 || a->ip[0] == 0xff)
		return false;
	// IPv4-mapped: a kernel would send it as IPv4, around the checks above.
	if (memcmp(a->ip, mapped_prefix, sizeof(mapped_prefix)) == 0)
		return false;
	return memcmp(a->ip, zero, 15) != 0 || a->ip[15] > 1;
}

bool addr_is_private(const struct addr *a)
{
	const uint8_t *ip = a->ip;

	if (a->family == ADDR_IPV4)
		return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) ||
		       (ip[0] == 192 && ip[1] == 168) || (ip[0] == 100 && (ip[1] & 0xc0) == 64) ||
		       (ip[0] == 169 && ip[1] == 254);
	return a->family == ADDR_IPV6 &&
	       ((ip[0] & 0xfe) == 0xfc || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80));
}
