// Sender and sink for peers that use the kernel's sockets, in one thread: open loop (sends at a
// rate, or as fast as it goes, whatever comes back), and checks each message that came through.
#pragma once

#include <signal.h>

#include "dataplane/base/error.h"

struct blast;

struct blast_plan {
	double rate; // messages a second; 0 = as fast as it goes
	double warm_s, measure_s;
	unsigned expect;                     // enum blast_expect
	void (*mark)(void *arg, bool begin); // told when measuring begins and ends
	void *arg;
};

struct blast_result {
	double seconds;
	uint64_t sent;     // all within the measured seconds
	uint64_t received; // at the sink, right or wrong
	uint64_t answered; // responses that came back to the sender instead
	uint64_t wrong;
	const char *why; // what was wrong with the first of those, or NULL
	char answer[48]; // start of the first response, or ""
};

// Set by a signal handler: everything below ends at once.
extern volatile sig_atomic_t blast_stop;

// Sockets and 65,536 INVITEs to `users` users; NULL with *e set.
struct blast *blast_create(uint32_t users, struct error *e);
void blast_destroy(struct blast *b);
// Sends one message now and then until something comes back or through; false after `seconds`.
bool blast_wait(struct blast *b, double seconds);
// Registers all users, again what is not answered by 200; false when `seconds` were not enough.
bool blast_register_all(struct blast *b, double seconds);
void blast_run(struct blast *b, const struct blast_plan *plan, struct blast_result *out);
