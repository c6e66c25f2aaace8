// Keeps table and journal together: at start the journal fills an empty table; a table that
// outlived spryd is the truth, and the journal is put right behind it. The same after records were
// lost (full queue, full disk) or a damaged file was set aside. In slices of 2 ms in the event
// loop, whose thread is the table's one writer.
#pragma once

#include <event2/event.h>

#include "control/store.h"

struct store_sync;

struct store_sync_status {
	bool loading;      // the table is being filled: a record that is missing may still come
	bool comparing;    // the journal is being put right
	uint64_t no_room;  // records of the journal the table had no room for
	uint64_t compared; // records of the table handed to the journal since the start
};

// Begins at once. NULL without memory or thread.
struct store_sync *store_sync_start(
        struct event_base *base, struct location *table, const char *dir, struct error *e);
// Commits what waits, ends.
void store_sync_end(struct store_sync *y);
struct store *store_sync_store(struct store_sync *y);
void store_sync_status(const struct store_sync *y, struct store_sync_status *out);
// The registrar's journal: an AoR as it is now. `sync` is a struct store_sync.
void store_sync_put(
        void *sync, struct str aor, const struct location_contact *contacts, unsigned n);
// Whether a record that is not in the table may still come from the journal. Not true for long on a
// disk that hangs: then it is served without.
bool store_sync_loading(void *sync);
