// What workers send up: see upcall.h.
#include "control/upcall.h"

#include <stdlib.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

enum {
	POLL_BUSY_US = 1000,
	POLL_IDLE_US = 10000,
	IDLE_AFTER = 200, // empty polls until we poll less often
	DRAIN_MAX = 256,  // records a ring and poll: the loop has other work too
	EVENTS_PER_POLL = 512,
};

struct held {
	struct ring_message *message; // copy, with its bytes; NULL = free
	unsigned worker;
	uint64_t until_ns;
};

struct upcall {
	struct areas *areas;
	uint64_t attached; // areas->mapped of the rings below
	struct mirror *mirror;
	struct event *timer;
	unsigned idle;
	struct ring punt[ROOT_WORKERS_MAX], inject[ROOT_WORKERS_MAX], event[ROOT_WORKERS_MAX];
	struct held held[UPCALL_HELD_MAX];
	unsigned n_held;
	struct upcall_registrar registrar;
	struct upcall_counters counters;
	uint64_t busy; // REGISTERs that workers could not hand up, as far as we know
	struct log_limit busy_log;
};

static void release(struct upcall *p, struct held *h)
{
	free(h->message);
	*h = (struct held){0};
	p->n_held--;
}

static uint64_t busy_sum(const struct upcall *p)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < p->areas->n; i++)
		sum += p->areas->area[i]->stats.way[WAY_REPLIED][VERDICT_REGISTRAR_BUSY];
	return sum;
}

// Takes up the rings of the areas as they are mapped now. Whoever shows counters may have mapped
// them before us.
static void attach(struct upcall *p)
{
	if (p->attached == p->areas->mapped)
		return;
	p->attached = p->areas->mapped;
	p->busy = busy_sum(p); // the counters outlive us, and begin anew with spry-dp
	for (unsigned i = 0; i < p->areas->n; i++) {
		struct root_worker_area *a = p->areas->area[i];

		if (!ring_attach(&p->punt[i], a->punt, ROOT_PUNT_BYTES) ||
		        !ring_attach(&p->inject[i], a->inject, ROOT_INJECT_BYTES) ||
		        !ring_attach(&p->event[i], a->event, ROOT_EVENT_BYTES))
			log_error("worker %u: its rings are damaged, nothing is taken from it", i);
	}
}

bool upcall_send(
        struct upcall *p, unsigned worker, const struct ring_message *head, const char *bytes)
{
	size_t len = sizeof(*head) + head->len;
	struct ring_message *room = NULL;

	attach(p);
	if (worker < p->areas->n)
		room = ring_reserve(&p->inject[worker], (uint32_t)len);
	if (room == NULL) {
		p->counters.full++;
		return false;
	}
	memcpy(room, head, sizeof(*head));
	memcpy(room->bytes, bytes, head->len);
	room->ask = RING_SEND;
	ring_publish(&p->inject[worker], (uint32_t)len);
	return true;
}

bool upcall_send_any(
        struct upcall *p, unsigned turn, const struct ring_message *head, const char *bytes)
{
	return p->areas->n > 0 && upcall_send(p, turn % p->areas->n, head, bytes);
}

uint32_t upcall_seen(const struct upcall *p, const struct addr *from)
{
	uint32_t last = 0;

	for (unsigned i = 0; i < p->areas->n; i++) {
		const uint32_t at = heard_at(&p->areas->area[i]->heard, from);

		last = at > last ? at : last;
	}
	return last;
}

static void hold(struct upcall *p, unsigned worker, const struct ring_message *m, size_t len)
{
	struct held *h = NULL;

	for (unsigned i = 0; i < UPCALL_HELD_MAX && h == NULL; i++)
		if (p->held[i].message == NULL)
			h = &p->held[i];
	if (h != NULL)
		h->message = malloc(len);
	if (h == NULL || h->message == NULL) {
		p->counters.full++;
		return;
	}
	memcpy(h->message, m, len);
	h->worker = worker;
	h->until_ns = now_ns() + UPCALL_HOLD_MS * 1000000ull;
	p->n_held++;
}

// `len` was read once: the ring belongs to the worker.
static void take_message(struct upcall *p, unsigned worker, const void *record, uint32_t len)
{
	struct ring_message m;

	if (len < sizeof(m)) {
		p->counters.bad++;
		return;
	}
	memcpy(&m, record, sizeof(m));
	if (m.len != len - sizeof(m)) {
		p->counters.bad++;
		return;
	}
	if (m.ask == RING_REGISTER && p->registrar.message != NULL) {
		p->registrar.message(p->registrar.arg, worker, &m,
		        (const char *)record + offsetof(struct ring_message, bytes));
		return;
	}
	if (m.ask != RING_RESOLVE) {
		p->counters.bad++;
		return;
	}
	p->counters.taken++;
	mirror_want(p->mirror, m.port, m.vlan, &m.via);
	hold(p, worker, record, len);
}

