// A binding as one line of text: see binding_text.h.
#include "control/binding_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/uri.h"
#include "dataplane/sip/writer.h"
#include "dataplane/table/leg.h"

#define ROW(name, member)                                       \
	{                                                       \
		name, offsetof(struct location_contact, member) \
	}

struct row {
	const char *name;
	size_t at;
};

static const struct row texts[] = {ROW("aor", aor), ROW("contact", uri), ROW("path", path),
        ROW("instance", instance), ROW("user_agent", user_agent), ROW("call_id", call_id),
        ROW("params", params)};
static const struct row numbers[] = {
        ROW("cseq", cseq), ROW("reg_id", reg_id), ROW("methods", methods)};
static const struct row times[] = {ROW("expires", expires_s), ROW("registered", registered_s)};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct row *find(const struct row *rows, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '\'';
}

static void write_name(struct writer *w, const char *name)
{
	writer_str(w, STR(" "));
	writer_str(w, str_of(name));
	writer_str(w, STR("="));
}

static void write_text(struct writer *w, const char *name, struct str text)
{
	static const char digits[] = "0123456789abcdef";
	size_t from = 0;

	if (text.len == 0)
		return;
	write_name(w, name);
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t c = (uint8_t)text.p[i];
		const char escape[4] = {'\\', 'x', digits[c >> 4], digits[c & 15]};

		if (is_plain(text.p[i]))
			continue;
		writer_str(w, str_from(text.p + from, text.p + i));
		writer_str(w, (struct str){escape, sizeof(escape)});
		from = i + 1;
	}
	writer_str(w, str_skip(text, from));
}

static void write_number(struct writer *w, const char *name, int64_t value)
{
	char text[24];

	if (value == 0)
		return;
	write_name(w, name);
	writer_str(w,
	        (struct str){text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)value)});
}

static void write_way(struct writer *w, const struct location_contact *c, const char *leg)
{
	char text[ADDR_TEXT_MAX];

	if (c->received.family != ADDR_NONE)
		write_text(w, "received", (struct str){text, addr_format(&c->received, text)});
	snprintf(text, sizeof(text), "#%u", c->leg);
	write_text(w, "leg", str_of(leg != NULL ? leg : text));
	write_text(w, "transport", transport_name(c->transport));
	if (c->flags != 0)
		write_text(w, "flags",
		        str_of(c->flags == LOCATION_NAT         ? "nat"
		                : c->flags == LOCATION_OUTBOUND ? "outbound"
		                                                : "nat,outbound"));
}

size_t binding_text_write(
        const struct location_contact *c, const char *leg, int64_t offset_s, char *out)
{
	struct writer w = {out, out + BINDING_TEXT_MAX, false};
	const char *base = (const char *)c;
	char q[8];

	write_text(&w, "aor", c->aor);
	write_text(&w, "contact", c->uri);
	for (size_t i = 0; i < COUNT(times); i++) {
		uint32_t at_s;

		memcpy(&at_s, base + times[i].at, sizeof(at_s));
		write_number(&w, times[i].name, at_s + offset_s);
	}
	snprintf(q, sizeof(q), "%u.%03u", c->q / 1000u % 10, c->q % 1000u);
	write_text(&w, "q", str_of(q));
	write_way(&w, c, leg);
	for (size_t i = 2; i < COUNT(texts); i++) {
		struct str text;

		memcpy(&text, base + texts[i].at, sizeof(text));
		write_text(&w, texts[i].name, text);
	}
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint32_t value;

		memcpy(&value, base + numbers[i].at, sizeof(value));
		write_number(&w, numbers[i].name, value);
	}
	if (w.full || w.at == out)
		return 0;
	memmove(out, out + 1, (size_t)(w.at - out - 1)); // the blank before the first
	return (size_t)(w.at - out - 1);
}

static int hex(char c)
{
	c = char_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The escapes undone, into *room. False: a backslash that begins none, or an end of line, which
// would begin a header field of its own where the text is used.
static bool unescape(struct str in, char **room, struct str *out)
{
	out->p = *room;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.p[i];

		if (c == '\\') {
			if (in.len - i < 4 || in.p[i + 1] != 'x' || hex(in.p[i + 2]) < 0 ||
			        hex(in.p[i + 3]) < 0)
				return false;
			c = (char)(hex(in.p[i + 2]) << 4 | hex(in.p[i + 3]));
			i += 3;
		}
		if (c == '\r' || c == '\n' || c == '\0')
			return false;
		*(*room)++ = c;
	}
	*out = str_from(out->p, *room);
	return true;
}

