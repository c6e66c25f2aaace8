// Comparing what came with what was sent.
#include "dataplane/generator/verify.h"

enum field {
	FIELD_VIA,
	FIELD_MAX_FORWARDS,
	FIELD_RECORD_ROUTE,
	FIELD_ROUTE,
	FIELD_CONTACT,
	FIELD_FROM,
	FIELD_TO,
	FIELD_CALL_ID,
	FIELD_CSEQ,
	FIELD_LENGTH,
	FIELD_MAX_BREADTH, // RFC 5393: a proxy may put it there
	FIELD_OTHER,
	FIELDS,
};

static const struct {
	const char *name, *compact;
	enum bench_fault fault;
} fields[FIELD_OTHER] = {
        [FIELD_VIA] = {"Via", "v", BENCH_BAD_VIA_COUNT},
        [FIELD_MAX_FORWARDS] = {"Max-Forwards", "", BENCH_BAD_MAX_FORWARDS},
        [FIELD_RECORD_ROUTE] = {"Record-Route", "", BENCH_BAD_RECORD_ROUTE},
        [FIELD_ROUTE] = {"Route", "", BENCH_BAD_ROUTE},
        [FIELD_CONTACT] = {"Contact", "m", BENCH_BAD_CONTACT},
        [FIELD_FROM] = {"From", "f", BENCH_BAD_FROM},
        [FIELD_TO] = {"To", "t", BENCH_BAD_TO},
        [FIELD_CALL_ID] = {"Call-ID", "i", BENCH_BAD_CALL_ID},
        [FIELD_CSEQ] = {"CSeq", "", BENCH_BAD_CSEQ},
        [FIELD_LENGTH] = {"Content-Length", "l", BENCH_BAD_LENGTH},
        [FIELD_MAX_BREADTH] = {"Max-Breadth", "", BENCH_FAULTS},
};

enum { VERIFY_LINES = 64 };

struct line {
	struct str all;   // without CRLF
	struct str value; // behind name, colon and blanks
	enum field field;
};

struct letter {
	struct str start; // line
	unsigned n;
	unsigned count[FIELDS];
	struct line line[VERIFY_LINES];
	struct str body;
};

static enum field field_of(struct str name)
{
	for (unsigned i = 0; i < FIELD_OTHER; i++)
		if (str_eq_nocase(name, str_of(fields[i].name)) ||
		        (fields[i].compact[0] != '\0' &&
		                str_eq_nocase(name, str_of(fields[i].compact))))
			return (enum field)i;
	return FIELD_OTHER;
}

// One line off the front, its CRLF gone. False when it has none.
static bool take_line(struct str *rest, struct str *line)
{
	const size_t len = str_find(*rest, '\n');

	if (len == rest->len || len == 0 || rest->p[len - 1] != '\r')
		return false;
	*line = str_head(*rest, len - 1);
	*rest = str_skip(*rest, len + 1);
	return true;
}

// False when it is no SIP message, as far as lines go.
static bool read_letter(struct str bytes, struct letter *out)
{
	struct str rest = bytes, line;

	out->n = 0;
	memset(out->count, 0, sizeof(out->count));
	if (!take_line(&rest, &out->start))
		return false;
	for (;;) {
		if (!take_line(&rest, &line))
			return false;
		if (line.len == 0)
			break;
		const size_t colon = str_find(line, ':');
		struct line *l = &out->line[out->n];

		if (colon == 0 || colon == line.len || out->n++ == VERIFY_LINES)
			return false;
		l->all = line;
		l->value = str_trim(str_skip(line, colon + 1));
		l->field = field_of(str_trim(str_head(line, colon)));
		out->count[l->field]++;
	}
	out->body = rest;
	return true;
}

static const struct line *find(const struct letter *m, enum field f, unsigned nth)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->line[i].field == f && nth-- == 0)
			return &m->line[i];
	return NULL;
}

static struct str value_of(const struct letter *m, enum field f)
{
	const struct line *l = find(m, f, 0);

