// What must hold of message_parse, whatever bytes it is given: every view lies in the message, the
// fields lie in order, all scanners agree, and every walk over values ends.
#pragma once

#include "tests/fuzz/oracle.h"

#include "dataplane/sip/message.h"
#include "dataplane/sip/scan.h"

static inline void parsed_views(const struct message *m, struct str whole)
{
	struct str head = {m->bytes.p, m->body_start};
	size_t at = m->header_start;

	oracle(oracle_inside(m->bytes, whole));
	oracle(m->body_start <= m->bytes.len);
	oracle(oracle_inside(m->body, m->bytes));
	oracle(oracle_inside(m->method_name, head) && oracle_inside(m->request_uri, head));
	oracle(oracle_inside(m->version, head) && oracle_inside(m->reason, head));
	for (unsigned i = 0; i < m->n_headers; i++) {
		const struct header *h = &m->header[i];

		oracle(h->start >= at && h->name_len > 0 && h->start + h->name_len < h->end);
		oracle(h->value > h->start + h->name_len && h->value + h->value_len + 2 <= h->end);
		oracle(h->id < HEADER_COUNT && m->first[h->id] <= i);
		oracle(h->next == HEADER_NONE || (h->next > i && m->header[h->next].id == h->id));
		at = h->end;
	}
	oracle(at <= m->body_start);
}

static inline void parsed_values(const struct message *m)
{
	for (unsigned id = 0; id < HEADER_COUNT; id++) {
		struct value_iter it;
		size_t n = 0;

		value_iter_start(&it, m, (enum header_id)id);
		while (value_iter_next(&it)) {
			oracle(oracle_inside(it.value, header_value(m, it.field)));
			oracle(it.value.len > 0 && ++n <= m->bytes.len);
		}
	}
}

static inline void parsed_sound(const struct message *m)
{
	oracle(m->is_request ? m->status == 0 : m->status >= 100 && m->status <= 699);
	oracle(m->first[HEADER_VIA] != HEADER_NONE && m->first[HEADER_CALL_ID] != HEADER_NONE);
	oracle(m->header[m->first[HEADER_CALL_ID]].next == HEADER_NONE);
	oracle(m->header[m->n_headers - 1].end + 2 == m->body_start);
	oracle(m->bytes.len == m->body_start + m->body.len);
}

static inline void parsed_same(const struct message *a, const struct message *b)
{
	oracle(memcmp(a->first, b->first, sizeof(a->first)) == 0);
	oracle(a->n_headers == b->n_headers && a->body_start == b->body_start);
	oracle(memcmp(a->header, b->header, a->n_headers * sizeof(a->header[0])) == 0);
	oracle(a->body.len == b->body.len && a->status == b->status && a->method == b->method);
}

// With every scanner; the best for this CPU is in use afterwards.
static inline void parsed_check(struct str text)
{
	static struct message want, got;
	uint16_t want_at, got_at;
	enum message_fault fault;

	scan_lines = scan_lines_scalar;
	fault = message_parse(text, &want, &want_at);
	oracle(fault < MESSAGE_FAULT_COUNT && want_at <= text.len);
	oracle(!message_is_noise(text) || fault == MESSAGE_NOT_SIP);
	parsed_views(&want, text);
	parsed_values(&want);
	if (fault == MESSAGE_NONE)
		parsed_sound(&want);
	for (const struct scan_variant *v = scan_variants + 1; v->name != NULL; v++) {
		if (!v->usable())
			continue;
		scan_lines = v->lines;
		oracle(message_parse(text, &got, &got_at) == fault && got_at == want_at);
		parsed_same(&want, &got);
	}
}
