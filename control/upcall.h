// What workers send up: messages whose next hop has no link address yet (held until it has one,
// then sent back down to the same worker), and events. Polled: a worker makes no system call to
// wake us.
#pragma once

#include "control/areas.h"
#include "control/mirror.h"

enum { UPCALL_HELD_MAX = 1024, UPCALL_HOLD_MS = 1000 };

struct upcall_counters {
	uint64_t taken;   // messages from workers
	uint64_t sent;    // given back, link address known
	uint64_t timeout; // link address not learned in time
	uint64_t full;    // too many held, or the worker's inject ring full
	uint64_t bad;     // records that made no sense
	uint64_t wanted;  // events: neighbour wanted
};

struct upcall;

struct upcall *upcall_create(
        struct event_base *base, struct areas *areas, struct mirror *mirror, struct error *e);
void upcall_destroy(struct upcall *p);
// Who takes REGISTERs (`head` is a copy, `bytes` lie on the ring: read once) and refreshes.
struct upcall_registrar {
	void (*message)(
	        void *arg, unsigned worker, const struct ring_message *head, const char *bytes);
	void (*refreshed)(void *arg, const struct ring_event *event);
	void *arg;
};
void upcall_registrar(struct upcall *p, struct upcall_registrar to);
// Sends a message of head->len bytes to head->dst by leg head->leg, through that worker. False when
// its ring is full.
bool upcall_send(
        struct upcall *p, unsigned worker, const struct ring_message *head, const char *bytes);
// The same through any worker: `turn` picks it.
bool upcall_send_any(
        struct upcall *p, unsigned turn, const struct ring_message *head, const char *bytes);
// The second (boot clock) something last came from that address; 0 = not known.
uint32_t upcall_seen(const struct upcall *p, const struct addr *from);
// New next hops are in use: what waited for them goes.
void upcall_settled(struct upcall *p);
const struct upcall_counters *upcall_counters(const struct upcall *p);
unsigned upcall_held(const struct upcall *p);
