// The start line and the header index of a message, made from the lines the scanner found. Nothing
// is copied or decoded. A fault does not stop the indexing where going on is safe, because the
// reply to a bad request is built from its Via, From, To, Call-ID and CSeq.
#include "dataplane/sip/message.h"

#include "dataplane/sip/charset.h"
#include "dataplane/sip/scan.h"

struct parse {
	struct message *m;
	enum message_fault fault; // the first one found
	size_t fault_at;
	size_t duplicate_at; // first duplicate of a SINGLE header, 0 = none
	bool fold_target;    // the last line belongs to the last field of the index
};

static const struct {
	uint16_t status;
	struct str text;
} fault_rows[MESSAGE_FAULT_COUNT] = {
#define X(id, status, text) [MESSAGE_##id] = {status, {text, sizeof(text) - 1}},
        message_fault_rows(X)
#undef X
};

uint16_t message_fault_status(enum message_fault f)
{
	return fault_rows[f].status;
}

struct str message_fault_text(enum message_fault f)
{
	return fault_rows[f].text;
}

static void fault(struct parse *p, enum message_fault f, size_t at)
{
	if (p->fault != MESSAGE_NONE)
		return;
	p->fault = f;
	p->fault_at = at;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_token(struct str s)
{
	return s.len > 0 && charset_span(s, CHARSET_TOKEN) == s.len;
}

static bool starts_with_sip(struct str s)
{
	return s.len >= 4 && s.p[3] == '/' && vec_word(str_head(s, 3)) == VEC_WORD("sip");
}

static struct str digits_of(struct str s)
{
	size_t n = 0;

	while (n < s.len && char_is_digit(s.p[n]))
		n++;
	return str_head(s, n);
}

// `v` starts with "SIP/" in some case.
static enum message_fault version_fault(struct str v)
{
	struct str major, minor;

	if (str_eq_nocase(v, STR("SIP/2.0")))
		return MESSAGE_NONE;
	v = str_skip(v, 4);
	major = digits_of(v);
	v = str_skip(v, major.len);
	if (major.len == 0 || v.len == 0 || v.p[0] != '.')
		return MESSAGE_START_LINE;
	minor = digits_of(str_skip(v, 1));
	return minor.len > 0 && minor.len == v.len - 1 ? MESSAGE_VERSION : MESSAGE_START_LINE;
}

static void take_version(struct parse *p, struct str version)
{
	enum message_fault f;

	p->m->version = version;
	if (str_eq(version, STR("SIP/2.0")))
		return;
	f = version_fault(version);
	p->m->version_odd_case = f == MESSAGE_NONE;
	if (f != MESSAGE_NONE)
		fault(p, f, (size_t)(version.p - p->m->bytes.p));
}

// Status-Line = SIP-Version SP Status-Code SP Reason-Phrase. A line that ends after the code is
// tolerated.
static void take_status_line(struct parse *p, struct str line)
{
	struct message *m = p->m;
	size_t space = str_find(line, ' ');
	struct str rest = str_skip(line, space + 1);
	struct str code = str_head(rest, 3);
	uint64_t status;

	take_version(p, str_head(line, space));
	if (code.len < 3 || !str_decimal(code, 699, &status) || status < 100) {
		fault(p, MESSAGE_START_LINE, line.len - rest.len);
		return;
	}
	m->status = (uint16_t)status;
	rest = str_skip(rest, 3);
	if ((rest.len > 0 && rest.p[0] != ' ') || str_find(rest, '\0') < rest.len)
		fault(p, MESSAGE_START_LINE, space + 4);
	m->reason = str_skip(rest, 1);
}

// Length of the line up to its last word.
static size_t last_word(struct str line)
{
	size_t at = line.len;

	if (at > 8 && memcmp(str_end(line) - 8, " SIP/2.0", 8) == 0)
		return at - 7;
	while (at > 0 && !is_blank(line.p[at - 1]))
		at--;
	return at;
}

// A line without SIP version: noise (HTTP ...), or meant as SIP, as its URI says. That is answered.
static bool is_meant_as_sip(struct str line)
{
	struct str uri = str_skip(line, str_find(line, ' ') + 1);

	return str_eq_nocase(str_head(uri, 4), STR("sip:")) ||
	       str_eq_nocase(str_head(uri, 5), STR("sips:")) ||
	       str_eq_nocase(str_head(uri, 4), STR("tel:"));
}

// Request-Line = Method SP Request-URI SP SIP-Version. The version is looked for from the end, so
// that a line with other faults is still known as SIP.
static void take_request_line(struct parse *p, struct str line)
{
	struct message *m = p->m;
	struct str text = str_trim(line), version;
	size_t word = last_word(text), space;

	version = str_skip(text, word);
	if ((word == 0 || !starts_with_sip(version)) && !is_meant_as_sip(text)) {
		fault(p, MESSAGE_NOT_SIP, 0);
		return;
	}
	m->is_request = true;
	space = str_find(text, ' ');
	m->method_name = str_head(text, space);
	m->method = method_parse(m->method_name);
	if (!starts_with_sip(version)) {
		fault(p, MESSAGE_START_LINE, word);
		return;
	}
	if (space + 1 < word)
		m->request_uri = str_from(text.p + space + 1, version.p - 1);
	// str_trim above took away what must not be there.
	if (text.len != line.len || text.p[word - 1] != ' ' || space + 1 >= word ||
	        (m->method == METHOD_OTHER && !is_token(m->method_name)) ||
	        !charset_is_visible(m->request_uri))
		fault(p, MESSAGE_START_LINE, 0);
	take_version(p, version);
}

static void take_start_line(struct parse *p, struct str line)
{
	if (starts_with_sip(line))
		take_status_line(p, line);
	else
		take_request_line(p, line);
}

// The value of the last field goes on in the line between these offsets (RFC 3261 §7.3.1).
static void take_fold(struct parse *p, uint16_t start, uint16_t end)
{
	struct message *m = p->m;
	struct str text = str_trim(str_from(m->bytes.p + start, m->bytes.p + end));
	size_t at = (size_t)(text.p - m->bytes.p);
	struct header *h;

	if (!p->fold_target)
		return;
	h = &m->header[m->n_headers - 1];
	h->end = (uint16_t)(end + 2);
	if (text.len == 0)
		return;
	if (h->value_len == 0)
		h->value = (uint16_t)at;
	h->value_len = (uint16_t)(at + text.len - h->value);
}

// Another field of a kind that was there before.
static void chain_field(struct parse *p, enum header_id id, uint16_t before, uint16_t i)
{
	p->m->header[before].next = i;
	if (p->duplicate_at == 0 && (header_flags(id) & HEADER_SINGLE) != 0)
		p->duplicate_at = p->m->header[i].start;
}

// Puts a field behind the others.
static inline void add_field(struct parse *p, struct header field, uint16_t last[HEADER_COUNT])
{
	struct message *m = p->m;
	const uint16_t i = m->n_headers;

	m->header[i] = field;
	if (m->first[field.id] == HEADER_NONE)
		m->first[field.id] = i;
	else
		chain_field(p, field.id, last[field.id], i);
	last[field.id] = i;
	m->n_headers = (uint16_t)(i + 1);
	p->fold_target = true;
}

// Almost every field, in the line text[start..end): its name is as in its row, white space is one
// SP after the colon at most. False says nothing.
static inline bool usual_field(struct str text, uint32_t start, uint32_t end, struct header *out)
{
	const char *at = text.p + start;
	uint32_t colon, value;

	if (text.len - start < VEC_BYTES && !vec_readable(at, VEC_BYTES))
		return false;
	colon = vec_eq(vec_read(at), ':');
	if (colon == 0)
		return false;
	colon = (uint32_t)__builtin_ctz(colon);
	value = start + colon + 1;
	// The CR at the line's end stops it: what is found lies before.
	if (value >= end)
		return false;
	value += text.p[value] == ' ';
	if ((uint8_t)text.p[value] <= ' ' || (uint8_t)text.p[end - 1] <= ' ')
		return false;
	*out = (struct header){.start = (uint16_t)start,
	        .name_len = (uint16_t)colon,
	        .value = (uint16_t)value,
	        .value_len = (uint16_t)(end - value),
	        .end = (uint16_t)(end + 2),
	        .next = HEADER_NONE,
	        .id = (uint16_t)header_lookup_exact(at, colon)};
	return out->id != HEADER_OTHER;
}

// Offset of the colon after the field's name, `end` when the line has none.
static uint16_t find_colon(const struct message *m, uint16_t start, uint16_t end)
{
	const struct str line = {m->bytes.p + start, (size_t)(end - start)};

	return (uint16_t)(start + vec_find(line, ':'));
}

// The line between these offsets, with a field name. False when the index is full.
static __attribute__((noinline)) bool take_field(
        struct parse *p, uint16_t start, uint16_t end, uint16_t last[HEADER_COUNT])
{
	struct message *m = p->m;
	const uint16_t colon = find_colon(m, start, end);
	const char *at = m->bytes.p, *from, *to;
	struct str name = str_from(at + start, at + colon);
	enum header_id id;

	p->fold_target = false;
	while (name.len > 0 && is_blank(name.p[name.len - 1]))
		name.len--;
	id = header_lookup(name);
	// A name that is in a row is a token.
	if (colon == end || (id == HEADER_OTHER && !is_token(name))) {
		fault(p, MESSAGE_HEADER, start);
		return true;
	}
	if (m->n_headers == MESSAGE_HEADERS_MAX) {
		fault(p, MESSAGE_TOO_MANY_HEADERS, start);
		return false;
	}
	from = at + colon + 1;
	to = at + end;
	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	add_field(p,
	        (struct header){.start = start,
	                .name_len = (uint16_t)name.len,
	                .value = (uint16_t)(from - at),
	                .value_len = (uint16_t)(to - from),
	                .end = (uint16_t)(end + 2),
	                .next = HEADER_NONE,
	                .id = (uint16_t)id},
	        last);
	return true;
}

// The lines after the start line, which ends at ends[0].
static void take_fields(struct parse *p, const uint16_t *ends, unsigned n)
{
	const struct str text = p->m->bytes;
	uint16_t last[HEADER_COUNT];
	struct header field;

	for (unsigned i = 1; i < n; i++) {
		const uint16_t start = (uint16_t)(ends[i - 1] + 2);

		if (usual_field(text, start, ends[i], &field) &&
		        p->m->n_headers < MESSAGE_HEADERS_MAX) {
			add_field(p, field, last);
			continue;
		}
		if (!is_blank(p->m->bytes.p[start])) {
			if (!take_field(p, start, ends[i], last))
				return;
			continue;
		}
		// Before the first field there is nothing that could go on.
		if (i == 1)
			fault(p, MESSAGE_HEADER, start);
		take_fold(p, start, ends[i]);
	}
}

// Offset of the first NUL in a value that is not a quoted-pair in a quoted string (RFC 4475
// §3.1.1.2 has that one), or value.len.
static size_t find_nul(struct str value)
{
	bool quoted = false;

	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '\0')
			return i;
		if (value.p[i] == '"')
			quoted = !quoted;
		else if (value.p[i] == '\\' && quoted)
			i++;
	}
	return value.len;
}

