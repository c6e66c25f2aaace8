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
	size_t duplicate_at;         // first duplicate of a SINGLE header, 0 = none
	uint64_t seen;               // ids there are fields of
	uint16_t last[HEADER_COUNT]; // the last field of each of them
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

// The same of almost every request: a method with a row, a line of up to 64 bytes without a fault.
// False, and nothing done, when it is another one.
static bool take_usual_request(struct message *m, struct str line)
{
	const struct str end = STR(" SIP/2.0");
	struct vec_pair v;
	uint64_t blanks;
	size_t method, uri;
	enum method known;

	if (line.len - end.len > VEC_PAIR_BYTES - end.len ||
	        memcmp(str_end(line) - end.len, end.p, end.len) != 0)
		return false;
	v = vec_load_pair(line);
	blanks = (vec_pair_up_to(v, ' ') | vec_pair_eq(v, 0x7f)) & ~vec_pair_from(line.len);
	method = vec_pair_first(blanks);
	uri = line.len - end.len;
	// The first one and the one of the end are all there are, with something between them.
	if (line.p[method] != ' ' || method + 1 >= uri ||
	        blanks != ((uint64_t)1 << method | (uint64_t)1 << uri))
		return false;
	known = method_parse(str_head(line, method));
	if (known == METHOD_OTHER)
		return false;
	m->is_request = true;
	m->method = known;
	m->method_name = str_head(line, method);
	m->request_uri = str_from(line.p + method + 1, line.p + uri);
	m->version = str_from(line.p + uri + 1, str_end(line));
	return true;
}

static void take_start_line(struct parse *p, struct str line)
{
	if (take_usual_request(p->m, line))
		return;
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

	if (m->n_headers == 0 || m->header[m->n_headers - 1].end != start)
		return; // the line before was no field
	h = &m->header[m->n_headers - 1];
	h->end = (uint16_t)(end + 2);
	if (text.len == 0)
		return;
	if (h->value_len == 0)
		h->value = (uint16_t)at;
	h->value_len = (uint16_t)(at + text.len - h->value);
}

// Another field of a kind that was there before: with index i, of that offset.
static void chain_field(struct parse *p, unsigned id, uint16_t i, uint16_t start)
{
	p->m->header[p->last[id]].next = i;
	if (p->duplicate_at == 0 && (header_singles >> id & 1) != 0)
		p->duplicate_at = start;
}

// The field of almost every line text[start..end): its name is as in its row, white space is one SP
// after the colon at most. HEADER_OTHER says nothing. 32 bytes are readable from the start on.
static inline __attribute__((always_inline)) uint32_t usual_field(
        const char *text, uint32_t start, uint32_t end, struct header *out)
{
	const uint32_t colon = (uint32_t)vec_first(vec_eq(vec_read(text + start), ':'));
	const uint32_t id = header_lookup_exact(text + start, colon);
	uint32_t value = start + colon + 1;

	out->start = (uint16_t)start;
	out->name_len = (uint16_t)colon;
	out->end = (uint16_t)(end + 2);
	out->next = HEADER_NONE;
	out->id = (uint16_t)id;
	// No name has a line's end in it: what stands behind one, the CR at `end` at the latest, is
	// in this line.
	if (id == HEADER_OTHER)
		return HEADER_OTHER;
	value += text[value] == ' ';
	out->value = (uint16_t)value;
	out->value_len = (uint16_t)(end - value);
	return (uint8_t)text[value] > ' ' && (uint8_t)text[end - 1] > ' ' ? id : HEADER_OTHER;
}

// Where the lines begin of which 32 bytes can be read; there is room in the index for all of them.
static const uint16_t *usual_stop(
        const struct message *m, const uint16_t *end, const uint16_t *stop)
{
	const unsigned room = MESSAGE_HEADERS_MAX - m->n_headers;
	const struct str text = m->bytes;

	if (stop - end > room)
		stop = end + room;
	if (!vec_readable(str_end(text) - 1, VEC_BYTES + 1)) {
		while (stop > end && stop[-2] + 2u + VEC_BYTES > text.len)
			stop--;
	}
	return stop;
}

// Takes the lines that end at *end and so on, as long as they are usual. Returns the first end of
// one that is not, `stop` at the latest.
static const uint16_t *take_usual(struct parse *p, const uint16_t *end, const uint16_t *stop)
{
	struct message *m = p->m;
	const char *text = m->bytes.p;
	struct header *h = &m->header[m->n_headers];
	uint32_t at = m->n_headers, start = end[-1] + 2u;
	uint64_t seen = p->seen;

	for (stop = usual_stop(m, end, stop); end < stop; end++, at++, h++) {
		const uint32_t id = usual_field(text, start, *end, h);

		if (id == HEADER_OTHER)
			break;
		start = *end + 2u;
		if ((seen >> id & 1) != 0)
			chain_field(p, id, (uint16_t)at, h->start);
		else
			m->first[id] = (uint16_t)at;
		p->last[id] = (uint16_t)at;
		seen |= (uint64_t)1 << id;
	}
	m->n_headers = (uint16_t)at;
	p->seen = seen;
	return end;
}

