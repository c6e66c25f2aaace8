// Writes the canonical form of an address-of-record.
#include "dataplane/sip/aor.h"

#include "dataplane/sip/charset.h"
#include "dataplane/sip/writer.h"

static int hex_digit(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// RFC 3261 §25.1 unreserved: the characters that an escape of means no more than themselves.
static bool is_unreserved(char c)
{
	const char low = char_lower(c);

	return (low >= 'a' && low <= 'z') || char_is_digit(c) ||
	       (c != '\0' && strchr("-_.!~*'()", c) != NULL);
}

static void write_char(struct writer *out, char c)
{
	writer_str(out, (struct str){&c, 1});
}

// Escapes of unreserved characters undone, the others with capital digits.
static void write_user(struct writer *out, struct str user)
{
	static const char digits[] = "0123456789ABCDEF";

	if (str_find(user, '%') == user.len) {
		writer_str(out, user);
		return;
	}
	for (size_t i = 0; i < user.len; i++) {
		int high, low;
		char c;

		if (user.p[i] != '%' || i + 2 >= user.len ||
		        (high = hex_digit(user.p[i + 1])) < 0 ||
		        (low = hex_digit(user.p[i + 2])) < 0) {
			write_char(out, user.p[i]);
			continue;
		}
		c = (char)(high << 4 | low);
		i += 2;
		if (is_unreserved(c)) {
			write_char(out, c);
		} else {
			write_char(out, '%');
			write_char(out, digits[high]);
			write_char(out, digits[low]);
		}
	}
}

// What looks like a telephone number: "al.ice;user=phone" is another user than alice.
static bool is_number(struct str user)
{
	bool digit = false;

	user = str_head(user, str_find(user, ';'));
	for (size_t i = 0; i < user.len; i++) {
		digit = digit || char_is_digit(user.p[i]);
		if (!char_is_digit(user.p[i]) && memchr("+*#-.()", user.p[i], 7) == NULL)
			return false;
	}
	return digit;
}

// A number without visual separators and parameters.
static void write_number(struct writer *out, struct str number)
{
	number = str_head(number, str_find(number, ';'));
	for (size_t i = 0; i < number.len; i++) {
		if (memchr("-.()", number.p[i], 4) == NULL)
			write_char(out, char_lower(number.p[i]));
	}
}

static void write_lower(struct writer *out, struct str s)
{
	char *at = out->at;

	writer_str(out, s);
	for (; at < out->at; at++)
		*at = char_lower(*at);
}

static void write_host(struct writer *out, const struct uri *u)
{
	const uint16_t usual =
	        transport_port(u->scheme == URI_SIPS ? TRANSPORT_TLS : TRANSPORT_UDP);
	struct addr addr = u->addr;
	struct str host = u->host;
	char text[ADDR_TEXT_MAX];

	if (host.len > 1 && host.p[host.len - 1] == '.')
		host.len--;
	if (addr.family != ADDR_NONE) {
		addr.port = 0;
		host = (struct str){text, addr_format(&addr, text)};
	}
	write_lower(out, host);
	if (u->port != 0 && u->port != usual) {
		write_char(out, ':');
		writer_decimal(out, u->port);
	}
}

struct str aor_write(const struct uri *u, char *out)
{
	struct writer w = {out, out + AOR_MAX, false};
	struct str kind;

	if (u->scheme == URI_OTHER || u->user.len == 0)
		return STR_NONE;
	if (u->scheme == URI_TEL) {
		write_number(&w, u->user);
	} else {
		if (uri_param(u, STR("user"), &kind) && str_eq_nocase(kind, STR("phone")) &&
		        is_number(u->user))
			write_number(&w, u->user);
		else
			write_user(&w, u->user);
		write_char(&w, '@');
		write_host(&w, u);
	}
	return w.full ? STR_NONE : str_from(out, w.at);
}

struct str aor_parse(struct str text, char *out)
{
	static const struct str schemes[] = {{"", 0}, {"sip:", 4}, {"tel:", 4}};
	char whole[AOR_MAX + 4];
	struct uri u;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct writer w = {whole, whole + sizeof(whole), false};

		writer_str(&w, schemes[i]);
		writer_str(&w, text);
		// (The user of "sip:example.com" is none.)
		if (!w.full && uri_parse(str_from(whole, w.at), &u) && u.scheme != URI_OTHER &&
		        u.user.len > 0)
			return aor_write(&u, out);
	}
	return STR_NONE;
}