static void check_nul(struct parse *p)
{
	struct message *m = p->m;
	struct str fields = STR_NONE;

	if (m->n_headers > 0)
		fields = str_from(
		        m->bytes.p + m->header_start, m->bytes.p + m->header[m->n_headers - 1].end);
	if (str_find(fields, '\0') == fields.len)
		return;
	for (unsigned i = 0; i < m->n_headers; i++) {
		struct str value = header_value(m, &m->header[i]);
		size_t at = find_nul(value);

		if (at < value.len) {
			fault(p, MESSAGE_HEADER, m->header[i].value + at);
			return;
		}
	}
}

static void check_present(struct parse *p)
{
	static const enum header_id wanted[] = {
	        HEADER_VIA, HEADER_FROM, HEADER_TO, HEADER_CALL_ID, HEADER_CSEQ};

	if (p->duplicate_at != 0)
		fault(p, MESSAGE_DUPLICATE, p->duplicate_at);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (p->m->first[wanted[i]] == HEADER_NONE)
			fault(p, MESSAGE_MISSING, p->m->header_start);
	}
}

// The body is what Content-Length says, else all the rest (RFC 3261 §18.3).
static void take_body(struct parse *p)
{
	struct message *m = p->m;
	const struct header *h = message_first(m, HEADER_CONTENT_LENGTH);
	uint64_t len;

	m->body = str_skip(m->bytes, m->body_start);
	if (h == NULL)
		return;
	if (!str_decimal(header_value(m, h), m->body.len, &len)) {
		fault(p, MESSAGE_CONTENT_LENGTH, h->value);
		return;
	}
	m->body.len = len;
	m->bytes.len = m->body_start + m->body.len;
}

