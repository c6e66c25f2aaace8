// The burst's one operation.
#include "dataplane/packet.h"

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