	return l != NULL ? l->value : STR_NONE;
}

static bool has(struct str text, struct str what)
{
	return what.len > 0 && memmem(text.p, text.len, what.p, what.len) != NULL;
}

// Is host[:port] in the text the address, and nothing longer?
static bool has_addr(struct str text, const struct addr *a)
{
	char word[ADDR_TEXT_MAX];
	struct addr host = *a;
	const char *hit;

	if (a->port == 5060)
		host.port = 0;
	const struct str w = {word, addr_format(&host, word)};
	for (struct str rest = text; rest.len >= w.len; rest = str_from(hit + 1, str_end(text))) {
		hit = memmem(rest.p, rest.len, w.p, w.len);
		if (hit == NULL)
			return false;
		const struct str behind = str_from(hit + w.len, str_end(text));
		const bool begins = hit == text.p || strchr("@: <", hit[-1]) != NULL;

		if (begins && a->port == 5060 && behind.len >= 5 &&
		        memcmp(behind.p, ":5060", 5) == 0)
			return true;
		if (begins && (behind.len == 0 || strchr(";>, \r", behind.p[0]) != NULL))
			return true;
	}
	return false;
}

// received or rport, as our Via came back with them.
static bool via_source(struct str param, const struct addr *from)
{
	char ip[ADDR_TEXT_MAX];
	struct addr got;
	uint64_t port;

	if (param.len > 6 && memcmp(param.p, "rport=", 6) == 0)
		return str_decimal(str_skip(param, 6), UINT16_MAX, &port) && port == from->port;
	if (param.len > 9 && memcmp(param.p, "received=", 9) == 0) {
		const struct str text = str_skip(param, 9);

		addr_format_ip(from, ip);
		return str_eq(text, str_of(ip)) ||
		       (addr_parse(text, &got) && addr_eq_ip(&got, from));
	}
	return false;
}

// Our Via, as it was sent but for the two parameters that say where it came from.
static enum bench_fault verify_own_via(const struct verify *v, struct str got, struct str sent)
{
	bool rport = false, received = false;

	while (got.len > 0 || sent.len > 0) {
		const struct str g = str_head(got, str_find(got, ';'));
		const struct str s = str_head(sent, str_find(sent, ';'));

		if (g.len > 5 && (memcmp(g.p, "rport=", 6) == 0 || memcmp(g.p, "recei", 5) == 0)) {
			if (!via_source(g, &v->from))
				return BENCH_BAD_RECEIVED;
			rport |= g.p[1] == 'p';
			received |= g.p[1] == 'e';
			got = str_skip(got, g.len + 1);
			if (str_eq(s, STR("rport")) && g.p[1] == 'p')
				sent = str_skip(sent, s.len + 1);
			continue;
		}
		if (!str_eq(g, s))
			return BENCH_BAD_VIA_OURS;
		got = str_skip(got, g.len + 1);
		sent = str_skip(sent, s.len + 1);
	}
	if (v->order->expect.received && !rport)
		return BENCH_BAD_RECEIVED;
	// a source that is not in sent-by has to be said
	if (v->order->expect.received && !received &&
	        !addr_eq_ip(&v->from, &v->order->side[BENCH_CALLER].local))
		return BENCH_BAD_RECEIVED;
	return BENCH_FAULTS;
}

static enum bench_fault verify_vias(
        const struct verify *v, const struct letter *got, const struct letter *sent, unsigned added)
{
	if (got->count[FIELD_VIA] != added + 1)
		return BENCH_BAD_VIA_COUNT;
	if (added > 0) {
		const struct str top = find(got, FIELD_VIA, 0)->value;

		if (!has(top, STR(";branch=z9hG4bK")) ||
		        !has_addr(
		                str_head(top, str_find(top, ';')), &v->order->side[v->side].proxy))
			return BENCH_BAD_VIA_TOP;
	}
	return verify_own_via(v, find(got, FIELD_VIA, added)->value, value_of(sent, FIELD_VIA));
}

