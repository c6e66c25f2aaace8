// The appliance without NIC, root and other processes: tables built from configuration text as
// spryd builds them, messages or frames in, what became of them out. Two of them: rig_wire.c is the
// real worker on ring ports with the real registrar beside it; the fuzz target's
// (tests/pipeline/rig_direct.c) calls the stages one message at a time.
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/base/error.h"

struct rig;
struct table_view;

struct rig_result {
	const char *verdict; // name of its row
	const char *way;     // name of the way it was counted under
	char rules[256];     // rules of policy it met: "acl world, pattern scanners"
	const char *fault;   // what may not happen, whatever came in; NULL = nothing of that
	uint64_t cpu_ns;     // of this thread, in the stages
	const struct table_view *config; // it went by; NULL = nothing special was configured
	char leg[32];                    // it left by, empty = nothing left
	struct addr to;
	size_t len;
	char bytes[65536];
};

// Lines of the configuration ("set ..."), and of what the kernel would know besides the port's
// addresses and gateways:
//   route PREFIX/LEN PORT [via ADDRESS]
// The first 255 hosts of connected networks and the gateways have a link address. NULL with error.
struct rig *rig_create(struct str text, const char *name, struct error *e);
void rig_destroy(struct rig *r);

// One datagram to the address of a leg. False with out->fault when there is no such leg, when it is
// too long for a frame, or when the stages did what they may not: lost it, counted it twice, sent
// more than one datagram or a broken one, kept a buffer.
bool rig_send(struct rig *r, struct str leg, const struct addr *from, struct str bytes,
        struct rig_result *out);
// One Ethernet frame as it stands to the port of a leg; a unicast destination becomes the port's
// address, since a capture names another machine's.
bool rig_frame(struct rig *r, struct str leg, struct str frame, struct rig_result *out);

// Time goes by for registered bindings. False when nobody can register.
bool rig_later(struct rig *r, unsigned seconds);
// The journal of bindings is still being loaded. False when nobody can register.
bool rig_loading(struct rig *r, bool loading);
// The legs of all bindings are gone.
bool rig_legless(struct rig *r);

// The worker has that level of load, percent, from now on; 0 = what it really has.
void rig_behind(struct rig *r, unsigned level);

// What leaves is shown as frame too, from now on.
typedef void (*rig_watch_fn)(void *arg, struct str frame);
void rig_watch(struct rig *r, rig_watch_fn fn, void *arg);

// The first leg of the configuration, and an address beside its own.
struct str rig_first_leg(const struct rig *r);
bool rig_beside(const struct rig *r, struct str leg, struct addr *out);

// For the benchmark (tests/bench): the n messages (n a multiple of 32) through the worker, `rounds`
// times, in bursts of 32, what leaves thrown away. TSC cycles spent in worker_turn() and in the
// registrar with what was handed to it; stats (rig_stats) hold the cycles of each stage. 0 when
// something did not fit.
struct rig_cycles {
	uint64_t worker, control;
};
struct rig_cycles rig_run(struct rig *r, struct str leg, const struct addr *from,
        const struct str *messages, unsigned n, unsigned rounds);
struct stats;
// The worker's counters so far, and the TSC's frequency.
uint64_t rig_stats(const struct rig *r, struct stats *out);
