// The registrar (RFC 3261 §10): REGISTERs that workers handed up, the table of bindings they
// change, the answers that go back down. The only writer of the table. Start reading at
// registrar_take().
#pragma once

#include <event2/event.h>

#include "control/publish.h"
#include "control/ping.h"
#include "control/upcall.h"
#include "dataplane/table/location.h"

#define registrar_counter_rows(X)                                          \
	X(taken, "REGISTERs from workers")                                 \
	X(accepted, "answered 200")                                        \
	X(refused, "answered 4xx or 5xx")                                  \
	X(silent, "not answerable, or no room on the ring for the answer") \
	X(added, "bindings added")                                         \
	X(updated, "bindings extended or changed")                         \
	X(removed, "bindings removed by request")                          \
	X(expired, "bindings swept after their time")                      \
	X(refreshed, "bindings extended by workers")                       \
	X(imported, "bindings taken from an import")                       \
	X(full, "answered 503: table full")                                \
	X(loading, "answered 503: the journal is still being loaded")

struct registrar_counters {
#define X(name, text) uint64_t name;
	registrar_counter_rows(X)
#undef X
};

// Where changes are written down, so that a power cut does not lose them. 0 contacts = removed.
// While it is still loading into the table, who is not in there may yet come: a REGISTER of theirs
// is answered 503 with Retry-After, so that it does not take the place of bindings nobody has seen.
struct registrar_journal {
	void (*put)(void *arg, struct str aor, const struct location_contact *contacts, unsigned n);
	bool (*loading)(void *arg);
	void *arg;
};

struct registrar;

// The table stays the caller's. `upcall` may be NULL (tests).
struct registrar *registrar_create(struct event_base *base, struct location *table,
        const struct root *root, const struct publish *publish, struct upcall *upcall,
        struct error *e);
void registrar_destroy(struct registrar *r);
void registrar_journal(struct registrar *r, struct registrar_journal journal);

// A REGISTER: changes the table and writes the answer to out (its length; 0 = none is sent), for
// *to by the leg it came by.
size_t registrar_take(struct registrar *r, const struct ring_message *head, struct str bytes,
        char *out, size_t room, struct addr *to);
// A worker extended a binding.
void registrar_refreshed(struct registrar *r, const struct ring_event *event);
// Removes all bindings of a canonical AoR. False when there was no record.
bool registrar_clear(struct registrar *r, struct str aor);

// Adds a binding (of a canonical AoR) that comes from elsewhere, in place of one with the same URI
// or instance and reg-id, unless that one lasts longer. -1 with *e: no room, or it has expired.
int registrar_import(struct registrar *r, const struct location_contact *c, struct error *e);

struct location *registrar_table(const struct registrar *r);
const struct registrar_counters *registrar_counters(const struct registrar *r);
const struct ping_counters *registrar_pings(const struct registrar *r);
