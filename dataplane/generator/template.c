// Making templates, and copying them.
#include "dataplane/generator/template.h"

#include <stdio.h>

#include "dataplane/generator/mark.h"

// A template under construction.
struct maker {
	struct template *t;
	const struct template_plan *plan;
	bool compact; // short header names: the message has to be small
	bool full;
};

static const char zeros[] = "0000000000000000000000000000000000000000";

static void put(struct maker *m, const char *text)
{
	const size_t len = strlen(text);

	if (len >= sizeof(m->t->text) - m->t->len)
		m->full = true;
	else
		memcpy(m->t->text + m->t->len, text, len);
	if (!m->full)
		m->t->len = (uint16_t)(m->t->len + len);
}

static void put_number(struct maker *m, unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	put(m, text);
}

static void put_word(struct maker *m, enum template_word word)
{
	static const uint8_t digits[] = {[TEMPLATE_CALL] = 8,
	        [TEMPLATE_CALLEE] = BENCH_USER_DIGITS,
	        [TEMPLATE_CALLER] = BENCH_USER_DIGITS,
	        [TEMPLATE_CSEQ] = 4};
	const bool user = word == TEMPLATE_CALLEE || word == TEMPLATE_CALLER;

	if (m->t->n_places < TEMPLATE_PLACES_MAX)
		m->t->place[m->t->n_places++] = (struct template_place){
		        .at = (uint16_t)(m->t->len - user), .word = (uint8_t)word};
	put(m, zeros + MARK_DIGITS - digits[word]);
}

static const char *user_prefix(const struct bench_order *o)
{
	return o->user[0] != '\0' ? o->user : "user";
}

static void put_user(struct maker *m, enum template_word who)
{
	put(m, user_prefix(m->plan->order));
	put_word(m, who);
}

static void put_addr(struct maker *m, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	addr_format(a, text);
	put(m, text);
}

// "sip:USER@DOMAIN"
static void put_aor(struct maker *m, enum template_word who)
{
	put(m, "sip:");
	put_user(m, who);
	put(m, "@");
	put(m, m->plan->order->domain);
}

// "sip:USER@ADDRESS:PORT"
static void put_contact(struct maker *m, enum template_word who, enum bench_side_id side)
{
	put(m, "sip:");
	put_user(m, who);
	put(m, "@");
	put_addr(m, &m->plan->order->side[side].local);
}

static void put_name(struct maker *m, const char *name, const char *compact)
{
	put(m, m->compact ? compact : name);
	put(m, ": ");
}

static void put_via(struct maker *m)
{
	put_name(m, "Via", "v");
	put(m, "SIP/2.0/UDP ");
	put_addr(m, &m->plan->order->side[BENCH_CALLER].local);
	put(m, ";branch=z9hG4bK~");
	m->t->mark_at = m->t->len;
	put(m, zeros);
	put(m, ";rport\r\n");
}

static const char *const method_text[TEMPLATES] = {[TEMPLATE_INVITE] = "INVITE",
        [TEMPLATE_ACK] = "ACK",
        [TEMPLATE_BYE] = "BYE",
        [TEMPLATE_OPTIONS] = "OPTIONS",
        [TEMPLATE_REGISTER] = "REGISTER",
        [TEMPLATE_MESSAGE] = "MESSAGE"};

static void put_start(struct maker *m, enum template_id id)
{
	put(m, method_text[id]);
	put(m, " ");
	if (id == TEMPLATE_REGISTER) {
		put(m, "sip:");
		put(m, m->plan->order->domain);
	} else if (id == TEMPLATE_ACK || id == TEMPLATE_BYE) {
		put_contact(m, TEMPLATE_CALLEE, BENCH_CALLEE);
	} else {
		put_aor(m, TEMPLATE_CALLEE);
	}
	put(m, " SIP/2.0\r\n");
	m->t->head_len = m->t->len;
}