static enum bench_fault verify_routes(const struct verify *v, const struct letter *got)
{
	const uint8_t want = v->order->expect.record_routes;
	unsigned n = 0;

	for (unsigned i = 0; i < got->count[FIELD_RECORD_ROUTE]; i++) {
		const struct str value = find(got, FIELD_RECORD_ROUTE, i)->value;

		if (!has(value, STR("<sip:")) ||
		        (!has_addr(value, &v->order->side[BENCH_CALLER].proxy) &&
		                !has_addr(value, &v->order->side[BENCH_CALLEE].proxy)))
			return BENCH_BAD_RECORD_ROUTE;
		for (size_t k = 0; k < value.len; k++)
			n += value.p[k] == '<';
	}
	return v->in_dialog || want == UINT8_MAX || n == want ? BENCH_FAULTS
	                                                      : BENCH_BAD_RECORD_ROUTE;
}

static enum bench_fault verify_start(
        const struct verify *v, const struct letter *got, const struct letter *sent)
{
	const size_t method = str_find(sent->start, ' ');
	struct str g = str_skip(got->start, method + 1), s = str_skip(sent->start, method + 1);
	const size_t end = str_find(g, ' ');

	if (!str_eq(str_head(got->start, method + 1), str_head(sent->start, method + 1)) ||
	        !str_eq(str_skip(g, end), STR(" SIP/2.0")))
		return BENCH_BAD_METHOD;
	g = str_head(g, end);
	s = str_head(s, str_find(s, ' '));
	if (v->order->expect.uri == BENCH_URI_ANY)
		return BENCH_FAULTS;
	if (v->order->expect.uri == BENCH_URI_BINDING && !v->in_dialog) {
		const size_t at = str_find(s, '@') + 1; // the user stays

		return str_eq(str_head(g, at), str_head(s, at)) && has_addr(g, &v->uri)
		               ? BENCH_FAULTS
		               : BENCH_BAD_REQUEST_URI;
	}
	return str_eq(g, s) ? BENCH_FAULTS : BENCH_BAD_REQUEST_URI;
}

static bool contact_ok(const struct verify *v, struct str got, struct str sent)
{
	switch (v->order->expect.contact) {
	case BENCH_CONTACT_SENT:
		return str_eq(got, sent);
	case BENCH_CONTACT_PROXY:
		return has_addr(got, &v->order->side[v->side].proxy);
	default:
		return got.len > 0;
	}
}

// Of an answer by the callee.
static bool callee_contact_ok(const struct verify *v, struct str got)
{
	const struct bench_side *callee = &v->order->side[BENCH_CALLEE];

	switch (v->order->expect.contact) {
	case BENCH_CONTACT_SENT:
		return has_addr(got, &callee->local);
	case BENCH_CONTACT_PROXY:
		return has_addr(got, &v->order->side[v->side].proxy);
	default:
		return got.len > 0;
	}
}

static bool number_is(struct str text, uint64_t n)
{
	uint64_t value;

	return str_decimal(text, UINT32_MAX, &value) && value == n;
}

static enum bench_fault verify_hops(
        const struct verify *v, const struct letter *got, const struct letter *sent)
{
	uint64_t n;

	if (got->count[FIELD_MAX_FORWARDS] != 1 ||
	        !str_decimal(value_of(sent, FIELD_MAX_FORWARDS), UINT16_MAX, &n) ||
	        !number_is(value_of(got, FIELD_MAX_FORWARDS), n - v->order->expect.hops))
		return BENCH_BAD_MAX_FORWARDS;
	return BENCH_FAULTS;
}

