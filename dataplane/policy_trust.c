// Trust between sides: see policy_trust.h. Fields are known by what they are, however their names
// are written. Reads message, leg_in and leg_out; fills edits. From stays: nobody believes it.
#include "dataplane/policy_trust.h"

#include "dataplane/sip/charset.h"
#include "dataplane/table/trust.h"

// What only a side that is trusted may say of a caller.
static const uint16_t asserted[] = {
        HEADER_P_ASSERTED_IDENTITY, HEADER_REMOTE_PARTY_ID, HEADER_DIVERSION};
enum { ASSERTED = sizeof(asserted) / sizeof(asserted[0]) };

static void cut(struct packet *p, const struct header *h)
{
	edit_add(&p->edits, h->start, (size_t)(h->end - h->start), STR_NONE);
}

static void cut_all(struct packet *p, enum header_id id)
{
	const struct header *h = message_first(&p->message, id);

	for (; h != NULL; h = message_next(&p->message, h))
		cut(p, h);
}

// The operator's own list.
static void cut_listed(const struct worker *w, struct packet *p)
{
	const struct table_view *v = &w->config->view;
	const struct trust_header *list = v->rows[TABLE_TRUST_HEADERS];

	for (uint32_t i = 0; i < v->count[TABLE_TRUST_HEADERS]; i++) {
		const struct header *h = message_first(&p->message, list[i].id);

		for (; h != NULL; h = message_next(&p->message, h)) {
			const struct str name = {p->message.bytes.p + h->start, h->name_len};

			if (list[i].id != HEADER_OTHER ||
			        str_eq_nocase(name, trust_header_name(v, &list[i])))
				cut(p, h);
		}
	}
}

// "Privacy: id" (RFC 3323 §4.2, RFC 3325 §9.3) in any of its fields.
static bool wants_privacy(const struct message *m)
{
	const struct header *h = message_first(m, HEADER_OTHER);

	for (; h != NULL; h = message_next(m, h)) {
		struct str rest = header_value(m, h);

		if (!str_eq_nocase(
		            (struct str){m->bytes.p + h->start, h->name_len}, STR("Privacy")))
			continue;
		while (rest.len > 0) {
			struct str one = str_head(rest, str_find(rest, ';'));

			if (str_eq_nocase(str_trim(one), STR("id")))
				return true;
			rest = str_skip(rest, one.len + 1);
		}
	}
	return false;
}

static bool has_asserted(const struct message *m)
{
	bool any = false;

	for (unsigned i = 0; i < ASSERTED; i++)
		any |= m->first[asserted[i]] != HEADER_NONE;
	return any;
}

void policy_trust_edit(const struct worker *w, struct packet *p)
{
	const bool forged = (p->leg_in->flags & LEG_STRIP_IN) != 0;
	const bool closed = (p->leg_out->flags & LEG_STRIP_OUT) != 0;

	if (has_asserted(&p->message) &&
	        (forged || closed ||
	                ((p->leg_out->flags & LEG_TRUSTED) == 0 && wants_privacy(&p->message)))) {
		for (unsigned i = 0; i < ASSERTED; i++)
			cut_all(p, asserted[i]);
	}
	if ((forged || closed) && w->config->view.count[TABLE_TRUST_HEADERS] > 0)
		cut_listed(w, p);
}
