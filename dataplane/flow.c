// Knows who has to be reached by his flow: a phone that asks for it, or one behind a NAT. Reads
// Contact, Vias and source; fills nothing.
#include "dataplane/flow.h"

#include "dataplane/contact.h"

// Only the first hop knows the phone's flow (RFC 5626 §5.1): nobody else is in Via.
static bool is_first_hop(const struct packet *p)
{
	struct value_iter it = p->vias;

	return !value_iter_next(&it);
}

const struct addr *flow_of_sender(struct packet *p)
{
	const struct uri *u = is_first_hop(p) ? contact_first(p) : NULL;

	if (u == NULL)
		return NULL;
	if ((u->params.len > 0 && uri_param(u, STR("ob"), NULL)) ||
	        (addr_is_private(&u->addr) && !addr_is_private(&p->src)))
		return &p->src;
	return NULL;
}
