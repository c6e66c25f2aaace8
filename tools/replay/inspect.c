// The rules: see inspect.h.
#include "tools/replay/inspect.h"

#include "dataplane/sip/message.h"
#include "dataplane/table/trust.h"
#include "tools/replay/poison.h"

enum {
	GROWTH_MAX = 1024, // Via, double Record-Route, received and rport, Path of a binding
	GROWTH_CONTACT_MAX = 128,
	REPLY_TIMES = 2,
	REPLY_STUN_EXTRA = 64,
	MAX_FORWARDS_NEW = 70,
};
#define CPU_NS_MAX UINT64_C(10000000)

// What a proxy writes anew (RFC 3261 §16.6).
static bool may_change(unsigned id)
{
	return id == HEADER_VIA || id == HEADER_MAX_FORWARDS || id == HEADER_MAX_BREADTH ||
	       id == HEADER_ROUTE || id == HEADER_RECORD_ROUTE || id == HEADER_CONTACT;
}

// On the operator's list (`set trust header`).
static bool is_listed(const struct table_view *v, const struct message *m, const struct header *h)
{
	const struct trust_header *list = v != NULL ? v->rows[TABLE_TRUST_HEADERS] : NULL;
	const struct str name = {m->bytes.p + h->start, h->name_len};

	for (uint32_t i = 0; v != NULL && i < v->count[TABLE_TRUST_HEADERS]; i++)
		if (list[i].id == h->id &&
		        (h->id != HEADER_OTHER ||
		                str_eq_nocase(trust_header_name(v, &list[i]), name)))
			return true;
	return false;
}

// Credentials for us are for nobody behind us; identities only trusted sides may assert.
static bool may_vanish(const struct table_view *v, const struct message *m, const struct header *h)
{
	return h->id == HEADER_AUTHORIZATION || h->id == HEADER_PROXY_AUTHORIZATION ||
	       h->id == HEADER_P_ASSERTED_IDENTITY || h->id == HEADER_REMOTE_PARTY_ID ||
	       h->id == HEADER_DIVERSION || is_listed(v, m, h);
}

static struct str field_bytes(const struct message *m, const struct header *h)
{
	return str_from(m->bytes.p + h->start, m->bytes.p + h->end);
}

static const struct header *next_kept(const struct message *m, unsigned *i)
{
	while (*i < m->n_headers && may_change(m->header[*i].id))
		(*i)++;
	return *i < m->n_headers ? &m->header[(*i)++] : NULL;
}

static const char *untouched(
        const struct table_view *config, const struct message *in, const struct message *out)
{
	unsigned i = 0, j = 0;
	const struct header *a = next_kept(in, &i), *b = next_kept(out, &j);

	while (a != NULL) {
		const bool same = b != NULL && str_eq(field_bytes(in, a), field_bytes(out, b));

		if (!same && !may_vanish(config, in, a))
			return "a header field was changed or lost";
		a = next_kept(in, &i);
		if (same)
			b = next_kept(out, &j);
	}
	if (b != NULL)
		return "a header field was added";
	return str_eq(in->body, out->body) ? NULL : "the body was changed";
}

static size_t count_values(const struct message *m, enum header_id id)
{
	struct value_iter it;
	size_t n = 0;

	if (message_first(m, id) == NULL)
		return 0;
	value_iter_start(&it, m, id);
	while (value_iter_next(&it))
		n++;
	return n;
}

static const char *counted_down(const struct message *in, const struct message *out)
{
	uint64_t before = MAX_FORWARDS_NEW + 1, after;

	if (message_first(in, HEADER_MAX_FORWARDS) != NULL &&
	        !str_decimal(message_value(in, HEADER_MAX_FORWARDS), 255, &before))
		return "Max-Forwards was no number";
	if (!str_decimal(message_value(out, HEADER_MAX_FORWARDS), 255, &after) ||
	        after + 1 != before)
		return "Max-Forwards is not one less";
	return NULL;
}

static const char *start_line(const struct message *in, const struct message *out)
{
	if (in->is_request != out->is_request)
		return "a request became a response, or the other way round";
	if (in->is_request)
		return str_eq(in->method_name, out->method_name) ? NULL : "the method was changed";
	return in->status == out->status && str_eq(in->reason, out->reason)
	               ? NULL
	               : "the status was changed";
}

static const char *fields(
        const struct table_view *config, const struct message *in, const struct message *out)
{
	const size_t vias = count_values(in, HEADER_VIA), left = count_values(out, HEADER_VIA);
	const char *wrong = start_line(in, out);

	if (wrong == NULL)
		wrong = untouched(config, in, out);
	if (wrong != NULL)
		return wrong;
	if (in->is_request ? left != vias + 1 : left + 1 != vias)
		return "not one Via more (request) or less (response)";
	if (count_values(in, HEADER_CONTACT) != count_values(out, HEADER_CONTACT))
		return "a Contact was added or lost";
	return in->is_request ? counted_down(in, out) : NULL;
}

const char *inspect_forwarded(struct str in, const struct rig_result *r)
{
	static struct message before, after;
	enum message_fault f;

	if (!addr_is_unicast(&r->to) || r->to.port == 0)
		return "it went to an address nobody may have";
	if (message_parse(in, &before, NULL) != MESSAGE_NONE)
		return "a faulty message was forwarded";
	f = message_parse((struct str){r->bytes, r->len}, &after, NULL);
	// With what a proxy adds it may have more lines than spry takes: nothing more can be told.
	if (f == MESSAGE_TOO_MANY_HEADERS)
		return NULL;
	if (f != MESSAGE_NONE)
		return "what left has a fault";
	if (r->len >
	        in.len + GROWTH_MAX + count_values(&before, HEADER_CONTACT) * GROWTH_CONTACT_MAX)
		return "it grew too much";
	return fields(r->config, &before, &after);
}

const char *inspect_reply(struct str in, const struct addr *from, const struct rig_result *r)
{
	static struct message before, after;
	const bool stun = strcmp(r->verdict, "stun") == 0;
	enum message_fault f;

	if (!addr_eq_ip(&r->to, from))
		return "the answer did not go to the source";
	if (in.p == NULL)
		return NULL;
	if (r->len > REPLY_TIMES * in.len + (stun ? REPLY_STUN_EXTRA : 0))
		return "the answer is more than twice as long";
	if (stun)
		return NULL;
	(void)message_parse(in, &before, NULL);
	if (!before.is_request || before.method == METHOD_ACK)
		return "an ACK or a response was answered";
	f = message_parse((struct str){r->bytes, r->len}, &after, NULL);
	// As many Vias as spry takes, and a line of its own: nothing more can be told.
	if (f == MESSAGE_TOO_MANY_HEADERS)
		return NULL;
	if ((f != MESSAGE_NONE && f != MESSAGE_MISSING) || after.is_request)
		return "the answer has a fault";
	return NULL;
}

const char *inspect(struct str in, const struct addr *from, const struct rig_result *r)
{
	if (r->fault != NULL)
		return r->fault;
	if (r->cpu_ns > CPU_NS_MAX * POISON_SLOWER)
		return "it took too long";
	if (strcmp(r->way, "forwarded") == 0 || strcmp(r->verdict, "resolving") == 0)
		return in.p != NULL ? inspect_forwarded(in, r) : NULL;
	if (strcmp(r->way, "replied") == 0 || strcmp(r->verdict, "register") == 0)
		return r->len > 0 ? inspect_reply(in, from, r) : NULL;
	return r->len > 0 ? "something left although it was not to" : NULL;
}