static bool read_q(struct str s, uint16_t *out)
{
	uint64_t whole, part = 0;
	struct str decimals = str_skip(s, str_find(s, '.') + 1);

	if (!str_decimal(str_head(s, str_find(s, '.')), 1, &whole) || decimals.len > 3 ||
	        (decimals.len > 0 && !str_decimal(decimals, 999, &part)))
		return false;
	for (size_t i = decimals.len; i < 3; i++)
		part *= 10;
	*out = (uint16_t)(whole * 1000 + part);
	return *out <= 1000;
}

static bool read_leg(struct str s, uint16_t *out)
{
	uint64_t id;

	if (s.len == 0 || s.p[0] != '#') {
		*out = leg_id(s);
		return s.len > 0;
	}
	if (!str_decimal(str_skip(s, 1), UINT16_MAX, &id))
		return false;
	*out = (uint16_t)id;
	return true;
}

static bool read_flags(struct str s, uint8_t *out)
{
	for (*out = 0; s.len > 0; s = str_skip(s, str_find(s, ',') + 1)) {
		const struct str flag = str_head(s, str_find(s, ','));

		if (str_eq(flag, STR("nat")))
			*out |= LOCATION_NAT;
		else if (str_eq(flag, STR("outbound")))
			*out |= LOCATION_OUTBOUND;
		else
			return false;
	}
	return true;
}

static bool read_transport(struct str s, uint8_t *out)
{
	const enum transport t = transport_parse(s);

	*out = (uint8_t)t;
	return t != TRANSPORT_NONE && t != TRANSPORT_OTHER;
}

// Seconds since 1970 as a time of the table, which has none before the boot.
static bool read_time(struct str s, int64_t offset_s, uint32_t *out)
{
	uint64_t at_s;

	if (!str_decimal(s, UINT32_MAX, &at_s))
		return false;
	*out = (int64_t)at_s > offset_s ? (uint32_t)((int64_t)at_s - offset_s) : 0;
	return true;
}

static bool read_word(struct location_contact *c, struct str name, struct str value, char **room,
        int64_t offset_s)
{
	const struct row *row;
	char *base = (char *)c;
	uint64_t number;
	struct str text;

	if ((row = find(texts, COUNT(texts), name)) != NULL) {
		if (!unescape(value, room, &text))
			return false;
		memcpy(base + row->at, &text, sizeof(text));
		return true;
	}
	if ((row = find(numbers, COUNT(numbers), name)) != NULL) {
		if (!str_decimal(value, UINT32_MAX, &number))
			return false;
		memcpy(base + row->at, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
		return true;
	}
	if ((row = find(times, COUNT(times), name)) != NULL)
		return read_time(value, offset_s, (uint32_t *)(void *)(base + row->at));
	if (str_eq(name, STR("q")))
		return read_q(value, &c->q);
	if (str_eq(name, STR("leg")))
		return read_leg(value, &c->leg);
	if (str_eq(name, STR("received")))
		return addr_parse(value, &c->received);
	if (str_eq(name, STR("transport")))
		return read_transport(value, &c->transport);
	return str_eq(name, STR("flags")) && read_flags(value, &c->flags);
}

// What the table and the workers take for granted.
static int check(const struct location_contact *c, bool expires, struct error *e)
{
	const size_t len = c->aor.len + c->uri.len + c->path.len + c->instance.len +
	                   c->user_agent.len + c->call_id.len + c->params.len;
	struct uri u;

	if (c->aor.len == 0 || c->uri.len == 0 || !expires)
		return error_set(e, "a binding needs aor=, contact= and expires=");
	if (!uri_parse(c->uri, &u) || u.scheme == URI_OTHER)
		return error_set(e, "contact is no SIP URI");
	if (len > LOCATION_TEXT_MAX)
		return error_set(
		        e, "the texts together are longer than %d bytes", LOCATION_TEXT_MAX);
	return 0;
}

int binding_text_read(struct str line, int64_t offset_s, struct location_contact *out, char *room,
        struct error *e)
{
	bool expires = false;

	*out = (struct location_contact){.q = 1000, .leg = LEG_NONE, .transport = TRANSPORT_UDP};
	for (line = str_trim(line); line.len > 0; line = str_trim(line)) {
		const struct str word = str_head(line, str_find(line, ' '));
		const struct str name = str_head(word, str_find(word, '='));

		if (!read_word(out, name, str_skip(word, name.len + 1), &room, offset_s))
			return error_set(e, "not understood: %.*s", STR_ARG(str_head(word, 200)));
		expires = expires || str_eq(name, STR("expires"));
		line = str_skip(line, word.len);
	}
	return check(out, expires, e);
}
