// Types: one checker and one placeholder each, found by the table at the end.
#include "config/type.h"

#include <stdio.h>

#include "config/schema.h"
#include "dataplane/sip/charset.h"
#include "dataplane/sip/header.h"
#include "dataplane/sip/method.h"
#include "dataplane/sip/digest.h"

enum {
	CORES_MAX = 64,
	CORE_LAST = 1023,
	DEVICE_MAX = 111,
	SENTBY_MAX = 63,
	DIGITS_MAX = 32,
	REALM_MAX = 255,
	USER_MAX = 127
};

// A checker writes the canonical form and returns true, or returns false.
struct word {
	const struct schema_row *row;
	struct str text;
	char *out;
	size_t room;
};

static bool put(struct word *w, struct str s, bool lower)
{
	if (s.len >= w->room)
		return false;
	for (size_t i = 0; i < s.len; i++)
		w->out[i] = lower ? char_lower(s.p[i]) : s.p[i];
	w->out[s.len] = '\0';
	return true;
}

static bool is_alnum(char c)
{
	return char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'z');
}

static bool is_hex(char c)
{
	return char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'f');
}

static bool check_words(struct word *w, const char *values)
{
	struct str rest = str_of(values);

	while (rest.len > 0) {
		struct str one = str_head(rest, str_find(rest, '|'));

		if (str_eq(one, w->text))
			return put(w, one, false);
		rest = str_skip(rest, one.len + 1);
	}
	return false;
}

static bool check_switch(struct word *w)
{
	return check_words(w, "on|off");
}

static bool check_choice(struct word *w)
{
	return check_words(w, w->row->values);
}

static bool check_number(struct word *w)
{
	uint64_t value;
	int n;

	if (!str_decimal(w->text, (uint64_t)w->row->max, &value) || (int64_t)value < w->row->min)
		return false;
	n = snprintf(w->out, w->room, "%llu", (unsigned long long)value);
	return n > 0 && (size_t)n < w->room;
}

static bool is_name(struct str s, size_t longest)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.p[i]) && s.p[i] != '_' && (s.p[i] != '-' || i == 0))
			return false;
	}
	return s.len > 0 && s.len <= longest;
}

static bool check_name(struct word *w)
{
	return is_name(w->text, w->row->max > 0 ? (size_t)w->row->max : 31) &&
	       put(w, w->text, false);
}

// "0000:3b:00.0" or "3b:00.0": the part before the first comma of a device.
static bool pci_address(struct str s, char out[16])
{
	static const char form[] = "xxxx:xx:xx.x";
	size_t missing = s.len == 7 ? 5 : 0;

	if (s.len + missing != sizeof(form) - 1)
		return false;
	memcpy(out, "0000:", 5);
	for (size_t i = 0; i < s.len; i++) {
		char want = form[i + missing];

		if (want == 'x' ? !is_hex(s.p[i]) : s.p[i] != want)
			return false;
		out[i + missing] = char_lower(s.p[i]);
	}
	out[sizeof(form) - 1] = '\0';
	return out[11] <= '7';
}

static bool virtual_device(struct str s)
{
	static const char *const starts[] = {"net_", "eth_", "virtio_user"};
	bool known = false;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t n = strlen(starts[i]);

		known |= s.len > n && memcmp(s.p, starts[i], n) == 0;
	}
	return known && is_name(s, 31);
}

static bool check_device(struct word *w)
{
	struct str name = str_head(w->text, str_find(w->text, ','));
	struct str args = str_skip(w->text, name.len);
	char pci[16];
	int n;

	for (size_t i = 0; i < args.len; i++) {
		if (args.p[i] <= ' ' || args.p[i] > '~' || strchr("'\"\\", args.p[i]) != NULL)
			return false;
	}
	if (args.len == 1 || w->text.len > DEVICE_MAX)
		return false;
	if (virtual_device(name))
		return put(w, w->text, false);
	if (!pci_address(name, pci))
		return false;
	n = snprintf(w->out, w->room, "%s%.*s", pci, STR_ARG(args));
	return n <= DEVICE_MAX && (size_t)n < w->room;
}

bool type_prefix(struct str word, struct addr *out, unsigned *len)
{
	size_t slash = str_find(word, '/');
	struct addr a;
	uint64_t bits;

	if (!addr_parse_ip(str_head(word, slash), &a))
		return false;
	if (!str_decimal(str_skip(word, slash + 1), addr_ip_len(&a) * 8, &bits) || bits == 0)
		return false;
	*out = a;
	*len = (unsigned)bits;
	return true;
}

