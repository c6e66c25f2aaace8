// Reply: what refused requests, OPTIONS and STUN get. Reads a settled packet as far as it was
// understood; fills target, leg_out and out, and lets tx send it. Stateless and deterministic (RFC
// 3261 §8.2.7); never to an ACK or a response, never elsewhere than to the packet's source, never
// more than twice what came.
#include "dataplane/proxy.h"

#include "dataplane/policy_auth.h"
#include "dataplane/policy_limit.h"
#include "dataplane/policy_overload.h"
#include "dataplane/refresh.h"
#include "dataplane/reply.h"
#include "dataplane/sip/received.h"
#include "dataplane/sip/response.h"
#include "dataplane/stun.h"

enum {
	REPLY_BYTES_MAX = UINT16_MAX - RTE_PKTMBUF_HEADROOM, // what a buffer holds
	REPLY_STUN_EXTRA = 64, // more than twice the shortest binding request
};

static struct response response_of(const struct packet *p)
{
	return (struct response){.request = &p->message,
	        .via = &p->via,
	        .src = p->src,
	        .call_id = p->call_id,
	        .from_tag = p->from_tag,
	        .to_tag = p->to_tag,
	        .cseq = p->cseq.number,
	        .to_known = p->to.all.p != NULL,
	        .faulty = p->fault != MESSAGE_NONE};
}

void reply_tag(const struct worker *w, const struct packet *p, char *out)
{
	const struct response r = response_of(p);

	response_tag(w->config->tag_key, &r, out);
}

static struct str reason(const struct packet *p, unsigned status)
{
	bool by_fault = p->fault != MESSAGE_NONE && message_fault_status(p->fault) == status;

	return by_fault ? message_fault_text(p->fault) : STR_NONE;
}

// Option tags of Proxy-Require only: Require is not for proxies (RFC 3261 §16.3 step 5).
static void write_unsupported(struct writer *out, const struct packet *p)
{
	const struct header *h = message_first(&p->message, HEADER_PROXY_REQUIRE);

	for (; h != NULL; h = message_next(&p->message, h))
		response_write_field(
		        out, HEADER_UNSUPPORTED, header_value(&p->message, h), STR_NONE);
}

// A short request earns a short answer (REPLY_RATIO): of the challenges, best first, those that
// leave room for the end of the reply.
static void write_challenges(struct writer *out, const struct worker *w, const struct packet *p)
{
	const size_t end = sizeof("Content-Length: 0\r\n\r\n") - 1;
	char text[POLICY_CHALLENGES_MAX];
	size_t len = policy_auth_challenges(w, p, text), fits = 0, line;
	size_t room = (size_t)(out->end - out->at);

	while (fits < len &&
	        (line = str_find((struct str){text + fits, len - fits}, '\n') + 1) + fits + end <=
	                room)
		fits += line;
	if (len > 0 && fits == 0)
		fits = len; // none: no reply at all
	writer_str(out, (struct str){text, fits});
}

static bool may_reply(const struct packet *p)
{
	return verdict_row[p->verdict].way == WAY_REPLIED && p->message.is_request &&
	       p->message.method != METHOD_ACK && message_first(&p->message, HEADER_VIA) != NULL;
}

// Clients under overload control do not go away for seconds (RFC 7339 §5.10.2).
static bool must_wait(const struct packet *p, const struct response *r)
{
	return p->verdict == VERDICT_REGISTRAR_BUSY || p->verdict == VERDICT_AUTH_UNREADY ||
	       (p->verdict == VERDICT_OVERLOAD_REFUSED && r->load == NULL);
}

size_t reply_write(struct worker *w, const struct packet *p, char *out, size_t room)
{
	size_t most = RESPONSE_RATIO * p->bytes.len;
	struct writer text = {out, out + (room < most ? room : most), false};
	struct response r = response_of(p);
	const uint16_t status =
	        p->reply_status != 0 ? p->reply_status : verdict_row[p->verdict].status;
	struct oc load;

	if (p->verdict == VERDICT_STUN)
		return stun_answer(p->bytes, &p->src, out, room);
	if (!may_reply(p))
		return 0;
	r.load = policy_overload_load(w, p->leg_in, &load);
	response_write(&text, &r, w->config->tag_key, status, reason(p, status));
	if (p->verdict == VERDICT_BAD_EXTENSION)
		write_unsupported(&text, p);
	write_challenges(&text, w, p);
	if (must_wait(p, &r))
		writer_str(&text, STR("Retry-After: 5\r\n"));
	if (p->verdict == VERDICT_REFRESHED)
		refresh_write(w, p, &text);
	if (p->verdict == VERDICT_OPTIONS)
		writer_str(&text, STR("Allow: OPTIONS\r\nAccept: */*\r\nSupported: \r\n"));
	response_write_end(&text);
	return text.full ? 0 : (size_t)(text.at - out);
}

bool reply_target(struct packet *p)
{
	p->leg_out = p->leg_in;
	p->transport = TRANSPORT_UDP;
	// Whose Via can't be read is told so where the packet came from.
	if (p->verdict != VERDICT_STUN && p->via.all.p != NULL)
		return received_reply_to(&p->via, &p->src, &p->target);
	p->target = p->src;
	return addr_is_unicast(&p->src) && p->src.port != 0;
}

// Writes it into a buffer of that size. False when there is none, or it does not fit.
static bool reply_fill(struct worker *w, struct packet *p, size_t room)
{
	char *text;
	size_t len = 0;

	p->out = worker_buffer(w, room);
	if (p->out == NULL)
		return false;
	text = rte_pktmbuf_append(p->out, (uint16_t)room);
	if (text != NULL)
		len = reply_write(w, p, text, room);
	if (len > 0) {
		rte_pktmbuf_trim(p->out, (uint16_t)(room - len));
		return true;
	}
	rte_pktmbuf_free(p->out);
	p->out = NULL;
	return false;
}

// Sends it, or makes the packet a drop of the same name.
static void reply_one(struct worker *w, struct packet *p)
{
	size_t most = RESPONSE_RATIO * p->bytes.len + REPLY_STUN_EXTRA;

	p->way = WAY_DROPPED;
	if ((p->verdict != VERDICT_STUN && !may_reply(p)) || !reply_target(p) ||
	        !policy_limit_reply(w, p))
		return;
	if (p->out != NULL) // left by rewrite
		rte_pktmbuf_free(p->out);
	if (most > REPLY_BYTES_MAX)
		most = REPLY_BYTES_MAX;
	// Nearly all fit into a small buffer; there are few large ones.
	if (!reply_fill(w, p, most < w->room ? most : w->room) &&
	        (most <= w->room || !reply_fill(w, p, most)))
		return;
	p->way = WAY_REPLIED;
	tx_datagram(w, p, p->verdict);
}

void reply(struct worker *w, struct burst *b)
{
	for (uint16_t i = 0; i < b->n_settled; i++) {
		if (b->settled[i]->way == WAY_REPLIED)
			reply_one(w, b->settled[i]);
	}
}
