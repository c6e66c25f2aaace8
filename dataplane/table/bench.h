// What spry-bench asks of the generator (spry-dp with `worker engine` uac, uas or generator) and
// what the generator measured: DIR/bench in the generator's region, a file of shared memory like
// the others there.
//
// The two sides: the caller sends requests out of its port to the proxy, the callee gets them from
// the proxy at its port. Engine `uac` is the caller alone, `uas` the callee alone, `generator` both
// in every worker (one core is enough then).
//
// To order: write `order`, then bench_order_give(). Each worker takes it at its next turn and says
// so in its stats (`acknowledged`): until all have, the order must not be written again. Reading
// stats: one writer each, plain 64-bit words, read them with bench_stats_read() at any time; the
// sums agree to the message only after `order.run` is 0 and what was under way came or timed out
// (`in_flight` is 0).
#pragma once

#include <stdatomic.h>

#include "dataplane/base/addr.h"
#include "dataplane/base/error.h"
#include "dataplane/base/histogram.h"

#define BENCH_MAGIC "SPRYBNCH"
enum {
	BENCH_LAYOUT = 1,
	BENCH_WORKERS_MAX = 8,
	BENCH_SIZE_MIN = 300, // of a message
	BENCH_SIZE_MAX = 1400,
	BENCH_USER_DIGITS = 7,
	BENCH_USERS_MAX = 10000000,
	BENCH_SAMPLE_MAX = 2048,
};

// What can be sent; a mix has a weight for each.
#define bench_kind_rows(X)                                                                   \
	X(INVITE, "invite", "INVITEs one way: the callee checks and counts them")            \
	X(DIALOG, "dialog", "whole calls: INVITE, 180, 200, ACK, BYE, 200")                  \
	X(OPTIONS, "options", "OPTIONS, answered 200")                                       \
	X(REGISTER, "register", "REGISTERs of one Contact per user, with digest when asked") \
	X(MESSAGE, "message", "MESSAGEs, answered 200")                                      \
	X(RESPONSE, "response", "200s from the callee one way, by the Vias of one INVITE")   \
	X(JUNK, "junk", "bytes that are not SIP, from an address 64 off, never seen again")

enum bench_kind {
#define X(id, name, text) BENCH_##id,
	bench_kind_rows(X)
#undef X
	        BENCH_KINDS,
};

// What can be wrong with a message that came back.
#define bench_fault_rows(X)                                                                  \
	X(FRAME, "frame", "Ethernet, IP or UDP header, lengths, IP checksum")                \
	X(CHECKSUM, "udp-checksum", "UDP checksum")                                          \
	X(ADDRESS, "address", "not from the proxy's address, or not to ours")                \
	X(NOT_SIP, "not-sip", "start line or lines")                                         \
	X(MARK, "mark", "our mark, in the branch of our Via, is altered or gone")            \
	X(METHOD, "method", "another method than was sent, or not SIP/2.0")                  \
	X(REQUEST_URI, "request-uri", "Request-URI not as it should be")                     \
	X(VIA_COUNT, "via-count", "not as many Vias as there should be")                     \
	X(VIA_TOP, "via-top", "topmost Via: not the proxy's (request), not ours (response)") \
	X(VIA_OURS, "via-ours", "our Via was altered other than by received and rport")      \
	X(RECEIVED, "received", "received or rport do not say where we sent from")           \
	X(MAX_FORWARDS, "max-forwards", "not lower by the hops there are")                   \
	X(RECORD_ROUTE, "record-route", "missing, too many, or not a route to the proxy")    \
	X(ROUTE, "route", "a Route is left that was the proxy's")                            \
	X(CONTACT, "contact", "altered, or not hidden where it should be")                   \
	X(FROM, "from", "From altered")                                                      \
	X(TO, "to", "To altered")                                                            \
	X(CALL_ID, "call-id", "Call-ID altered")                                             \
	X(CSEQ, "cseq", "CSeq altered")                                                      \
	X(LENGTH, "content-length", "Content-Length is not the body's length")               \
	X(HEADER, "header", "another field was altered, moved, lost or added")               \
	X(BODY, "body", "body altered")

enum bench_fault {
#define X(id, name, text) BENCH_BAD_##id,
	bench_fault_rows(X)
#undef X
	        BENCH_FAULTS,
};