static void take_head(struct parse *p)
{
	struct message *m = p->m;
	uint16_t ends[MESSAGE_LINES_MAX];
	struct scan_result r = scan_lines(m->bytes, ends, MESSAGE_LINES_MAX);
	struct str line = m->bytes;

	// No whole line: a start line cut short is still looked at, to know SIP from noise.
	if (r.n > 0)
		line = str_head(line, ends[0]);
	else if (r.bare != 0xffff)
		line = str_head(line, r.bare);
	m->header_start = (uint16_t)(r.n > 0 ? ends[0] + 2u : line.len);
	m->body_start = (uint16_t)(r.head_end > 0 ? r.head_end : m->bytes.len);
	take_start_line(p, line);
	if (p->fault == MESSAGE_NOT_SIP)
		return;
	if (r.n > 1)
		take_fields(p, ends, r.n);
	check_nul(p);
	if (r.bare != 0xffff)
		fault(p, MESSAGE_LINE_END, r.bare);
	else if (r.full)
		fault(p, MESSAGE_TOO_MANY_HEADERS, ends[r.n - 1] + 2u);
	else if (r.head_end == 0)
		fault(p, MESSAGE_TRUNCATED, m->bytes.len);
}

enum message_fault message_parse(struct str datagram, struct message *m, uint16_t *fault_at)
{
	struct parse p = {.m = m};
	bool too_large;

	while (datagram.len >= 2 && datagram.p[0] == '\r' && datagram.p[1] == '\n')
		datagram = str_skip(datagram, 2);
	too_large = datagram.len > MESSAGE_BYTES_MAX;
	// Not the whole of *m: header[] is filled as far as n_headers.
	memset(m, 0, offsetof(struct message, first));
	memset(m->first, 0xff, sizeof(m->first));
	m->bytes = str_head(datagram, MESSAGE_BYTES_MAX);
	take_head(&p);
	if (too_large)
		fault(&p, MESSAGE_TOO_LARGE, MESSAGE_BYTES_MAX);
	if (p.fault != MESSAGE_NOT_SIP) {
		check_present(&p);
		take_body(&p);
	}
	if (fault_at != NULL)
		*fault_at = (uint16_t)p.fault_at;
	return p.fault;
}
