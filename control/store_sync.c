// Keeps table and journal together: see store_sync.h.
#include "control/store_sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

#define SLICE_NS 2000000ull
#define SECOND_US 1000000

enum {
	PREFETCH = 64,
	RECORDS = 256,         // between two looks at the clock
	BUCKETS = 256,         // the same, comparing
	QUEUED_MAX = 16 << 10, // comparing waits behind so many
	IDLE_MS = 500,
	HANGS_MS = 10000, // no record for so long while loading: the disk hangs
};

struct store_sync {
	struct store *store;
	struct location *table;
	struct event *timer;
	char marker[256]; // there while the table is being filled
	bool table_is_truth;
	bool table_damaged; // ... but for what it lost: the journal has it
	uint64_t from;      // where comparing goes on
	uint64_t records, began_ns, moved_ns;
	struct store_sync_status status;
	char scratch[LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX];
};

// A spryd killed while it filled the table leaves half a table, which is no truth: this file says
// so. (A reboot empties the table as well: it need not be synchronous.)
static void mark(struct store_sync *y, const char *dir)
{
	int fd;

	snprintf(y->marker, sizeof(y->marker), "%s/location.loading", dir);
	if (y->table_is_truth && access(y->marker, F_OK) == 0)
		y->table_is_truth = false;
	if (y->table_is_truth)
		return;
	fd = open(y->marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		log_warning("%s: cannot be made", y->marker);
	else
		close(fd);
}

static void on_record(
        void *arg, struct str aor, const struct location_contact *contacts, unsigned n)
{
	struct location_contact found[LOCATION_CONTACTS_MAX];
	struct store_sync *y = arg;
	struct location_key key;
	struct error e = {0};
	bool there;

	location_make_key(y->table, aor, &key);
	there = location_lookup(y->table, &key, 0, found, LOCATION_CONTACTS_MAX, y->scratch) >= 0;
	if (there)
		return; // newer, or compared later
	if ((y->table_is_truth && !y->table_damaged) || n == 0) {
		(void)store_compare(y->store, aor, NULL, 0);
		return;
	}
	if (location_put(y->table, &key, contacts, n, &e) == 0) {
		y->records++;
	} else if (y->status.no_room++ == 0) {
		log_error("bindings of the journal have no room: %s", e.text);
	}
}

static void ahead(void *arg, const struct str *aor, unsigned n)
{
	struct location_key key[PREFETCH];
	struct store_sync *y = arg;

	n = n < PREFETCH ? n : PREFETCH;
	for (unsigned i = 0; i < n; i++)
		location_make_key(y->table, aor[i], &key[i]);
	location_prefetch(y->table, key, n);
}

static void end_load(struct store_sync *y)
{
	y->status.loading = false;
	y->status.comparing = y->table_is_truth;
	y->from = 0;
	(void)unlink(y->marker);
	if (!y->table_is_truth)
		log_info("bindings: %llu addresses of record loaded in %llu ms",
		        (unsigned long long)y->records,
		        (unsigned long long)((now_ns() - y->began_ns) / 1000000));
}

static bool compare_one(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct store_sync *y = arg;

	(void)key;
	if (n > 0)
		(void)store_compare(y->store, contacts[0].aor, contacts, n);
	y->status.compared++;
	return true;
}

// How long until the next slice, in us.
static long slice(struct store_sync *y)
{
	const uint64_t until_ns = now_ns() + SLICE_NS;
	const struct store_taker taker = {on_record, ahead, y};
	struct store_status s;

	while (y->status.loading && now_ns() < until_ns) {
		enum store_end end = store_load(y->store, RECORDS, &taker);

		if (end == STORE_WAIT)
			return 1000;
		y->moved_ns = now_ns();
		if (end == STORE_LOADED)
			end_load(y);
	}
	while (y->status.comparing && now_ns() < until_ns) {
		store_status(y->store, &s);
		if (s.queued > QUEUED_MAX)
			return 5000;
		y->from = location_walk(y->table, y->from, BUCKETS, compare_one, y);
		y->status.comparing = y->from != 0;
	}
	if (y->status.loading || y->status.comparing)
		return 0;
	y->status.comparing = store_wants_sync(y->store);
	return y->status.comparing ? 0 : IDLE_MS * 1000;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct store_sync *y = arg;
	long wait_us = slice(y);
	struct timeval next = {wait_us / SECOND_US, wait_us % SECOND_US};

	(void)fd, (void)what;
	(void)event_add(y->timer, &next);
}

struct store_sync *store_sync_start(
        struct event_base *base, struct location *table, const char *dir, struct error *e)
{
	struct store_sync *y = calloc(1, sizeof(*y));
	const struct timeval at_once = {0, 0};
	struct location_fill fill;

	if (y == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	location_fill(table, &fill);
	y->table = table;
	y->table_is_truth = fill.records > 0;
	y->table_damaged = fill.damaged > 0;
	if (y->table_damaged)
		log_error("bindings: %llu damaged records of the table are gone; the journal fills "
		          "the gaps",
		        (unsigned long long)fill.damaged);
	mark(y, dir);
	y->status.loading = true;
	y->began_ns = y->moved_ns = now_ns();
	y->store = store_open(&(struct store_options){.dir = dir}, e);
	y->timer = y->store != NULL ? event_new(base, -1, 0, on_timer, y) : NULL;
	if (y->timer != NULL && event_add(y->timer, &at_once) == 0)
		return y;
	if (y->store != NULL)
		error_set(e, "out of memory");
	store_sync_end(y);
	return NULL;
}

void store_sync_end(struct store_sync *y)
{
	if (y == NULL)
		return;
	if (y->timer != NULL)
		event_free(y->timer);
	store_close(y->store);
	free(y);
}

struct store *store_sync_store(struct store_sync *y)
{
	return y->store;
}

void store_sync_status(const struct store_sync *y, struct store_sync_status *out)
{
	*out = y->status;
}

bool store_sync_loading(void *sync)
{
	const struct store_sync *y = sync;

	return y->status.loading && !y->table_is_truth &&
	       now_ns() - y->moved_ns < HANGS_MS * 1000000ull;
}

void store_sync_put(void *sync, struct str aor, const struct location_contact *contacts, unsigned n)
{
	struct store_sync *y = sync;

	(void)store_put(y->store, aor, contacts, n);
}
