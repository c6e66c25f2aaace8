// The proxy engine: read proxy.c first. The six stages, one signature each.
#pragma once

#include "dataplane/worker.h"

unsigned proxy_turn(struct worker *w);

// Source of a burst: rx from (port, this worker's queue), or from the inject ring when port is
// RX_INJECT, or of RX_STEERED + the number of the ring of a worker that hands over (steer.h).
enum { RX_STEERED = 0x80, RX_INJECT = 0xff };
// (Never inlined: profiles name them, tests/bench/instructions counts by them.)
#define STAGE __attribute__((noinline))
STAGE void rx(struct worker *w, struct burst *b, uint8_t port);

// The part of policy that needs no SIP: what it drops is never parsed.
void policy_source(struct worker *w, struct burst *b);
STAGE void parse(struct worker *w, struct burst *b);
STAGE void policy(struct worker *w, struct burst *b);
STAGE void route(struct worker *w, struct burst *b);
STAGE void rewrite(struct worker *w, struct burst *b);
STAGE void tx(struct worker *w, struct burst *b);

// What became of the settled ones: SIP replies (and STUN answers), messages for control.
void reply(struct worker *w, struct burst *b);
void punt(struct worker *w, struct burst *b);
// Before reply(): REGISTERs for the registrar. What can't be handed over becomes REGISTRAR_BUSY.
void punt_register(struct worker *w, struct burst *b);

// The one-packet twins that need no EAL: fuzzers and tests call them too. They set p->verdict (by
// packet_settle) or leave it NONE.
void policy_source_one(struct worker *w, struct packet *p);
void parse_one(struct worker *w, struct packet *p);
void policy_one(struct worker *w, struct packet *p);
void route_one(struct worker *w, struct packet *p);
void rewrite_one(struct worker *w, struct packet *p); // fills p->edits
// Writes the reply to a refused request (status and reason of the verdict's row, RFC 3261 §8.2.6)
// into out; length, or 0 when none may be sent (ACK, response, no Via ...). An unusable Via is
// given back as it came.
size_t reply_write(struct worker *w, const struct packet *p, char *out, size_t room);

// Sends p->out's payload from leg_out's address to p->target and settles p as `v`: looks up the
// next hop (into p->hop), puts Ethernet, IP and UDP headers before the payload (fragments when it
// is larger than the link's MTU) and queues it. Settles as RESOLVING (p->out kept for punt),
// NO_NEXTHOP, BAD_TARGET, PORT_DOWN, NO_BUFFER or, in tx_flush, TX_FULL where it could not be sent.
// For reply(): tx() itself goes by the hop that route() found.
void tx_datagram(struct worker *w, struct packet *p, enum verdict v);
// Puts the frames that the kernel twins sent (worker 0 only) on their ports' queues.
unsigned tx_from_kernel(struct worker *w);
// Hands the queued frames to the ports; what they don't take becomes TX_FULL.
void tx_flush(struct worker *w);
