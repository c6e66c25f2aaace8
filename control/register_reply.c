// Writes answers to REGISTERs.
#include "control/register_reply.h"

#include "dataplane/base/now.h"
#include "dataplane/sip/received.h"
#include "dataplane/sip/response.h"
#include "dataplane/table/binding.h"

static struct response response_of(const struct register_request *q)
{
	struct response r = {.request = &q->message,
	        .via = &q->via,
	        .src = q->source.src,
	        .call_id = q->call_id,
	        .from_tag = q->from.tag,
	        .to_tag = q->to.tag,
	        .cseq = q->cseq.number,
	        .to_known = q->to.all.p != NULL,
	        .faulty = true};

	return r;
}

static void write_number(struct writer *out, const char *name, uint32_t value)
{
	writer_str(out, str_of(name));
	writer_str(out, STR(": "));
	writer_decimal(out, value);
	writer_str(out, STR("\r\n"));
}

static void write_refusal(struct writer *out, const struct register_answer *a)
{
	if (a->min_expires != 0)
		write_number(out, "Min-Expires", a->min_expires);
	if (a->retry)
		write_number(out, "Retry-After", 5);
	if (a->unsupported.len > 0)
		response_write_field(out, HEADER_UNSUPPORTED, a->unsupported, STR_NONE);
}

// Was it this request that registered it?
static bool is_asked(const struct register_request *q, const struct location_contact *c)
{
	for (unsigned i = 0; i < q->n_contacts; i++)
		if (str_eq(q->contact[i].uri.all, c->uri))
			return true;
	return false;
}

// All bindings, those of this request first. Who did not prove who he is gets as many as there is
// room for: he wants to know of his own most of all.
static void write_contacts(struct writer *out, const struct register_request *q,
        const struct location_contact *contacts, unsigned n)
{
	struct token_ring *gruu = q->supports_gruu ? q->source.tokens : NULL;

	for (int asked = 1; asked >= 0; asked--) {
		for (unsigned i = 0; i < n; i++) {
			const struct writer before = *out;

			if (is_asked(q, &contacts[i]) != (asked == 1))
				continue;
			binding_write(out, &contacts[i], q->source.now_s, gruu);
			if (out->full && !register_verified(q))
				*out = before;
		}
	}
}

static void write_bindings(struct writer *out, const struct register_request *q,
        const struct location_contact *contacts, unsigned n)
{
	const struct str route = home_service_route(q->source.view, q->home);

	if (q->supports_path)
		response_write_copies(out, &q->message, HEADER_PATH);
	if (route.len > 0)
		response_write_field(out, HEADER_SERVICE_ROUTE, route, STR_NONE);
	if (q->outbound)
		response_write_field(out, HEADER_REQUIRE, STR("outbound"), STR_NONE);
	response_write_date(out, now_unix_s());
	write_contacts(out, q, contacts, n);
}

size_t register_reply(const struct register_request *q, const struct location_contact *contacts,
        unsigned n, char *out, size_t room)
{
	const struct token_key *keys = q->source.view->rows[TABLE_KEYS];
	const size_t fair = RESPONSE_RATIO * q->message.bytes.len;
	const struct response r = response_of(q);
	struct writer w = {out, out + room - RESPONSE_END_LEN, false};
	const uint16_t status = q->answer.status != 0 ? q->answer.status : 200;

	if (!register_verified(q) && fair < room)
		w.end = out + (fair > RESPONSE_END_LEN ? fair - RESPONSE_END_LEN : 0);
	response_write(&w, &r, response_tag_key(&keys[0]), status, q->answer.reason);
	if (status == 200)
		write_bindings(&w, q, contacts, n);
	else
		write_refusal(&w, &q->answer);
	w.end += RESPONSE_END_LEN;
	response_write_end(&w);
	return w.full ? 0 : (size_t)(w.at - out);
}

bool register_reply_to(const struct register_request *q, struct addr *out)
{
	return register_answerable(q) && received_reply_to(&q->via, &q->source.src, out);
}
