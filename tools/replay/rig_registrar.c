// What control does with what workers hand up, by the real registrar.
#include <stdlib.h>

#include "tools/replay/rig_bindings.h"
#include "tools/replay/rig_inner.h"

struct rig_registrar {
	struct rig_bindings *bindings;
	char answer[65000];
};

struct rig_registrar *rig_registrar_create(struct rig *r, struct error *e)
{
	struct rig_registrar *g = calloc(1, sizeof(*g));

	g->bindings = rig_bindings_create(rig_config(r), e);
	if (g->bindings != NULL) {
		r->dp.location = r->dp.worker[0]->location = rig_bindings_table(g->bindings);
		return g;
	}
	free(g);
	return NULL;
}

void rig_registrar_destroy(struct rig_registrar *g)
{
	if (g == NULL)
		return;
	rig_bindings_destroy(g->bindings);
	free(g);
}

bool rig_later(struct rig *r, unsigned seconds)
{
	if (r->registrar != NULL)
		rig_bindings_later(r->registrar->bindings, seconds);
	return r->registrar != NULL;
}

bool rig_loading(struct rig *r, bool loading)
{
	if (r->registrar != NULL)
		rig_bindings_loading(r->registrar->bindings, loading);
	return r->registrar != NULL;
}

bool rig_legless(struct rig *r)
{
	if (r->registrar != NULL)
		rig_bindings_legless(r->registrar->bindings);
	return r->registrar != NULL;
}

static bool give_back(struct rig *r, const struct ring_message *head, const char *bytes)
{
	struct ring inject;
	struct ring_message *room;

	if (!ring_attach(&inject, r->area->inject, ROOT_INJECT_BYTES))
		return false;
	room = ring_reserve(&inject, (uint32_t)sizeof(*head) + head->len);
	if (room == NULL)
		return false;
	*room = *head;
	memcpy(room->bytes, bytes, head->len);
	ring_publish(&inject, (uint32_t)sizeof(*head) + head->len);
	return true;
}

static bool take_register(struct rig *r, const struct ring_message *m)
{
	struct ring_message answer = {.leg = m->leg, .ask = RING_SEND};
	struct rig_registrar *g = r->registrar;

	if (g == NULL)
		return false;
	answer.len = (uint32_t)registrar_take(rig_bindings_registrar(g->bindings), m,
	        (struct str){m->bytes, m->len}, g->answer, sizeof(g->answer), &answer.dst);
	return answer.len > 0 && give_back(r, &answer, g->answer);
}

static void take_resolve(struct rig *r, const struct ring_message *m, struct rig_result *out)
{
	const struct leg *l = leg_by_id(rig_config(r), m->leg);

	if (l == NULL || m->len > sizeof(out->bytes))
		return;
	memcpy(out->leg, l->name, sizeof(out->leg));
	out->to = m->dst;
	out->len = m->len;
	memcpy(out->bytes, m->bytes, m->len);
}

static void take_events(struct rig *r)
{
	const struct ring_event *event;
	struct ring ring;
	uint32_t len;

	if (!ring_attach(&ring, r->area->event, ROOT_EVENT_BYTES))
		return;
	while ((event = ring_peek(&ring, &len, NULL)) != NULL) {
		if (event->kind == EVENT_REFRESHED && r->registrar != NULL)
			registrar_refreshed(rig_bindings_registrar(r->registrar->bindings), event);
		ring_pop(&ring);
	}
}

bool rig_control_turn(struct rig *r, struct rig_result *out)
{
	const struct ring_message *m;
	struct ring punt;
	bool back = false;
	uint32_t len;

	take_events(r);
	if (!ring_attach(&punt, r->area->punt, ROOT_PUNT_BYTES))
		return false;
	while ((m = ring_peek(&punt, &len, NULL)) != NULL) {
		if (m->ask == RING_REGISTER)
			back |= take_register(r, m);
		else if (m->ask == RING_RESOLVE)
			take_resolve(r, m, out);
		ring_pop(&punt);
	}
	return back;
}