// The network's own and its broadcast address are nobody's (IPv4, up to /30).
static bool is_host_address(const struct addr *a, unsigned len)
{
	uint32_t ip = (uint32_t)a->ip[0] << 24 | (uint32_t)a->ip[1] << 16 |
	              (uint32_t)a->ip[2] << 8 | a->ip[3];
	uint32_t host_mask;

	if (a->family != ADDR_IPV4 || len > 30)
		return true;
	host_mask = UINT32_MAX >> len;
	return (ip & host_mask) != 0 && (ip & host_mask) != host_mask;
}

static bool check_prefix(struct word *w)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	unsigned len;
	int n;

	if (!type_prefix(w->text, &a, &len) || !addr_is_unicast(&a) || !is_host_address(&a, len))
		return false;
	addr_format_ip(&a, text);
	n = snprintf(w->out, w->room, "%s/%u", text, len);
	return n > 0 && (size_t)n < w->room;
}

static bool check_ip(struct word *w)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (!addr_parse_ip(w->text, &a) || !addr_is_unicast(&a))
		return false;
	return put(w, (struct str){text, addr_format_ip(&a, text)}, false);
}

static bool check_hostport(struct word *w)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (!addr_parse(w->text, &a) || !addr_is_unicast(&a))
		return false;
	if (a.port == 0)
		a.port = 5060;
	return put(w, (struct str){text, addr_format(&a, text)}, false);
}

// RFC 3261 §25.1 hostname, with the underscores and digits real names have; no trailing dot.
static bool is_hostname(struct str s)
{
	size_t label = 0;

	if (s.len == 0 || s.len > 253)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '.' || c == '-') {
			if (label == 0 || (c == '.' && s.p[i - 1] == '-'))
				return false;
		} else if (!is_alnum(c) && c != '_') {
			return false;
		}
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return is_alnum(s.p[s.len - 1]);
}

// A name whose last label is a number would be read as an address by others.
static bool looks_like_address(struct str s)
{
	const char *dot = memrchr(s.p, '.', s.len);

	return char_is_digit(dot != NULL ? dot[1] : s.p[0]);
}

static bool check_sentby(struct word *w)
{
	size_t colon = str_find(w->text, ':');
	struct str host = str_head(w->text, colon);
	char text[ADDR_TEXT_MAX];
	struct addr a;
	uint64_t port;

	if (addr_parse(w->text, &a))
		return addr_is_unicast(&a) &&
		       put(w, (struct str){text, addr_format(&a, text)}, false);
	if (!is_hostname(host) || looks_like_address(host) || w->text.len > SENTBY_MAX)
		return false;
	if (colon < w->text.len &&
	        (!str_decimal(str_skip(w->text, colon + 1), 65535, &port) || port == 0))
		return false;
	return put(w, w->text, true);
}

static bool check_domain(struct word *w)
{
	struct str s = w->text, host;
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if ((addr_parse(s, &a) && a.port == 0) || addr_parse_ip(s, &a))
		return put(w, (struct str){text, addr_format(&a, text)}, false);
	if (s.len > 1 && s.p[s.len - 1] == '.')
		s.len--;
	host = s.len > 2 && s.p[0] == '*' && s.p[1] == '.' ? str_skip(s, 2) : s;
	return is_hostname(host) && !looks_like_address(host) && s.len <= 253 && put(w, s, true);
}

// A '+' only in front, as in numbers.
static bool check_digits(struct word *w)
{
	if (str_eq(w->text, STR("any")))
		return put(w, w->text, false);
	for (size_t i = 0; i < w->text.len; i++) {
		char c = w->text.p[i];

		if (!char_is_digit(c) && c != '*' && c != '#' && (c != '+' || i > 0))
			return false;
	}
	return w->text.len > 0 && w->text.len <= DIGITS_MAX && put(w, w->text, false);
}

static bool mark_cores(struct str part, uint64_t *set)
{
	size_t dash = str_find(part, '-');
	uint64_t first, last;

	if (!str_decimal(str_head(part, dash), CORE_LAST, &first))
		return false;
	last = first;
	if (dash < part.len && !str_decimal(str_skip(part, dash + 1), CORE_LAST, &last))
		return false;
	for (uint64_t core = first; core <= last; core++)
		set[core / 64] |= 1ULL << core % 64;
	return first <= last;
}

int type_cores(struct str word, uint16_t *cores, unsigned max)
{
	uint64_t set[(CORE_LAST + 1) / 64] = {0};
	unsigned n = 0;
	bool more = true;

	while (more) {
		struct str part = str_head(word, str_find(word, ','));

		if (!mark_cores(part, set))
			return -1;
		more = part.len < word.len;
		word = str_skip(word, part.len + 1);
	}
	for (unsigned core = 0; core <= CORE_LAST; core++) {
		if ((set[core / 64] >> core % 64 & 1) == 0)
			continue;
		if (n == max)
			return -1;
		cores[n++] = (uint16_t)core;
	}
	return (int)n;
}