// From, To, Call-ID, CSeq.
static void put_dialog(struct maker *m, enum template_id id)
{
	const bool own = id == TEMPLATE_REGISTER;
	char run[16];

	put_name(m, "From", "f");
	put(m, "<");
	put_aor(m, own ? TEMPLATE_CALLEE : TEMPLATE_CALLER);
	put(m, ">;tag=");
	put_word(m, TEMPLATE_CALL);
	put(m, "\r\n");
	put_name(m, "To", "t");
	put(m, "<");
	put_aor(m, TEMPLATE_CALLEE);
	put(m, ">");
	if (id == TEMPLATE_ACK || id == TEMPLATE_BYE) {
		put(m, ";tag=u"); // as uas.c makes it
		put_word(m, TEMPLATE_CALL);
	}
	put(m, "\r\n");
	put_name(m, "Call-ID", "i");
	put_word(m, TEMPLATE_CALL);
	snprintf(run, sizeof(run), "-%08x", m->plan->run);
	put(m, run);
	put(m, "\r\nCSeq: ");
	if (own)
		put(m, "1000"); // eight digits
	put_word(m, TEMPLATE_CSEQ);
	put(m, " ");
	put(m, method_text[id]);
	put(m, "\r\n");
}

static void put_contact_field(struct maker *m, enum template_id id)
{
	const struct bench_order *o = m->plan->order;

	if (id != TEMPLATE_INVITE && id != TEMPLATE_REGISTER && id != TEMPLATE_OPTIONS)
		return;
	put_name(m, "Contact", "m");
	put(m, "<");
	if (id == TEMPLATE_REGISTER)
		put_contact(m, TEMPLATE_CALLEE, o->register_callee ? BENCH_CALLEE : BENCH_CALLER);
	else
		put_contact(m, TEMPLATE_CALLER, BENCH_CALLER);
	put(m, ">\r\n");
	if (id == TEMPLATE_REGISTER) {
		put(m, "Expires: ");
		put_number(m, o->expires != 0 ? o->expires : 3600);
		put(m, "\r\n");
	}
}

static void put_fields(struct maker *m, enum template_id id)
{
	put_start(m, id);
	put_via(m);
	put(m, "Max-Forwards: 70\r\n");
	put_dialog(m, id);
	put_contact_field(m, id);
}

enum { FIELD_SUBJECT = sizeof("Subject: x\r\n") - 1, FIELD_SHORT = sizeof("s: x\r\n") - 1 };

// Fields a telephone sends too, as far as they fit into what is left.
static size_t put_more(struct maker *m, enum template_id id, size_t left)
{
	static const char *const rows[] = {"User-Agent: spry generator\r\n",
	        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, UPDATE\r\n",
	        "Supported: replaces, timer\r\n", "Accept: application/sdp\r\n"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && id != TEMPLATE_ACK; i++) {
		const size_t len = strlen(rows[i]);

		if (len > left || (len < left && left - len < FIELD_SHORT))
			break;
		put(m, rows[i]);
		left -= len;
	}
	return left;
}

// Exactly `left` bytes of a field, when there is room for one at all.
static void put_padding(struct maker *m, size_t left)
{
	const bool compact = left < FIELD_SUBJECT;

	if (left < FIELD_SHORT)
		return;
	put(m, compact ? "s: " : "Subject: ");
	left -= compact ? FIELD_SHORT - 1 : FIELD_SUBJECT - 1;
	for (size_t i = 0; i < left; i++) {
		const char letter[2] = {(char)('a' + i % 26), '\0'};

		put(m, letter);
	}
	put(m, "\r\n");
}

static const char template_sdp[] =
        "v=0\r\no=- 3814 3814 IN IP4 192.0.2.99\r\ns=-\r\n"
        "c=IN IP4 192.0.2.99\r\nt=0 0\r\nm=audio 49170 RTP/AVP 8 0 101\r\n"
        "a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
        "a=sendrecv\r\n";

static const char *body_of(enum template_id id, size_t size)
{
	if (id == TEMPLATE_INVITE && size >= 800)
		return template_sdp;
	return id == TEMPLATE_MESSAGE ? "Come and see me.\r\n" : "";
}

static void put_length(struct maker *m, enum template_id id, const char *body)
{
	if (body[0] != '\0')
		put(m, id == TEMPLATE_MESSAGE ? "Content-Type: text/plain\r\n"
		                              : "Content-Type: application/sdp\r\n");
	put_name(m, "Content-Length", "l");
	put_number(m, (unsigned)strlen(body));
	put(m, "\r\n\r\n");
	put(m, body);
}

