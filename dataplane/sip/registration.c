// Takes the Contacts of a REGISTER apart.
#include "dataplane/sip/registration.h"

#include "dataplane/sip/charset.h"

enum { EXPIRES_FALLBACK = 3600, DIGITS_MAX = 10 };

static uint32_t seconds(struct str text)
{
	uint64_t n;

	text = str_trim(text);
	if (text.len == 0 || charset_span(text, CHARSET_HEX) != text.len)
		return EXPIRES_FALLBACK;
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.p[i]))
			return EXPIRES_FALLBACK;
	while (text.len > 1 && text.p[0] == '0')
		text = str_skip(text, 1);
	if (text.len > DIGITS_MAX || !str_decimal(text, REGISTRATION_UNSAID - 1, &n))
		return REGISTRATION_UNSAID - 1;
	return (uint32_t)n;
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
static bool quality(struct str text, uint16_t *out)
{
	unsigned value, scale = 100;

	if (text.len == 0 || text.len > 5 || (text.p[0] != '0' && text.p[0] != '1'))
		return false;
	if (text.len > 1 && text.p[1] != '.')
		return false;
	value = text.p[0] == '1' ? REGISTRATION_Q_MAX : 0;
	for (size_t i = 2; i < text.len; i++, scale /= 10) {
		if (!char_is_digit(text.p[i]))
			return false;
		value += (unsigned)(text.p[i] - '0') * scale;
	}
	*out = (uint16_t)value;
	return value <= REGISTRATION_Q_MAX;
}

static struct str unquoted(struct str text)
{
	if (text.len >= 2 && text.p[0] == '"' && text.p[text.len - 1] == '"')
		return (struct str){text.p + 1, text.len - 2};
	return text;
}

// "<urn:...>" in quotes, of what may be given back inside quotes; else it is none.
static struct str instance(struct str value)
{
	const struct str text = unquoted(value);

	if (text.p == value.p || text.len < 3 || text.p[0] != '<' || text.p[text.len - 1] != '>' ||
	        charset_span((struct str){text.p + 1, text.len - 2}, CHARSET_URI) != text.len - 2)
		return STR_NONE;
	return text;
}

// "INVITE, BYE": unknown ones are left out.
static uint32_t method_bits(struct str list)
{
	uint32_t bits = 0;

	while (list.len > 0) {
		const size_t n = str_find(list, ',');
		const enum method m = method_parse(str_trim(str_head(list, n)));

		if (m != METHOD_OTHER)
			bits |= UINT32_C(1) << m;
		list = str_skip(list, n + 1);
	}
	return bits;
}

static bool contact_param(struct registration_contact *c, const struct param *p)
{
	uint64_t n;

	if (str_eq_nocase(p->name, STR("expires"))) {
		c->expires = seconds(p->value);
	} else if (str_eq_nocase(p->name, STR("q"))) {
		return quality(p->value, &c->q);
	} else if (str_eq_nocase(p->name, STR("+sip.instance"))) {
		c->instance = instance(p->value);
	} else if (str_eq_nocase(p->name, STR("reg-id"))) {
		if (!str_decimal(p->value, INT32_MAX, &n) || n == 0)
			return false;
		c->reg_id = (uint32_t)n;
	} else if (str_eq_nocase(p->name, STR("methods"))) {
		c->methods = method_bits(unquoted(p->value));
	}
	return true;
}

bool registration_contact(struct str value, struct registration_contact *out)
{
	struct params_iter it;
	struct param p;

	memset(out, 0, sizeof(*out));
	out->expires = REGISTRATION_UNSAID;
	out->q = REGISTRATION_Q_MAX;
	if (!nameaddr_parse(value, &out->name))
		return false;
	if (out->name.star)
		return true;
	if (!uri_parse(out->name.uri, &out->uri))
		return false;
	it = params_start(out->name.params, PARAMS_HEADER);
	while (params_next(&it, &p)) {
		if (!contact_param(out, &p))
			return false;
	}
	return !it.bad;
}

// Ours to say: what was granted, and names we give.
static bool is_own_param(struct str name)
{
	static const struct str own[] = {{"expires", 7}, {"q", 1}, {"+sip.instance", 13},
	        {"reg-id", 6}, {"pub-gruu", 8}, {"temp-gruu", 9}};

	for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq_nocase(name, own[i]))
			return true;
	return false;
}

void registration_params(const struct registration_contact *c, struct writer *out)
{
	struct params_iter it = params_start(c->name.params, PARAMS_HEADER);
	struct param p;

	while (params_next(&it, &p)) {
		// A quoted string may be folded; what is stored is not.
		if (is_own_param(p.name) || str_find(p.value, '\n') < p.value.len)
			continue;
		writer_str(out, STR(";"));
		writer_str(out, p.name);
		if (p.value.p == NULL)
			continue;
		writer_str(out, STR("="));
		writer_str(out, p.value);
	}
}

uint32_t registration_expires(const struct message *m)
{
	if (message_first(m, HEADER_EXPIRES) == NULL)
		return REGISTRATION_UNSAID;
	return seconds(message_value(m, HEADER_EXPIRES));
}

bool registration_has_tag(const struct message *m, enum header_id id, struct str tag)
{
	struct value_iter it;

	value_iter_start(&it, m, id);
	while (value_iter_next(&it)) {
		if (str_eq_nocase(it.value, tag))
			return true;
	}
	return false;
}

bool registration_begins_as(const struct nameaddr *to, struct str from)
{
	size_t n;

	if (!to->bracketed)
		return false;
	n = (size_t)(str_end(to->uri) + 1 - to->all.p);
	return from.len >= n && memcmp(from.p, to->all.p, n) == 0;
}
