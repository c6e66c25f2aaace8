// What store.c (the loop's side) and store_writer.c (the thread) share; nobody else includes it.
#pragma once

#include <pthread.h>

#include "control/store.h"
#include "control/store_record.h"
#include "control/store_scan.h"

enum {
	STORE_BUCKETS = 1 << 16,
	STORE_CHUNK = 256 << 10, // bytes of records on their way to the loop
	STORE_CHUNKS = 32,       // so many wait at most
};

// A refresh that waits; its texts lie behind it.
struct store_refreshed {
	struct store_refreshed *next;
	struct store_time time;
	char text[];
};

// One AoR that waits to be written.
struct store_entry {
	struct store_entry *next;  // in the order they came
	struct store_entry *chain; // of the bucket
	uint64_t hash, queued_ns;
	char *record; // malloc; NULL with `put` = remove it
	size_t record_len;
	bool put;     // false: only the refreshes
	bool compare; // write it only when the journal says otherwise
	struct store_refreshed *refreshed;
	size_t aor_len;
	char aor[];
};

// Records read from the file: u32 length, bytes, ...
struct store_chunk {
	struct store_chunk *next;
	size_t len, at;
	char bytes[];
};

struct store {
	struct store_options o;
	char path[256];
	pthread_t thread;

	pthread_mutex_t lock; // of all below
	pthread_cond_t changed;
	struct store_entry *first, **end;
	struct store_entry *bucket[STORE_BUCKETS];
	uint64_t queued, bytes; // waiting in the list
	uint64_t taken;         // with the thread
	struct store_chunk *chunk, **chunk_end;
	struct store_chunk *reading; // the loop's
	unsigned chunks;
	bool scanned; // no further chunk comes
	bool loaded;  // and the loop has seen them all: writing may begin
	bool flush, stop, want_sync;
	int64_t offset_s;
	struct store_status status;
};

void *store_thread(void *store);
// Whether something of the AoR waits to be written. Lock held, or not loaded yet.
bool store_waits(struct store *s, struct str aor);
// Reads the file and hands its records to the loop; returns when the loop has taken them all, or at
// the end.
void store_read(struct store *s);
// Renames the file: it is damaged.
void store_set_aside(struct store *s, const char *why);
void store_entry_free(struct store_entry *e);
// Waits on `changed` until the time of the monotonic clock. Lock held.
void store_wait(struct store *s, uint64_t until_ns);