// From, To, Call-ID and CSeq; `to_tag` = a tag may have been put to To.
static enum bench_fault verify_dialog(
        const struct letter *got, const struct letter *sent, bool to_tag)
{
	static const enum field same[] = {FIELD_FROM, FIELD_TO, FIELD_CALL_ID, FIELD_CSEQ};

	for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct str g = value_of(got, same[i]);
		const struct str s = value_of(sent, same[i]);

		if (to_tag && same[i] == FIELD_TO && !has(s, STR(";tag=")) && g.len > s.len &&
		        memcmp(g.p + s.len, ";tag=", 5) == 0)
			g = str_head(g, s.len);
		if (got->count[same[i]] != 1 || !str_eq(g, s))
			return fields[same[i]].fault;
	}
	return BENCH_FAULTS;
}

// Fields a proxy has no business with: the same ones in the same order.
static enum bench_fault verify_others(const struct letter *got, const struct letter *sent)
{
	unsigned g = 0, s = 0;

	for (;; g++, s++) {
		while (g < got->n && got->line[g].field != FIELD_OTHER)
			g++;
		while (s < sent->n && sent->line[s].field != FIELD_OTHER)
			s++;
		if (g == got->n || s == sent->n)
			break;
		if (!str_eq(got->line[g].all, sent->line[s].all))
			return BENCH_BAD_HEADER;
	}
	return g == got->n && s == sent->n ? BENCH_FAULTS : BENCH_BAD_HEADER;
}

static enum bench_fault verify_body(const struct letter *got, struct str body)
{
	if (got->count[FIELD_LENGTH] != 1 || !number_is(value_of(got, FIELD_LENGTH), got->body.len))
		return BENCH_BAD_LENGTH;
	return str_eq(got->body, body) ? BENCH_FAULTS : BENCH_BAD_BODY;
}

static enum bench_fault verify_contact(
        const struct verify *v, const struct letter *got, const struct letter *sent)
{
	if (got->count[FIELD_CONTACT] != sent->count[FIELD_CONTACT])
		return BENCH_BAD_CONTACT;
	if (sent->count[FIELD_CONTACT] == 0 ||
	        contact_ok(v, value_of(got, FIELD_CONTACT), value_of(sent, FIELD_CONTACT)))
		return BENCH_FAULTS;
	return BENCH_BAD_CONTACT;
}

enum bench_fault verify_request(const struct verify *v, struct str got)
{
	struct letter g, s;
	enum bench_fault f;

	if (!read_letter(got, &g) || !read_letter(v->sent, &s))
		return BENCH_BAD_NOT_SIP;
	if ((f = verify_start(v, &g, &s)) != BENCH_FAULTS ||
	        (f = verify_vias(v, &g, &s, v->order->expect.vias)) != BENCH_FAULTS ||
	        (f = verify_hops(v, &g, &s)) != BENCH_FAULTS ||
	        (f = verify_routes(v, &g)) != BENCH_FAULTS)
		return f;
	if (g.count[FIELD_ROUTE] > 0)
		return BENCH_BAD_ROUTE;
	if ((f = verify_contact(v, &g, &s)) != BENCH_FAULTS ||
	        (f = verify_dialog(&g, &s, false)) != BENCH_FAULTS ||
	        (f = verify_body(&g, s.body)) != BENCH_FAULTS)
		return f;
	return verify_others(&g, &s);
}

enum bench_fault verify_response(const struct verify *v, struct str got)
{
	struct letter g, s;
	enum bench_fault f;

	if (!read_letter(got, &g) || !read_letter(v->sent, &s) || g.start.len < 12 ||
	        memcmp(g.start.p, "SIP/2.0 ", 8) != 0)
		return BENCH_BAD_NOT_SIP;
	if ((f = verify_vias(v, &g, &s, 0)) != BENCH_FAULTS ||
	        (f = verify_dialog(&g, &s, true)) != BENCH_FAULTS ||
	        (f = verify_body(&g, STR_NONE)) != BENCH_FAULTS)
		return f;
	if (v->callee_contact && !callee_contact_ok(v, value_of(&g, FIELD_CONTACT)))
		return BENCH_BAD_CONTACT;
	return BENCH_FAULTS;
}