static bool check_cores(struct word *w)
{
	uint16_t core[CORES_MAX];
	int count = type_cores(w->text, core, CORES_MAX);
	size_t len = 0;

	for (int i = 0; i < count;) {
		int last = i, n;

		while (last + 1 < count && core[last + 1] == core[last] + 1)
			last++;
		n = snprintf(w->out + len, w->room - len, last > i ? "%s%u-%u" : "%s%u",
		        i > 0 ? "," : "", core[i], core[last]);
		if (n < 0 || (size_t)n >= w->room - len)
			return false;
		len += (size_t)n;
		i = last + 1;
	}
	return count > 0;
}

static bool check_secret(struct word *w)
{
	for (size_t i = 0; i < w->text.len; i++) {
		if (!is_hex(w->text.p[i]))
			return false;
	}
	if (w->row->max > 0 && w->text.len != (size_t)w->row->max)
		return false;
	return w->text.len >= 32 && w->text.len <= 128 && w->text.len % 2 == 0 &&
	       put(w, w->text, true);
}

// Nothing that would have to be escaped in a quoted string.
static bool is_realm(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.p[i]) && strchr("._-:[]", s.p[i]) == NULL)
			return false;
	}
	return s.len > 0 && s.len <= REALM_MAX;
}

static bool check_realm(struct word *w)
{
	return is_realm(w->text) && put(w, w->text, true);
}

// The realm stands behind the last @: a name may be an address-of-record itself.
static bool check_user(struct word *w)
{
	const char *at = w->text.len > 0 ? memrchr(w->text.p, '@', w->text.len) : NULL;
	struct str name = at != NULL ? str_from(w->text.p, at) : STR_NONE;
	struct str realm = str_skip(w->text, name.len + 1);

	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] <= ' ' || name.p[i] > '~' || strchr("'\"\\:,#", name.p[i]) != NULL)
			return false;
	}
	if (name.len == 0 || name.len > USER_MAX || !is_realm(realm) || !put(w, w->text, false))
		return false;
	for (size_t i = name.len; i < w->text.len; i++)
		w->out[i] = char_lower(w->out[i]);
	return true;
}

static bool check_algorithms(struct word *w)
{
	struct str rest = w->text;
	unsigned seen = 0;

	do {
		struct str one = str_head(rest, str_find(rest, ','));
		enum digest_algorithm a = digest_find(one);

		if (a == DIGEST_ALGORITHMS || (seen & 1u << a) != 0)
			return false;
		seen |= 1u << a;
		if (one.len + 1 == rest.len)
			return false;
		rest = str_skip(rest, one.len + 1);
	} while (rest.len > 0);
	return put(w, w->text, true);
}

static bool check_path(struct word *w)
{
	for (size_t i = 0; i < w->text.len; i++) {
		if (w->text.p[i] <= ' ' || w->text.p[i] > '~' ||
		        strchr("'\"\\#", w->text.p[i]) != NULL)
			return false;
	}
	return w->text.len > 1 && w->text.p[0] == '/' && put(w, w->text, false);
}

static bool check_network(struct word *w)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	unsigned len;
	int n;

	if (!type_network(w->text, &a, &len))
		return false;
	addr_format_ip(&a, text);
	n = snprintf(w->out, w->room, "%s/%u", text, len);
	return n > 0 && (size_t)n < w->room;
}

static bool check_regex(struct word *w)
{
	for (size_t i = 0; i < w->text.len; i++) {
		if (w->text.p[i] < ' ' || w->text.p[i] > '~')
			return false;
	}
	return w->text.len > 0 && w->text.len <= UINT8_MAX && put(w, w->text, false);
}

// Known names in their usual spelling.
static bool check_header(struct word *w)
{
	enum header_id id = header_lookup(w->text);

	if (id != HEADER_OTHER)
		return put(w, header_name(id), false);
	return w->text.len > 0 && w->text.len <= 63 &&
	       charset_span(w->text, CHARSET_TOKEN) == w->text.len && put(w, w->text, false);
}

static bool check_method(struct word *w)
{
	return method_parse(w->text) != METHOD_OTHER && put(w, w->text, false);
}

static bool check_ports(struct word *w)
{
	uint16_t first, last;
	int n;

	if (!type_ports(w->text, &first, &last))
		return false;
	n = snprintf(w->out, w->room, first < last ? "%u-%u" : "%u", first, last);
	return n > 0 && (size_t)n < w->room;
}

