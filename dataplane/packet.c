// A packet's and the burst's one operation each.
#include "dataplane/packet.h"

const struct uri *packet_to_uri(struct packet *p)
{
	if (p->to_state == TO_UNREAD)
		p->to_state = uri_parse(p->to.uri, &p->to_uri) ? TO_URI : TO_NONE;
	return p->to_state == TO_URI ? &p->to_uri : NULL;
}

void burst_settle(struct burst *b)
{
	uint16_t live = 0;

	for (uint16_t i = 0; i < b->n; i++) {
		struct packet *p = b->live[i];
		if (p->verdict == VERDICT_NONE)
			b->live[live++] = p;
		else
			b->settled[b->n_settled++] = p;
	}
	b->n = live;
}
