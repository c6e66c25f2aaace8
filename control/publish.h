// Publishing generations to the dataplane (DESIGN §1.6): write the image, swap root.wanted, wait
// for the acknowledgement with a timer (never by blocking), drop the older ones. One publish a
// chain is in flight at most.
#pragma once

#include <event2/event.h>

#include "dataplane/table/root.h"
#include "dataplane/table/table.h"

enum publish_result {
	PUBLISH_ACKNOWLEDGED, // every worker uses it
	PUBLISH_ALONE,        // no dataplane runs: it will start with it
	PUBLISH_REFUSED,      // the dataplane said no; the error text says why
	PUBLISH_TIMEOUT,      // nothing heard in time
};

// `why` is empty unless the result is REFUSED or TIMEOUT.
typedef void (*publish_done_fn)(void *arg, enum publish_result result, const char *why);

struct publish_chain {
	uint64_t generation; // of `image`, 0 = none; the highest number used
	uint64_t settled;    // of users: the last one that was taken, 0 = none
	void *image;         // 64-byte aligned, the newest published one
	size_t len;
	struct table_view view; // of `image`
	void *previous;         // the one before, for publish_back
	size_t previous_len;
	struct hash_key key;  // of the hash indices: kept, so that equal tables make equal images
	publish_done_fn done; // not NULL while one is in flight
	void *arg;
	uint64_t deadline_ns;
	bool lived; // a dataplane was there when it was offered: it may be restarting for it
};

struct publish {
	struct region *region;
	struct event *timer;
	uint64_t timeout_ns; // of offers from now on
	struct publish_chain chain[ROOT_CHAINS];
};

// Adopts what an earlier spryd published (root.wanted), so that numbers go on and nothing is
// disturbed when the same tables are built again.
int publish_init(
        struct publish *p, struct event_base *base, struct region *region, struct error *e);
void publish_fini(struct publish *p);

// Is a dataplane there to acknowledge? Its process lives and its heart beat lately.
bool publish_dataplane_lives(const struct publish *p);

// Finishes the builder (always consumed) and publishes. 1: in flight, `done` will be called once
// from the loop. 0: equal to what is published already, nothing done, `done` is not called. -1:
// error.
int publish_offer(struct publish *p, enum root_chain chain, struct table_builder *b,
        publish_done_fn done, void *arg, struct error *e);
// Publishes the image before the newest one again, under a new number: what is refused leaves no
// trace. Nobody waits for it.
int publish_back(struct publish *p, enum root_chain chain, struct error *e);

// Users are many: their image is made, checked and written (region_write_generation) by a thread of
// control/users.c, and no copy is kept here. Makes that generation, the next one, the wanted one.
void publish_users(struct publish *p, uint64_t generation, publish_done_fn done, void *arg);
// It was refused: the one before is the wanted one again.
void publish_users_back(struct publish *p);

// The newest image of a chain but the users', NULL before the first.
const struct table_view *publish_view(const struct publish *p, enum root_chain chain);
// True while an offer of that chain waits for the dataplane.
bool publish_in_flight(const struct publish *p, enum root_chain chain);
