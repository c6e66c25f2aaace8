// A message on its way through the six stages, and the burst it travels in. Lives one burst.
// Each stage's first comment names the fields it reads and fills; nothing outside the stages writes
// them.
#pragma once

#include <rte_mbuf.h>

#include "dataplane/sip/cseq.h"
#include "dataplane/sip/edit.h"
#include "dataplane/sip/message.h"
#include "dataplane/sip/nameaddr.h"
#include "dataplane/sip/via.h"
#include "dataplane/table/group.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/location.h"
#include "dataplane/table/nexthop.h"
#include "dataplane/table/verdict.h"

enum { BURST = 32 };

struct home;

struct packet {
	enum verdict verdict; // NONE while it is under way
	enum way way;         // set when it is settled

	// rx
	struct rte_mbuf *mbuf; // the frame received (or made of an injected message); freed at the
	                       // burst's end
	struct str bytes;      // UDP payload, contiguous
	struct addr src, dst;  // of the UDP datagram
	const struct leg *leg_in;
	uint8_t port;
	uint16_t vlan;
	uint16_t frame_len; // as received, for the byte counters
	uint64_t rx_tsc;
	bool injected; // came from control, goes straight to tx
	bool exempt;   // (policy_source) no limit counts it

	// parse (what a faulty message lacks stays empty; reply() needs what is there)
	struct message message;
	enum message_fault fault;
	struct via via;         // topmost; via.all.p == NULL when unusable
	struct value_iter vias; // stands behind it
	struct cseq cseq;
	struct nameaddr to;
	struct nameaddr contact; // first Contact, where it may be hidden
	struct str call_id, from_tag, to_tag;
	struct uri uri;    // Request-URI
	int max_forwards;  // -1 = no such field
	int max_breadth;   // -1 = no such field, or the leg does not look at it
	uint16_t n_routes; // values of Route, all well-formed
	bool understood;   // start line, Via, From, To, Call-ID and CSeq are all usable

	// policy
	struct str realm;    // it has to authenticate for; STR_NONE = it need not
	struct str username; // who did, of that realm; STR_NONE = nobody

	// route
	struct addr target; // where it goes: address and port
	enum transport transport;
	const struct leg *leg_out;
	uint16_t routes_popped; // own Route values taken off the top
	bool last_route_taken;  // the last Route value became the Request-URI (strict router before
	                        // us)
	bool strict_route;     // next hop is a strict router: Request-URI moves to the end of Route
	struct str next_uri;   // Request-URI to write; STR_NONE = as received
	uint16_t reply_status; // when not 0: instead of the verdict's own (domain ... reject N)
	bool in_dialog;        // the way was proved by a token of ours
	bool flow_out;         // target is a phone's flow: the dialog has to stay on it
	bool next_oc;          // a response's next Via says something of overload control
	bool finding;          // asks for bindings: route() looks them up for the whole burst
	struct location_key aor; // of whom
	const struct home *home; // of the domain of that AoR
	struct str next_route;   // Route values to put before the ones that are left
	struct nexthop hop; // mac all zero = not resolved yet: tx hands the datagram to control

	// rewrite
	uint64_t request_hash; // of what decides its way (seal_request)
	uint64_t branch_hash;  // transaction part of our branch
	enum { CONTACT_UNREAD, CONTACT_NONE, CONTACT_URI } contact_state; // contact_first()
	struct uri contact_uri;
	enum { TO_UNREAD, TO_NONE, TO_URI } to_state; // packet_to_uri()
	struct edit_list edits;
	struct rte_mbuf
	        *out;      // the datagram to send: UDP payload only until tx puts headers before it
	struct uri to_uri; // (not cleared: to_state says whether it is one)
};

// Empties what the stages after rx fill (the index of the message and the edits' room aside: they
// have counts).
static inline void packet_clear(struct packet *p)
{
	memset(&p->fault, 0, offsetof(struct packet, edits) - offsetof(struct packet, fault));
	edit_start(&p->edits);
	p->out = NULL;
}

struct burst {
	uint16_t n;         // packets under way
	uint16_t n_settled; // packets with a verdict, waiting for reply, punt and the count
	struct packet *live[BURST];
	struct packet *settled[BURST];
	struct packet slot[BURST];
};

// Gives a packet its verdict: the stage goes on with the next one, burst_settle() moves it aside.
static inline void packet_settle(struct packet *p, enum verdict v)
{
	p->verdict = v;
	p->way = (enum way)verdict_row[v].way;
}

// The same with the row's verdict, but silence: no reply is (or may be) sent.
static inline void packet_drop(struct packet *p, enum verdict v)
{
	p->verdict = v;
	p->way = WAY_DROPPED;
}

// To's URI, taken apart once for all who ask (policy and route, of a REGISTER). NULL = it is none.
const struct uri *packet_to_uri(struct packet *p);

// Moves packets that have a verdict from live[] to settled[], order kept in both.
void burst_settle(struct burst *b);