// Puts a field behind the others.
static void add_field(struct parse *p, struct header field)
{
	struct message *m = p->m;
	const uint64_t bit = (uint64_t)1 << field.id;
	const uint16_t i = m->n_headers;

	m->header[i] = field;
	if ((p->seen & bit) == 0)
		m->first[field.id] = i;
	else
		chain_field(p, field.id, i, field.start);
	p->last[field.id] = i;
	p->seen |= bit;
	m->n_headers = (uint16_t)(i + 1);
}

// Offset of the colon after the field's name, `end` when the line has none.
static uint16_t find_colon(const struct message *m, uint16_t start, uint16_t end)
{
	const struct str line = {m->bytes.p + start, (size_t)(end - start)};

	return (uint16_t)(start + vec_find(line, ':'));
}

// The line between these offsets, with a field name. False when the index is full.
static bool take_field(struct parse *p, uint16_t start, uint16_t end)
{
	struct message *m = p->m;
	const uint16_t colon = find_colon(m, start, end);
	const char *at = m->bytes.p, *from, *to;
	struct str name = str_from(at + start, at + colon);
	enum header_id id;

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
	add_field(p, (struct header){.start = start,
	                     .name_len = (uint16_t)name.len,
	                     .value = (uint16_t)(from - at),
	                     .value_len = (uint16_t)(to - from),
	                     .end = (uint16_t)(end + 2),
	                     .next = HEADER_NONE,
	                     .id = (uint16_t)id});
	return true;
}

// The lines after the start line, which ends at *end.
static void take_fields(struct parse *p, const uint16_t *end, const uint16_t *stop)
{
	const uint16_t *const first = end + 1;

	for (end = first; (end = take_usual(p, end, stop)) < stop; end++) {
		const uint16_t start = (uint16_t)(end[-1] + 2);

		if (is_blank(p->m->bytes.p[start])) {
			// Before the first field there is nothing that could go on.
			if (end == first)
				fault(p, MESSAGE_HEADER, start);
			take_fold(p, start, *end);
		} else if (!take_field(p, start, *end)) {
			return;
		}
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

// Called when there may be a NUL in a field.
static void check_nul(struct parse *p)
{
	struct message *m = p->m;
	const struct str head = str_head(m->bytes, m->body_start);

	if (str_find(head, '\0') == head.len)
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
	static const uint64_t wanted = UINT64_C(1) << HEADER_VIA | UINT64_C(1) << HEADER_FROM |
	                               UINT64_C(1) << HEADER_TO | UINT64_C(1) << HEADER_CALL_ID |
	                               UINT64_C(1) << HEADER_CSEQ;

	if (p->duplicate_at != 0)
		fault(p, MESSAGE_DUPLICATE, p->duplicate_at);
	if ((p->seen & wanted) != wanted)
		fault(p, MESSAGE_MISSING, p->m->header_start);
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
		take_fields(p, ends, ends + r.n);
	if (r.nul)
		check_nul(p);
	if (r.bare != 0xffff)
		fault(p, MESSAGE_LINE_END, r.bare);
	else if (r.full)
		fault(p, MESSAGE_TOO_MANY_HEADERS, ends[r.n - 1] + 2u);
	else if (r.head_end == 0)
		fault(p, MESSAGE_TRUNCATED, m->bytes.len);
}

bool message_is_noise(struct str s)
{
	enum { STEP = VEC_PAIR_BYTES - 3, LOOKS = 8 }; // a word may lie across two looks

	for (unsigned look = 0; look < LOOKS && s.len > 0; look++) {
		const struct vec_pair v = vec_load_pair(s), small = vec_pair_or(v, 0x20);
		const uint64_t end =
		        vec_pair_eq(v, '\r') | vec_pair_eq(v, '\n') | vec_pair_from(s.len);
		const uint64_t sip = vec_pair_eq(small, 's') & vec_pair_eq(small, 'i') >> 1 &
		                     vec_pair_eq(small, 'p') >> 2;
		const uint64_t tel = vec_pair_eq(small, 't') & vec_pair_eq(small, 'e') >> 1 &
		                     vec_pair_eq(small, 'l') >> 2 & vec_pair_eq(v, ':') >> 3;

		// Before the first end; without one, all of them.
		if (((sip | tel) & ((end & -end) - 1)) != 0)
			return false;
		if (end != 0) // a first line that is empty does not count
			return look > 0 || (end & 1) == 0;
		s = str_skip(s, STEP);
	}
	return false;
}

enum message_fault message_parse(struct str datagram, struct message *m, uint16_t *fault_at)
{
	struct parse p;
	bool too_large;

	// Not the whole of it: last[] is filled as seen says.
	memset(&p, 0, offsetof(struct parse, last));
	p.m = m;
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
