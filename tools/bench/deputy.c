// A thread that wakes up each 100 ms for the heartbeats; a process, with a weight of its own like
// spryd's, that looks at the rings each 200 us.
#include "tools/bench/deputy.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control/registrar.h"
#include "dataplane/base/now.h"
#include "dataplane/sip/scan.h"

enum { DEPUTY_DEVICES = 4, DEPUTY_BEAT_US = 100000, DEPUTY_DRAIN_US = 200, DEPUTY_ANSWER = 65000 };

struct deputy_rings {
	struct ring punt, event, inject;
};

struct deputy {
	pthread_t thread;
	_Atomic bool stop;
	struct device *device[DEPUTY_DEVICES];
	unsigned n;
	pid_t server; // 0 = none
	// the server's
	unsigned n_rings;
	struct deputy_rings rings[ROOT_WORKERS_MAX];
	struct event_base *loop; // never runs: no binding is swept while we measure
	struct publish publish;  // only the configuration's view
	void *config;            // its image
	struct registrar *registrar;
	char answer[DEPUTY_ANSWER];
};

static void give_back(struct deputy_rings *r, const struct ring_message *head, const char *bytes)
{
	const uint32_t len = (uint32_t)sizeof(*head) + head->len;
	struct ring_message *room = ring_reserve(&r->inject, len);

	if (room == NULL)
		return;
	*room = *head;
	memcpy(room->bytes, bytes, head->len);
	ring_publish(&r->inject, len);
}

static void take_register(struct deputy *p, struct deputy_rings *r, const struct ring_message *m)
{
	struct ring_message answer = {.leg = m->leg, .ask = RING_SEND};

	answer.len = (uint32_t)registrar_take(p->registrar, m, (struct str){m->bytes, m->len},
	        p->answer, sizeof(p->answer), &answer.dst);
	if (answer.len > 0)
		give_back(r, &answer, p->answer);
}

static void drain(struct deputy *p, struct deputy_rings *r)
{
	const struct ring_message *m;
	uint32_t len;

	while (ring_peek(&r->event, &len, NULL) != NULL)
		ring_pop(&r->event);
	while ((m = ring_peek(&r->punt, &len, NULL)) != NULL) {
		if (m->ask == RING_REGISTER && p->registrar != NULL && len >= sizeof(*m) &&
		        m->len <= len - sizeof(*m))
			take_register(p, r, m);
		ring_pop(&r->punt);
	}
}

static void *run(void *arg)
{
	const struct timespec nap = {.tv_nsec = DEPUTY_BEAT_US * 1000L};
	struct deputy *p = arg;

	while (!atomic_load(&p->stop)) {
		const uint64_t now = now_ns();

		for (unsigned i = 0; i < p->n; i++)
			atomic_store(&p->device[i]->region.root->control_beat_ns, now);
		nanosleep(&nap, NULL);
	}
	return NULL;
}

static void serve(struct deputy *p, pid_t parent)
{
	const struct timespec nap = {.tv_nsec = DEPUTY_DRAIN_US * 1000L};

	device_child(parent);
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	for (;;) {
		for (unsigned i = 0; i < p->n_rings; i++)
			drain(p, &p->rings[i]);
		nanosleep(&nap, NULL);
	}
}

struct deputy *deputy_start(struct device *const *devices, unsigned n, struct error *e)
{
	struct deputy *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	for (; p->n < n && p->n < DEPUTY_DEVICES; p->n++)
		p->device[p->n] = devices[p->n];
	if (pthread_create(&p->thread, NULL, run, p) == 0)
		return p;
	free(p);
	error_set(e, "no thread can be had");
	return NULL;
}

static int make_registrar(struct deputy *p, struct device *d, struct error *e)
{
	size_t len;

	p->config = region_read_generation(&d->region, ROOT_CONFIG, d->generation, &len, e);
	if (p->config == NULL)
		return -1;
	p->publish.chain[ROOT_CONFIG].image = p->config;
	p->loop = event_base_new();
	if (p->loop == NULL || table_open(&p->publish.chain[ROOT_CONFIG].view, p->config, len,
	                               ROOT_CONFIG, e) != 0)
		return -1;
	p->registrar = registrar_create(p->loop, d->location, d->region.root, &p->publish, NULL, e);
	return p->registrar != NULL ? 0 : -1;
}

int deputy_serve(struct deputy *p, struct device *d, struct error *e)
{
	if (scan_init() == NULL)
		return error_set(e, "SPRY_SCAN names no scanner that runs on this CPU");
	if (d->location != NULL && make_registrar(p, d, e) != 0)
		return -1;
	for (unsigned i = 0; i < ROOT_WORKERS_MAX && d->area[i] != NULL; i++) {
		struct deputy_rings *r = &p->rings[i];

		if (!ring_attach(&r->punt, d->area[i]->punt, ROOT_PUNT_BYTES) ||
		        !ring_attach(&r->event, d->area[i]->event, ROOT_EVENT_BYTES) ||
		        !ring_attach(&r->inject, d->area[i]->inject, ROOT_INJECT_BYTES))
			return error_set(e, "%s: its rings are damaged", d->name);
		p->n_rings = i + 1;
	}
	const pid_t parent = getpid();
	p->server = fork();
	if (p->server == 0)
		serve(p, parent);
	if (p->server > 0)
		return 0;
	p->server = 0;
	return error_set(e, "no process can be had for the registrar");
}

void deputy_stop(struct deputy *p)
{
	if (p == NULL)
		return;
	if (p->server > 0) {
		kill(p->server, SIGKILL);
		waitpid(p->server, NULL, 0);
	}
	atomic_store(&p->stop, true);
	pthread_join(p->thread, NULL);
	registrar_destroy(p->registrar);
	if (p->loop != NULL)
		event_base_free(p->loop);
	free(p->config);
	free(p);
}
