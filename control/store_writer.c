// The journal of bindings, the writer's thread: reads the file that is there, then commits batches
// until the end. It alone touches LMDB. See store.h.
#include "control/store_inner.h"

#include <lmdb.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/storage.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

#define MS_NS 1000000ull
#define ALARM_NS (30000 * MS_NS) // the same alarm again
#define MAP_BYTES_MAX (1ull << 43)

enum { BEHIND_BATCHES = 16, BEHIND_BYTES = 64 << 20 };
enum { KEY_MAX = 511, FAULT = -1, DAMAGE = -2 };

struct writer {
	struct store *store;
	MDB_env *env; // NULL = to be opened
	MDB_dbi dbi;
	jmp_buf on_assert;
	size_t map_bytes;
	struct store_entry *batch;
	uint64_t n; // of the batch
	int64_t offset_s;
	bool failing, begun_anew;
	uint64_t alarm_ns;
	uint64_t changed; // by the transaction
	struct error why;
	char scratch[STORE_RECORD_MAX];
};

// An assertion of LMDB: its file is not what it should be. The environment is left as it is, with
// what it holds: to close it would follow the same pages.
static struct writer *asserting; // one thread writes

static void on_assert(MDB_env *env, const char *text)
{
	(void)env;
	error_set(&asserting->why, "%s", text);
	longjmp(asserting->on_assert, 1);
}

static int at_fault(struct writer *w, const char *what, int rc)
{
	error_set(&w->why, "%s: %s", what, mdb_strerror(rc));
	if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID ||
	        rc == MDB_VERSION_MISMATCH || rc == MDB_CURSOR_FULL)
		return DAMAGE;
	return FAULT;
}

static void close_env(struct writer *w)
{
	if (w->env != NULL)
		mdb_env_close(w->env);
	w->env = NULL;
}

// One process (spryd.lock) and one thread: no locks, no table of readers (whose file could not be
// mapped on a full disk without danger).
static int open_env(struct writer *w)
{
	const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NORDAHEAD;
	MDB_txn *txn = NULL;
	int rc = mdb_env_create(&w->env);

	if (rc != 0)
		return at_fault(w, "create", rc);
	(void)mdb_env_set_assert(w->env, on_assert);
	rc = mdb_env_set_mapsize(w->env, w->map_bytes);
	if (rc == 0)
		rc = mdb_env_open(w->env, w->store->path, flags, 0640);
	if (rc == 0)
		rc = mdb_txn_begin(w->env, NULL, 0, &txn);
	if (rc == 0)
		rc = mdb_dbi_open(txn, NULL, 0, &w->dbi);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else if (txn != NULL)
		mdb_txn_abort(txn);
	if (rc == 0) {
		storage_sync_directory_of(w->store->path); // it may be new
		return 0;
	}
	rc = at_fault(w, "open", rc);
	close_env(w);
	return rc;
}

// A long AoR is found by its beginning and a hash.
static MDB_val key_of(const struct store_entry *e, char *room)
{
	uint64_t hash[2];

	if (e->aor_len <= KEY_MAX)
		return (MDB_val){e->aor_len, (void *)(uintptr_t)e->aor};
	hash[0] = hash_24((struct hash_key){0}, e->aor, e->aor_len);
	hash[1] = hash_24((struct hash_key){1, 1}, e->aor, e->aor_len);
	memcpy(room, e->aor, KEY_MAX - sizeof(hash));
	memcpy(room + KEY_MAX - sizeof(hash), hash, sizeof(hash));
	return (MDB_val){KEY_MAX, room};
}

// What the journal has for the key, when it is a sound record of that AoR.
static bool look(
        struct writer *w, MDB_txn *txn, MDB_val *key, const struct store_entry *e, struct str *old)
{
	MDB_val value;

	if (mdb_get(txn, w->dbi, key, &value) != 0)
		return false;
	*old = (struct str){value.mv_data, value.mv_size};
	return store_record_check(*old) == STORE_SOUND &&
	       str_eq(store_record_aor(*old), (struct str){e->aor, e->aor_len});
}

static int refresh_one(struct writer *w, MDB_txn *txn, MDB_val *key, const struct store_entry *e)
{
	MDB_val value = {0, w->scratch};
	bool any = false;
	struct str old;

	if (!look(w, txn, key, e, &old))
		return 0;
	memcpy(w->scratch, old.p, old.len);
	for (const struct store_refreshed *r = e->refreshed; r != NULL; r = r->next)
		any |= store_record_refresh(w->scratch, old.len, &r->time, w->offset_s);
	if (!any)
		return 0;
	value.mv_size = old.len;
	w->changed++;
	return mdb_put(txn, w->dbi, key, &value, 0);
}

static int apply_one(struct writer *w, MDB_txn *txn, const struct store_entry *e)
{
	char room[KEY_MAX];
	MDB_val key = key_of(e, room), value = {e->record_len, e->record};
	struct str old;
	int rc;

	if (!e->put)
		return refresh_one(w, txn, &key, e);
	if (e->record == NULL) {
		rc = mdb_del(txn, w->dbi, &key, NULL);
		w->changed += rc == 0;
		return rc == MDB_NOTFOUND ? 0 : rc;
	}
	if (e->compare && look(w, txn, &key, e, &old) &&
	        store_record_same(old, (struct str){e->record, e->record_len}))
		return 0;
	w->changed++;
	return mdb_put(txn, w->dbi, &key, &value, 0);
}