static const struct {
	bool (*check)(struct word *w);
	const char *placeholder; // NULL: made of the row
	const char *expected;    // "expected ..."; NULL: the placeholder
} types[] = {
        [TYPE_FLAG] = {NULL, "", "no value"},
        [TYPE_SWITCH] = {check_switch, "on|off", NULL},
        [TYPE_CHOICE] = {check_choice, NULL, NULL},
        [TYPE_NUMBER] = {check_number, NULL, NULL},
        [TYPE_NAME] = {check_name, "<name>", NULL},
        [TYPE_REF] = {check_name, NULL, NULL},
        [TYPE_DEVICE] = {check_device, "<device>",
                "a PCI address like 0000:3b:00.0 or a DPDK device like net_af_packet0,iface=eth1"},
        [TYPE_PREFIX] = {check_prefix, "<address/len>",
                "a host's address with prefix length like "
                "192.0.2.1/24 or 2001:db8::1/64"},
        [TYPE_IP] = {check_ip, "<address>", "a unicast address like 192.0.2.1 or 2001:db8::1"},
        [TYPE_HOSTPORT] = {check_hostport, "<address:port>",
                "a unicast address like 192.0.2.1:5060 or [2001:db8::1]:5060"},
        [TYPE_SENTBY] = {check_sentby, "<host:port>",
                "a host name or address, with or without port, like sip.example.com:5060"},
        [TYPE_DOMAIN] = {check_domain, "<domain>", "a host name, *.name, an address or 'default'"},
        [TYPE_DIGITS] = {check_digits, "<digits>", "up to 32 of 0-9 * #, a + in front, or 'any'"},
        [TYPE_CORES] = {check_cores, "<cores>", "up to 64 core numbers like 2-5,7"},
        [TYPE_STATUS] = {check_number, NULL, NULL},
        [TYPE_SECRET] = {check_secret, "<hex>", "an even number, 32 to 128, of hex digits"},
        [TYPE_USER] = {check_user, "<name@realm>", "a user like alice@example.com"},
        [TYPE_REALM] = {check_realm, "<realm>", "up to 255 letters, digits and . - _ : [ ]"},
        [TYPE_ALGORITHMS] = {check_algorithms, "<algorithms>",
                "some of sha-256,sha-512-256,md5, best first"},
        [TYPE_PATH] = {check_path, "<path>", "an absolute file name"},
        [TYPE_NETWORK] = {check_network, "<address[/len]>",
                "a network like 192.0.2.0/24 or 2001:db8::/32, or an address"},
        [TYPE_REGEX] = {check_regex, "<regex>",
                "a regular expression of up to 255 ASCII characters"},
        [TYPE_HEADER] = {check_header, "<header>", "the name of a header field like User-Agent"},
        [TYPE_METHOD] = {check_method, "<METHOD>", "a SIP method in capitals like INVITE"},
        [TYPE_PORTS] = {check_ports, "<port[-port]>", "a port or first-last like 1024-65535"},
};

static void what_fits(enum type t, const struct schema_row *row, char *out, size_t room)
{
	if (t == TYPE_NUMBER || t == TYPE_STATUS)
		snprintf(out, room, "a number from %lld to %lld", (long long)row->min,
		        (long long)row->max);
	else if (t == TYPE_NAME)
		snprintf(out, room, "a name of up to %lld letters, digits, - and _",
		        (long long)row->max);
	else if (t == TYPE_SECRET && row->max > 0)
		snprintf(out, room, "%lld hex digits", (long long)row->max);
	else if (t == TYPE_REF)
		snprintf(out, room, "the name of a %s", row->values);
	else if (types[t].expected != NULL)
		snprintf(out, room, "%s", types[t].expected);
	else
		type_placeholder(t, row, out, room);
}

int type_check(enum type t, const struct schema_row *row, struct str word, char *out, size_t room,
        struct error *e)
{
	struct word w = {row, word, out, room};
	char fits[160];

	// A value is a C string from here on: a NUL would end it early.
	if (types[t].check != NULL && str_find(word, '\0') == word.len && types[t].check(&w))
		return 0;
	what_fits(t, row, fits, sizeof(fits));
	return error_set(e, "expected %s", fits);
}

size_t type_placeholder(enum type t, const struct schema_row *row, char *out, size_t room)
{
	int n;

	if (t == TYPE_NUMBER || t == TYPE_STATUS)
		n = snprintf(out, room, "<%lld-%lld>", (long long)row->min, (long long)row->max);
	else if (t == TYPE_CHOICE)
		n = snprintf(out, room, "%s", row->values);
	else if (t == TYPE_REF)
		n = snprintf(out, room, "<%s>", row->values);
	else
		n = snprintf(out, room, "%s", types[t].placeholder);
	return (size_t)n < room ? (size_t)n : room - 1;
}
