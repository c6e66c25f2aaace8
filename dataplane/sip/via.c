// Via: protocol, sent-by and the parameters a proxy acts on, in one pass.
#include "dataplane/sip/via.h"
#include "dataplane/sip/charset.h"

// Takes the token at the front of *s and the white space on both its sides.
static struct str take_token(struct str *s)
{
	struct str token;

	*s = charset_skip_space(*s);
	token = str_head(*s, charset_span(*s, CHARSET_TOKEN));
	*s = charset_skip_space(str_skip(*s, token.len));
	return token;
}

static bool take_char(struct str *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

// "SIP/2.0/UDP" and the white space after it, which must be there.
static bool take_protocol(struct str *s, struct via *out)
{
	struct str usual = STR("SIP/2.0/UDP ");

	// Almost every Via starts so: one comparison in place of three tokens.
	if (s->len > usual.len && memcmp(s->p, usual.p, usual.len) == 0) {
		out->transport_name = (struct str){s->p + 8, 3};
		out->transport = TRANSPORT_UDP;
		*s = charset_skip_space(str_skip(*s, usual.len));
		return true;
	}
	if (!str_eq_nocase(take_token(s), STR("SIP")) || !take_char(s, '/') ||
	        !str_eq(take_token(s), STR("2.0")) || !take_char(s, '/'))
		return false;
	out->transport_name = take_token(s);
	out->transport = transport_parse(out->transport_name);
	return out->transport_name.len > 0 && s->p > str_end(out->transport_name);
}

// A last label of digits alone: no name (RFC 3261 §25.1: toplabel), and no address. ("1" is taken.)
static bool is_broken_address(struct str host)
{
	size_t n = host.len;

	while (n > 0 && char_is_digit(host.p[n - 1]))
		n--;
	return n < host.len && n > 0 && host.p[n - 1] == '.';
}

static bool take_sent_by(struct str *s, struct via *out)
{
	struct str port, rest;

	out->host = str_head(*s, charset_span_host(*s));
	if (!charset_host(out->host, &out->addr))
		return false;
	if (out->addr.family == ADDR_NONE && is_broken_address(out->host))
		return false;
	out->sent_by = out->host;
	*s = str_skip(*s, out->host.len);
	rest = charset_skip_space(*s);
	if (!take_char(&rest, ':'))
		return true;
	rest = charset_skip_space(rest);
	port = str_head(rest, charset_span(rest, CHARSET_TOKEN));
	if (!charset_port(port, &out->port))
		return false;
	out->addr.port = out->addr.family != ADDR_NONE ? out->port : 0;
	out->sent_by = str_from(out->host.p, str_end(port));
	*s = str_skip(rest, port.len);
	return true;
}

// The host of maddr and received: brackets around IPv6 or none (RFC 5118 §4.5).
static bool bare_host(struct str s, struct addr *out)
{
	return charset_host(s, out) || addr_parse_ip(s, out);
}

static bool read_received(struct via *out, const struct param *p)
{
	if (out->received.name.len > 0)
		return false;
	out->received = *p;
	if (!bare_host(p->value, &out->received_addr))
		memset(&out->received_addr, 0, sizeof(out->received_addr));
	return true;
}

static bool read_rport(struct via *out, const struct param *p)
{
	if (out->rport.name.len > 0)
		return false;
	out->rport = *p;
	return p->value.p == NULL || charset_port(p->value, &out->rport_value);
}

static bool read_param(struct via *out, const struct param *p)
{
	const uint64_t name = vec_word(p->name);
	struct addr ignored;
	uint64_t ttl;

	if (name == VEC_WORD("branch")) {
		if (out->branch.p != NULL || p->value.len == 0 || p->value.p[0] == '"')
			return false;
		out->branch = p->value;
		return true;
	}
	if (name == VEC_WORD("rport"))
		return read_rport(out, p);
	if (name == VEC_WORD("received"))
		return read_received(out, p);
	if (name == VEC_WORD("maddr")) {
		if (out->maddr.p != NULL || !bare_host(p->value, &ignored))
			return false;
		out->maddr = p->value;
		return true;
	}
	if (name == VEC_WORD("ttl"))
		return str_decimal(p->value, UINT8_MAX, &ttl);
	if (name == VEC_WORD("oc"))
		out->oc = true;
	return true;
}

bool via_parse(struct str value, struct via *out)
{
	struct str s = value.len > 0 ? str_trim(value) : value;
	struct params_iter it;
	struct param p;

	memset(out, 0, sizeof(*out));
	out->all = s;
	if (s.len == 0)
		return false;
	if (!take_protocol(&s, out) || !take_sent_by(&s, out))
		return false;
	out->params = charset_skip_space(s);
	it = params_start(out->params, PARAMS_HEADER);
	while (params_next(&it, &p)) {
		if (!read_param(out, &p))
			return false;
	}
	out->n_params = it.n;
	return !it.bad;
}
