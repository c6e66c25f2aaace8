// Who is measured by `spry-bench compare`: one row each, and one function that measures it once.
#pragma once

#include "dataplane/base/error.h"

enum peer_kind {
	PEER_FORWARD, // does what scenario `invite` does, or less
	PEER_LOOKUP,  // and finds the user's binding
	PEER_WIRE,    // moves packets, no SIP: the limit
};

// What one measurement found.
struct figure {
	double rate;               // messages a second that came through, right ones only
	double per_core;           // messages for a second of its core: what is compared
	double ns;                 // of its core for a message
	double user_ns, kernel_ns; // of those, as far as they are known (else 0)
	double lost; // part of what was sent, 0 to 1 (open loop: of no meaning for a peer)
};

// How all of them are measured.
struct peer_plan {
	int load_core, peer_core; // who sends, who is measured
	double warm_s, measure_s;
	uint32_t bindings;
	const char *files;   // where tools/bench/peers is
	const char *scratch; // a directory for sockets and logs
};

struct peer {
	const char *name;
	bool ours;
	enum peer_kind kind;
	const char *what;
	const char *program; // NULL: built in
	const char *package; // which brings it
	// 0, or -1 with *e set
	int (*measure)(
	        const struct peer *, const struct peer_plan *, struct figure *, struct error *e);
	const char *file;    // its configuration, in plan->files
	const char *variant; // allocator, forwarding mode or scenario
	double rate;         // what it is sent a second, 0 = as much as goes
	unsigned expect;     // enum blast_expect
};

extern const struct peer peer_row[];
extern const unsigned peer_rows;

// The row of a name, or NULL.
const struct peer *peer_find(struct str name);

// What measures, one function for a way of doing it.
int peer_socket(const struct peer *, const struct peer_plan *, struct figure *, struct error *e);
int peer_testpmd(const struct peer *, const struct peer_plan *, struct figure *, struct error *e);
int peer_spry(const struct peer *, const struct peer_plan *, struct figure *, struct error *e);