#define bench_count_rows(X)                                                                    \
	X(SENT, "sent", "messages handed to the port, all kinds")                              \
	X(RECEIVED, "received", "SIP messages of ours that came back, both sides")             \
	X(MATCHED, "matched", "messages that arrived (one way) or were answered, once each")   \
	X(LOST, "lost", "not arrived or answered in time")                                     \
	X(LATE, "late", "came after they were counted lost")                                   \
	X(DUPLICATE, "duplicate", "came a second time")                                        \
	X(REORDERED, "reordered", "came after a later message of the same Call-ID")            \
	X(CORRUPT, "corrupt", "came with a fault (by reason: fault[])")                        \
	X(UNEXPECTED, "unexpected", "answers with another status than was to be expected")     \
	X(FOREIGN, "foreign", "came to another worker than the one that sent them")            \
	X(STRAY, "stray", "frames that are no SIP of ours (nor ARP)")                          \
	X(CHECKED, "checked", "messages that had everything checked")                          \
	X(ANSWERS, "answers", "responses the callee sent")                                     \
	X(RING_FULL, "ring-full", "sent, but the port did not take it (counted lost)")         \
	X(BEHIND, "behind", "not sent in time: the generator was too slow for the rate")       \
	X(NO_BUFFER, "no-buffer", "not sent: no packet buffer was free")                       \
	X(NO_PEER, "no-peer", "not sent: the proxy's link address is not known")               \
	X(CHALLENGED, "challenged", "401 and 407 taken up")                                    \
	X(CALLS, "calls", "calls begun")                                                       \
	X(CALLS_DONE, "calls-done", "calls ended by the 200 to their BYE")                     \
	X(CALLS_FAILED, "calls-failed", "calls that were refused, or ended by a timeout")      \
	X(CALLS_FULL, "calls-full", "calls not begun: as many as there is room for were open") \
	X(BYTES_SENT, "bytes-sent", "of frames")                                               \
	X(BYTES_RECEIVED, "bytes-received", "of frames")                                       \
	X(BUSY_TSC, "busy-tsc", "cycles of turns that had work")                               \
	X(IDLE_TSC, "idle-tsc", "cycles of turns that had none: the generator's headroom")

enum bench_count {
#define X(id, name, text) BENCH_N_##id,
	bench_count_rows(X)
#undef X
	        BENCH_COUNTS,
};

struct bench_row {
	const char *name;
	const char *text;
};
extern const struct bench_row bench_kind_row[BENCH_KINDS];
extern const struct bench_row bench_fault_row[BENCH_FAULTS];
extern const struct bench_row bench_count_row[BENCH_COUNTS];

enum bench_side_id { BENCH_CALLER, BENCH_CALLEE, BENCH_SIDES };

struct bench_side {
	struct addr local; // ours, with the (first) SIP port
	struct addr proxy; // where this side sends to: a leg of the proxy
	uint8_t mac[6];    // the proxy's link address; all zero = ask by ARP (IPv4 only)
	uint16_t port;     // index of the generator's port
	uint16_t vlan;     // 0 = untagged
	uint16_t n_ports;  // source ports in turn from local.port on; 0 or 1 = one
	uint32_t n_addrs;  // source addresses in turn from local.ip on (IPv4); 0 or 1 = one
};

enum bench_contact {
	BENCH_CONTACT_ANY,
	BENCH_CONTACT_SENT,  // as it was sent
	BENCH_CONTACT_PROXY, // host and port are the proxy's (of the side it came to)
};
enum bench_uri { BENCH_URI_ANY, BENCH_URI_SENT, BENCH_URI_BINDING };

// What a proxy has to do to a message. All zero is a cable: nothing may be altered.
struct bench_expect {
	uint8_t vias;          // Vias it adds to a request
	uint8_t hops;          // taken off Max-Forwards
	uint8_t record_routes; // Record-Route values it adds to an INVITE; 255 = any number
	uint8_t contact;       // enum bench_contact
	uint8_t uri;           // enum bench_uri; BINDING = the user's Contact at the callee
	uint8_t received; // 1 = our Via's rport has to be filled (and received, if there is one)
	uint8_t reserved[2];
};