static unsigned drain_punt(struct upcall *p, unsigned worker)
{
	const void *record;
	uint32_t len;
	unsigned n = 0;

	while (n < DRAIN_MAX &&
	        (record = ring_peek(&p->punt[worker], &len, &p->counters.bad)) != NULL) {
		take_message(p, worker, record, len);
		ring_pop(&p->punt[worker]);
		n++;
	}
	return n;
}

static void take_event(struct upcall *p, const struct ring_event *event)
{
	if (event->kind == EVENT_NEIGHBOUR_WANTED) {
		p->counters.wanted++;
		mirror_want(p->mirror, event->port, event->vlan, &event->addr);
	} else if (event->kind == EVENT_REFRESHED && p->registrar.refreshed != NULL) {
		p->registrar.refreshed(p->registrar.arg, event);
	}
}

static unsigned drain_events(struct upcall *p, unsigned worker)
{
	const void *record;
	struct ring_event event;
	uint32_t len;
	unsigned n = 0;

	while (n < EVENTS_PER_POLL &&
	        (record = ring_peek(&p->event[worker], &len, &p->counters.bad)) != NULL) {
		if (len == sizeof(event)) {
			memcpy(&event, record, sizeof(event));
			take_event(p, &event);
		} else {
			p->counters.bad++;
		}
		ring_pop(&p->event[worker]);
		n++;
	}
	return n;
}

// Workers that find the ring full, or us silent, answer 503 by themselves; who operates them is to
// know.
static void watch_busy(struct upcall *p)
{
	const uint64_t sum = busy_sum(p);

	if (sum <= p->busy || !log_limit_pass(&p->busy_log, now_ns()))
		return;
	log_warning("%llu REGISTERs were answered 503 by workers: spryd was away or too slow",
	        (unsigned long long)(sum - p->busy));
	p->busy = sum;
}

static void release_due(struct upcall *p, bool settled)
{
	uint64_t now = now_ns();

	for (unsigned i = 0; i < UPCALL_HELD_MAX && p->n_held > 0; i++) {
		struct held *h = &p->held[i];

		if (h->message == NULL)
			continue;
		if (settled && mirror_resolved(p->mirror, &h->message->via)) {
			p->counters.sent +=
			        upcall_send(p, h->worker, h->message, h->message->bytes);
			release(p, h);
		} else if (now > h->until_ns) {
			p->counters.timeout++;
			release(p, h);
		}
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct upcall *p = arg;
	struct timeval next = {0, POLL_BUSY_US};
	unsigned n = 0, messages = 0;

	(void)fd, (void)what;
	areas_refresh(p->areas);
	attach(p);
	for (unsigned i = 0; i < p->areas->n; i++) {
		messages += drain_punt(p, i);
		n += drain_events(p, i);
	}
	watch_busy(p);
	if (p->n_held > 0)
		release_due(p, messages > 0); // the address may be known by now
	p->idle = n + messages > 0 || p->n_held > 0 ? 0 : p->idle + 1;
	if (p->idle > IDLE_AFTER)
		next.tv_usec = POLL_IDLE_US;
	evtimer_add(p->timer, &next);
}

void upcall_registrar(struct upcall *p, struct upcall_registrar to)
{
	p->registrar = to;
}

void upcall_settled(struct upcall *p)
{
	release_due(p, true);
}

const struct upcall_counters *upcall_counters(const struct upcall *p)
{
	return &p->counters;
}

unsigned upcall_held(const struct upcall *p)
{
	return p->n_held;
}

struct upcall *upcall_create(
        struct event_base *base, struct areas *areas, struct mirror *mirror, struct error *e)
{
	struct upcall *p = calloc(1, sizeof(*p));
	struct timeval soon = {0, POLL_BUSY_US};

	if (p != NULL) {
		p->areas = areas;
		p->mirror = mirror;
		p->busy_log = (struct log_limit){.per_second = 1, .burst = 3};
		p->timer = evtimer_new(base, on_timer, p);
	}
	if (p == NULL || p->timer == NULL || evtimer_add(p->timer, &soon) != 0) {
		upcall_destroy(p);
		error_set(e, "out of memory");
		return NULL;
	}
	return p;
}

void upcall_destroy(struct upcall *p)
{
	if (p == NULL)
		return;
	if (p->timer != NULL)
		event_free(p->timer);
	for (unsigned i = 0; i < UPCALL_HELD_MAX; i++)
		free(p->held[i].message);
	free(p);
}