static int commit_batch(struct writer *w)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(w->env, NULL, 0, &txn);

	w->changed = 0;
	if (rc != 0)
		return rc;
	for (const struct store_entry *e = w->batch; e != NULL && rc == 0; e = e->next)
		rc = apply_one(w, txn, e);
	if (rc != 0 || w->changed == 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

// The whole batch durable, or nothing of it: FAULT, or DAMAGE when the file is not to be trusted.
static int write_batch(struct writer *w)
{
	int rc;

	asserting = w;
	if (setjmp(w->on_assert) != 0) {
		w->env = NULL;
		return DAMAGE;
	}
	if (w->env == NULL) {
		rc = open_env(w);
		if (rc != 0)
			return rc;
	}
	// (The map only reserves addresses.)
	while ((rc = commit_batch(w)) == MDB_MAP_FULL && w->map_bytes < MAP_BYTES_MAX) {
		w->map_bytes *= 2;
		rc = mdb_env_set_mapsize(w->env, w->map_bytes);
		if (rc != 0)
			break;
	}
	if (rc == 0)
		return 0;
	rc = at_fault(w, "write", rc);
	close_env(w); // begun again from what is on the disk
	return rc;
}

static bool due(const struct store *s, uint64_t at_ns)
{
	return s->first != NULL && (s->queued >= s->o.batch || s->flush || s->stop ||
	                                   at_ns >= s->first->queued_ns + s->o.batch_ms * MS_NS);
}

static void unchain(struct store *s, struct store_entry *e)
{
	struct store_entry **at = &s->bucket[e->hash % STORE_BUCKETS];

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
}

// How many to take at once: a batch. When the disk does not keep up, several: a page that holds
// more of them is written once, and there are fewer waits for the disk. (Not more than LMDB has
// lists for.)
static uint64_t batch_limit(const struct store *s)
{
	const uint64_t several = (uint64_t)s->o.batch * BEHIND_BATCHES;

	return s->queued > 4 * (uint64_t)s->o.batch && s->bytes / s->queued * several < BEHIND_BYTES
	               ? several
	               : s->o.batch;
}

// Takes the oldest of the queue. False = the end.
static bool take_batch(struct writer *w)
{
	struct store *s = w->store;
	struct store_entry **last = &w->batch;
	uint64_t limit;

	pthread_mutex_lock(&s->lock);
	while (!due(s, now_ns()) && !(s->stop && s->first == NULL)) {
		if (s->first == NULL)
			pthread_cond_wait(&s->changed, &s->lock);
		else
			store_wait(s, s->first->queued_ns + s->o.batch_ms * MS_NS);
	}
	w->batch = s->first;
	limit = batch_limit(s);
	for (w->n = 0; *last != NULL && w->n < limit; w->n++) {
		unchain(s, *last);
		s->bytes -= (*last)->record_len;
		last = &(*last)->next;
	}
	s->first = *last;
	*last = NULL;
	if (s->first == NULL)
		s->end = &s->first;
	s->queued -= w->n;
	s->taken = w->n;
	w->offset_s = s->offset_s;
	pthread_mutex_unlock(&s->lock);
	return w->n > 0;
}

static void free_batch(struct writer *w)
{
	struct store_entry *e;

	while ((e = w->batch) != NULL) {
		w->batch = e->next;
		store_entry_free(e);
	}
}

static void count_batch(struct writer *w, bool durable)
{
	struct store *s = w->store;
	uint64_t records;

	pthread_mutex_lock(&s->lock);
	if (durable) {
		s->status.batches += w->changed > 0;
		s->status.records += w->n;
		s->status.unchanged += w->n - w->changed;
	} else {
		s->status.lost += w->n;
	}
	records = s->status.records;
	s->taken = 0;
	s->status.failing = !durable;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (durable && s->o.committed != NULL)
		s->o.committed(s->o.arg, records);
}

static void alarm_once(struct writer *w)
{
	struct store *s = w->store;
	uint64_t at_ns = now_ns();

	if (w->failing && at_ns - w->alarm_ns < ALARM_NS)
		return;
	w->alarm_ns = at_ns;
	w->failing = true;
	log_error("%s: %s: bindings are served on, but a restart would lose the latest", s->path,
	        w->why.text);
}

// After a failure: waits, longer each time. False = the end.
static bool back_off(struct writer *w, unsigned times)
{
	struct store *s = w->store;
	uint64_t wait_ms = s->o.backoff_ms, until_ns;
	bool stop;

	for (; times > 1 && wait_ms < 50ull * s->o.backoff_ms; times--)
		wait_ms *= 2;
	until_ns = now_ns() + wait_ms * MS_NS;
	pthread_mutex_lock(&s->lock);
	s->status.failures++;
	s->status.failing = true;
	s->status.last = w->why;
	while (!s->stop && now_ns() < until_ns)
		store_wait(s, until_ns);
	stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return !stop;
}

// One batch until it is durable, however long that takes. False = the end came first.
static bool settle_batch(struct writer *w)
{
	struct store *s = w->store;
	int rc;

	for (unsigned times = 1; (rc = write_batch(w)) != 0; times++) {
		if (rc == DAMAGE)
			store_set_aside(s, w->why.text);
		else
			alarm_once(w);
		if (!back_off(w, times))
			return false;
	}
	if (w->failing)
		log_info("%s: written again", s->path);
	w->failing = false;
	return true;
}

void *store_thread(void *arg)
{
	struct writer *w = calloc(1, sizeof(*w));
	struct store *s = arg;
	bool durable = true;

	if (w == NULL)
		return NULL;
	w->store = s;
	w->map_bytes = s->o.map_bytes;
	store_read(s);
	while (s->loaded && durable && take_batch(w)) {
		durable = settle_batch(w);
		count_batch(w, durable);
		free_batch(w);
	}
	close_env(w);
	free(w);
	return NULL;
}