struct bench_order {
	uint8_t run;             // 1 = send; 0 = only receive and answer
	uint8_t sink;            // 1 = the callee answers nothing: requests of all kinds go one way
	uint8_t ringing;         // 1 = a 180 before the 200 of a call
	uint8_t register_callee; // REGISTER's Contact is the callee's address, not the caller's
	uint32_t clear; // another number than before: stats begin anew, what is under way is
	                // forgotten
	uint64_t key;   // of this run: random, the same for both ends and all workers; 0 = each
	                // worker makes one (right for one worker that is both ends)
	uint64_t rate;  // messages begun per second and worker (a call counts as one); 0 = as fast
	                // as the port takes them
	uint64_t limit; // begin no more than this many since the last clear; 0 = no limit
	uint32_t in_flight;   // with rate 0: most that may be under way; 0 = no limit
	uint32_t timeout_ms;  // then a message is lost; 0 = 1000
	uint32_t hold_ms;     // from ACK to BYE
	uint32_t check_every; // one message in so many has everything checked; 0 or 1 = every one.
	                      // Mark, order and duplicates are looked at in all.
	uint16_t weight[BENCH_KINDS]; // of the mix; all 0 = INVITE alone
	uint16_t size;                // bytes of a request (what has to be in it may need more)
	uint16_t per_call; // INVITE, MESSAGE: requests with one Call-ID (CSeq counts up); 0 or 1 =
	                   // one
	uint16_t interleave; // Call-IDs in turn, 0 or 1 = one after the other; at most 1024
	uint32_t first_user, n_users; // user0000000@domain ...; callers and callees, in turn
	uint32_t stride;              // of the walk through users, 0 = a large prime: far jumps
	uint32_t expires;             // REGISTER; 0 = 3600
	char user[16];                // before the digits; empty = "user"
	char domain[64];              // of Request-URI, To and From
	char password[64];            // of every user; empty = none: a 401 is unexpected
	struct bench_side side[BENCH_SIDES];
	struct bench_expect expect;
};

struct bench_kind_stats {
	uint64_t sent;     // requests of this kind (a call's INVITEs), RESPONSE: responses
	uint64_t received; // requests that came to the callee; RESPONSE: responses to the caller
	uint64_t matched;  // arrived or answered as they should; DIALOG: INVITEs by their 200
	struct histogram
	        latency; // TSC cycles (root.tsc_hz) from being handed to the port until matched
};

enum bench_state {
	BENCH_IDLE,    // sends nothing
	BENCH_SENDING, // runs
	BENCH_DONE,    // `limit` was reached
};

struct bench_stats {
	_Alignas(64) _Atomic uint64_t acknowledged; // number of the order in force
	uint64_t beat;                              // grows with every turn
	uint32_t state;                             // enum bench_state
	uint32_t in_flight;                         // messages sent, neither arrived nor lost
	uint64_t first_tsc,
	        last_tsc; // of the first and the last message begun since the last clear
	uint64_t count[BENCH_COUNTS];
	uint64_t fault[BENCH_FAULTS];
	uint64_t status[7]; // answers by class, 1 = 1xx
	uint64_t open_calls;
	// The first message with a fault since the last clear.
	uint32_t sample_fault; // enum bench_fault
	uint32_t sample_len;   // 0 = there is none
	char sample[BENCH_SAMPLE_MAX];
	struct bench_kind_stats kind[BENCH_KINDS];
};

struct bench {
	char magic[8];
	uint32_t layout;
	uint32_t bytes;
	uint64_t rows; // bench_layout() of its maker
	// spry-bench writes
	_Alignas(64) _Atomic uint64_t given; // number of the order, 0 = none yet
	struct bench_order order;
	// worker W of the generator writes stats[W]
	struct bench_stats stats[BENCH_WORKERS_MAX];
};

// Maps DIR/bench, made when it is not there or of another layout. NULL with error.
struct bench *bench_create(const char *dir, struct error *e);
// Maps it; NULL with error, errno ENOENT when it is not there.
struct bench *bench_attach(const char *dir, struct error *e);
void bench_detach(struct bench *b);

// After b->order was written: the workers take it. Returns its number.
uint64_t bench_order_give(struct bench *b);
// Whether the first n_workers have it.
bool bench_order_taken(const struct bench *b, unsigned n_workers);
// *sum += worker's stats: counts, kinds, open calls, in flight; the first sample; the earliest and
// latest moment; state is the least of all (start with memset 0 and state BENCH_DONE).
void bench_stats_read(const struct bench *b, unsigned worker, struct bench_stats *sum);

// Changes with every row and with the sizes: both programs have the same.
uint64_t bench_layout(void);