// Length of all that has to be in it.
static size_t bare_len(struct maker *m, enum template_id id, const char *body)
{
	struct template *t = m->t;

	memset(t, 0, offsetof(struct template, text));
	put_fields(m, id);
	put_length(m, id, body);
	const size_t len = t->len;

	memset(t, 0, offsetof(struct template, text));
	return len;
}

static uint64_t sum_of(const char *p, size_t len)
{
	uint64_t sum = 0;
	uint32_t word;
	size_t i;

	for (i = 0; i + 4 <= len; i += 4) {
		memcpy(&word, p + i, 4);
		sum += word;
	}
	word = 0;
	memcpy(&word, p + i, len - i);
	return sum + word;
}

// The sum of the text with zero bytes where words are put in.
static void sum_template(struct template *t)
{
	char text[TEMPLATE_ROOM];

	memcpy(text, t->text, t->len);
	if (t->mark_at != 0)
		memset(text + t->mark_at, 0, MARK_DIGITS);
	for (unsigned i = 0; i < t->n_places; i++)
		memset(text + t->place[i].at, 0, 8);
	t->sum = sum_of(text, t->len);
}

void template_make(struct template *t, enum template_id id, const struct template_plan *plan)
{
	struct maker m = {.t = t, .plan = plan};
	const size_t size = plan->order->size;
	const char *body = body_of(id, size);
	size_t bare = bare_len(&m, id, body);

	m.compact = bare > size;
	if (m.compact)
		bare = bare_len(&m, id, body);
	put_fields(&m, id);
	if (bare < size)
		put_padding(&m, put_more(&m, id, size - bare));
	put_length(&m, id, body);
	sum_template(t);
}

void template_take(struct template *t, struct str text, uint16_t mark_at)
{
	memset(t, 0, offsetof(struct template, text));
	t->len = (uint16_t)text.len;
	t->mark_at = mark_at;
	memcpy(t->text, text.p, text.len);
	sum_template(t);
}

// Even and odd places of a one's complement sum.
struct sums {
	uint64_t at[2];
};

static inline void store(char *out, size_t at, uint64_t word, struct sums *s)
{
	memcpy(out + at, &word, sizeof(word));
	s->at[at & 1] += (word & 0xffffffff) + (word >> 32);
}

// Eight bytes a place; of some the template keeps a part: the character before a user's digits,
// what follows a CSeq.
static const uint64_t place_mask[] = {[TEMPLATE_CALL] = ~UINT64_C(0),
        [TEMPLATE_CALLEE] = ~UINT64_C(0xff),
        [TEMPLATE_CALLER] = ~UINT64_C(0xff),
        [TEMPLATE_CSEQ] = UINT64_C(0xffffffff)};

uint64_t template_write(const struct template *t, const struct template_words *w, char *out)
{
	const uint64_t word[] = {[TEMPLATE_CALL] = mark_hex(w->call),
	        [TEMPLATE_CALLEE] = mark_decimal('0', w->callee),
	        [TEMPLATE_CALLER] = mark_decimal('0', w->caller),
	        [TEMPLATE_CSEQ] =
	                mark_decimal('0', TEMPLATE_CSEQ_FIRST + w->cseq % TEMPLATE_CSEQS) >> 32};
	struct sums s = {{0, 0}};

	memcpy(out, t->text, t->len);
	if (t->mark_at != 0)
		for (unsigned i = 0; i < 5; i++)
			store(out, t->mark_at + 8 * (size_t)i, w->mark[i], &s);
	for (unsigned i = 0; i < t->n_places; i++) {
		const struct template_place *p = &t->place[i];
		const uint64_t mask = place_mask[p->word];
		uint64_t kept;

		memcpy(&kept, t->text + p->at, sizeof(kept));
		store(out, p->at, (word[p->word] & mask) | (kept & ~mask), &s);
	}
	// an odd place adds what an even one would, bytes swapped
	const uint16_t odd = template_fold(s.at[1]);

	return t->sum + s.at[0] + (uint16_t)(odd << 8 | odd >> 8);
}
