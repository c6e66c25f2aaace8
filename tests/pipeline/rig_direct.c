// The stages one message at a time, without EAL and ports: what the fuzz target uses.
#include "tools/replay/rig.h"

#include <stdlib.h>

#include "dataplane/base/now.h"
#include "dataplane/dataplane.h"
#include "dataplane/generation.h"
#include "dataplane/policy_auth.h"
#include "dataplane/proxy.h"
#include "dataplane/reply.h"
#include "tools/replay/rig_bindings.h"
#include "tools/replay/rig_tables.h"

struct rig {
	struct worker worker;
	struct dataplane dp; // of that one worker
	struct packet packet;
	struct generation *tables[ROOT_CHAINS];
	struct rig_bindings *registrar; // NULL = nobody can register
	struct ring event;
	_Alignas(64) uint8_t event_memory[sizeof(struct ring_memory) + 4096];
};

struct rig *rig_create(struct str text, const char *name, struct error *e)
{
	struct rig *r = aligned_alloc(64, (sizeof(*r) + 63) & ~(size_t)63);

	memset(r, 0, sizeof(*r));
	if (!rig_tables(text, name, r->tables, e)) {
		free(r);
		return NULL;
	}
	r->worker.dataplane = &r->dp;
	r->dp.worker[r->dp.n_workers++] = &r->worker;
	r->worker.config = r->tables[ROOT_CONFIG];
	r->worker.nexthop = r->tables[ROOT_NEXTHOP];
	r->worker.users = r->tables[ROOT_USERS];
	r->worker.auth = auth_state_create(1);
	r->worker.tokens = r->tables[ROOT_CONFIG]->tokens[0];
	r->worker.control_lives = true;
	r->worker.now_s = now_boot_s();
	r->worker.event = &r->event;
	ring_init(r->event_memory, 4096);
	ring_attach(&r->event, r->event_memory, 4096);
	r->registrar = rig_bindings_create(&r->tables[ROOT_CONFIG]->view, e);
	r->worker.location = rig_bindings_table(r->registrar);
	if (e->text[0] == '\0')
		return r;
	rig_destroy(r);
	return NULL;
}

void rig_destroy(struct rig *r)
{
	rig_bindings_destroy(r->registrar);
	auth_state_destroy(r->worker.auth);
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		generation_destroy(r->tables[chain], 1);
	free(r);
}

// What spryd does with a REGISTER.
static void take_register(struct rig *r, struct rig_result *out)
{
	struct packet *p = &r->packet;
	struct ring_message head = {.leg = p->leg_in->id, .src = p->src};

	p->leg_out = p->leg_in;
	out->len = registrar_take(rig_bindings_registrar(r->registrar), &head, p->bytes, out->bytes,
	        sizeof(out->bytes), &p->target);
}

// Nobody needs the events here.
static void forget_events(struct rig *r)
{
	uint32_t len;

	while (ring_peek(&r->event, &len, NULL) != NULL)
		ring_pop(&r->event);
}

static void take_through(struct rig *r, struct rig_result *out)
{
	static void (*const stage[])(struct worker *, struct packet *) = {
	        policy_source_one, parse_one, policy_one, route_one, rewrite_one};
	struct packet *p = &r->packet;

	for (unsigned i = 0; i < 5 && p->verdict == VERDICT_NONE; i++)
		stage[i](&r->worker, p);
	if (p->verdict == VERDICT_NONE) {
		out->len = edit_apply(&p->edits, p->message.bytes, out->bytes, sizeof(out->bytes));
		packet_settle(p, VERDICT_FORWARDED);
	} else if (p->verdict == VERDICT_REGISTER && r->registrar != NULL) {
		take_register(r, out);
	} else if (p->way == WAY_REPLIED) {
		p->leg_out = p->leg_in;
		out->len = reply_write(&r->worker, p, out->bytes, sizeof(out->bytes));
		if (out->len == 0 || !reply_target(p)) {
			out->len = 0;
			p->way = WAY_DROPPED;
		}
	}
}

bool rig_send(struct rig *r, struct str leg, const struct addr *from, struct str bytes,
        struct rig_result *out)
{
	struct packet *p = &r->packet;
	const struct leg *l = leg_by_id(&r->tables[ROOT_CONFIG]->view, leg_id(leg));

	memset(out, 0, offsetof(struct rig_result, bytes));
	if (l == NULL)
		return false;
	memset(p, 0, offsetof(struct packet, message));
	p->bytes = bytes;
	p->src = *from;
	p->dst = l->local;
	p->leg_in = l;
	p->port = l->port;
	p->vlan = l->vlan;
	take_through(r, out);
	forget_events(r);
	out->verdict = verdict_row[p->verdict].name;
	out->way = way_name[p->way];
	if (out->len > 0) {
		out->to = p->target;
		memcpy(out->leg, p->leg_out->name, sizeof(out->leg));
	}
	return true;
}
