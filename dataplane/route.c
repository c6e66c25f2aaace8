// Route: where the message goes. Reads what parse and policy filled; fills target, transport,
// leg_out, hop, and for requests routes_popped, last_route_taken, strict_route, next_uri,
// in_dialog. Never resolves names, never changes the message.
#include "dataplane/proxy.h"

#include "dataplane/route.h"

static void route_by_message(struct worker *w, struct packet *p)
{
	enum verdict v = p->message.is_request ? route_request(w, p) : route_response(w, p);

	if (v != VERDICT_NONE)
		packet_settle(p, v);
}

static void route_by_binding(struct worker *w, struct packet *p)
{
	enum verdict v;

	if (p->verdict != VERDICT_NONE || !p->finding)
		return;
	v = route_binding_find(w, p);
	if (v != VERDICT_NONE)
		packet_settle(p, v);
}

void route_one(struct worker *w, struct packet *p)
{
	route_by_message(w, p);
	route_by_binding(w, p);
}

// Bindings of the whole burst are fetched together: each is two misses of the cache otherwise.
void route(struct worker *w, struct burst *b)
{
	struct location_key keys[BURST];
	unsigned n = 0;

	for (uint16_t i = 0; i < b->n; i++) {
		struct packet *p = b->live[i];

		route_by_message(w, p);
		if (p->verdict == VERDICT_NONE && p->finding)
			keys[n++] = p->aor;
	}
	if (n > 0)
		location_prefetch(w->location, keys, n);
	for (uint16_t i = 0; i < b->n && n > 0; i++)
		route_by_binding(w, b->live[i]);
	burst_settle(b);
}
