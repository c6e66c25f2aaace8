// The journal of bindings: STATEDIR/location.mdb (LMDB), what a reboot or a power cut leaves of the
// location table. The table is the truth; the journal follows it within 50 ms or 2,000 records.
//
// All calls are made by the event loop's thread and never wait for the disk: a writer thread takes
// what is queued, a record an AoR (a newer one replaces one that waits), and commits a batch with
// one synchronous transaction (data, then the head; MDB_NOSYNC is not used). So a power cut or a
// kill -9 loses what was not yet committed and nothing else. When the disk is full or slow, or the
// queue is: durability is lost, counted and alarmed; serving goes on, and what was lost is written
// when store_sync (control/store_sync.h) has compared table and journal.
//
// A file is believed only after store_scan looked at each page. A damaged one is renamed to
// location.mdb.damaged (the last one is kept), what could be read of it is loaded, and a new file
// is begun. After store_open, store_load must be called until STORE_LOADED: until then nothing is
// written.
#pragma once

#include "dataplane/table/location.h"

struct store;

struct store_options {
	const char *dir;
	uint64_t map_bytes;  // address space to begin with (it grows); 0 = 1 GiB
	unsigned batch;      // records a transaction, 0 = 2000; several of them when it is behind
	unsigned batch_ms;   // a record waits so long at most, 0 = 50
	unsigned queue;      // AoRs that may wait, 0 = 262144
	unsigned backoff_ms; // after a failed transaction, doubled up to 50 times it; 0 = 100
	// By the writer thread, may be NULL: a transaction is durable; records = all so far, in the
	// order they were queued.
	void (*committed)(void *arg, uint64_t records);
	void *arg;
};

// NULL only without memory or thread: what is wrong with the disk is an alarm, not an error.
struct store *store_open(const struct store_options *o, struct error *e);
// Commits what waits (one try; what fails is counted as lost) and ends the thread.
void store_close(struct store *s);

// The whole record of an AoR, 0 contacts = remove it. False: not queued, durability is lost.
bool store_put(struct store *s, struct str aor, const struct location_contact *c, unsigned n);
// The same, but written only when the journal says otherwise.
bool store_compare(struct store *s, struct str aor, const struct location_contact *c, unsigned n);
// A refresh that changes nothing but time; nothing when the journal has no such contact.
bool store_refresh(
        struct store *s, struct str aor, const struct location_contact *c); // uri, call_id, times

enum store_end {
	STORE_MORE,   // call again
	STORE_WAIT,   // call again in a few ms: the disk is slower
	STORE_LOADED, // that was all
};
struct store_taker {
	// n may be 0: all have expired. Views hold during the call.
	void (*record)(void *arg, struct str aor, const struct location_contact *c, unsigned n);
	// May be NULL: whose records come next, to be looked for in memory at once.
	void (*ahead)(void *arg, const struct str *aor, unsigned n);
	void *arg;
};
// Hands over up to max records of the file, in no order, expired contacts and records with a newer
// one queued left out.
enum store_end store_load(struct store *s, unsigned max, const struct store_taker *to);

// Waits until all that was queued before is durable. False: not within the time. For tests and the
// end of an import.
bool store_flush(struct store *s, unsigned timeout_ms);
// True once after records were lost, or a new file was begun: what the table holds must be
// compared (store_compare) with the journal.
bool store_wants_sync(struct store *s);
// Seconds between the wall clock and the boot clock the table uses; wall = boot + this.
int64_t store_offset_s(void);
uint32_t store_now_s(void); // boot clock

struct store_status {
	bool loading, failing;
	uint64_t queued;     // AoRs that wait
	uint64_t records;    // made durable (puts, removals, refreshes)
	uint64_t unchanged;  // compared or refreshed, and nothing to write
	uint64_t coalesced;  // replaced while they waited
	uint64_t batches;    // transactions committed
	uint64_t failures;   // transactions that failed
	uint64_t lost;       // not journalled: queue full, too long, or the disk failed to the end
	uint64_t loaded;     // records handed over
	uint64_t expired;    // records of the file that were too old
	uint64_t damaged;    // records of the file skipped: checksum
	uint64_t unknown;    // records of the file skipped: version
	uint64_t set_aside;  // files renamed
	uint64_t scan_pages; // progress of the load
	uint64_t scan_total;
	struct error last; // what failed last
};
void store_status(struct store *s, struct store_status *out);
