// The journal of bindings, the event loop's side: queue and load. See store.h.
#include "control/store_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

#define SECOND_NS 1000000000ull
#define QUEUE_BYTES (512ull << 20)

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * (int64_t)SECOND_NS + ts.tv_nsec;
}

// Rounded as a whole: the difference of two rounded clocks would go up and down with the time of
// day.
int64_t store_offset_s(void)
{
	const int64_t offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);

	return (offset_ns + (int64_t)SECOND_NS / 2) / (int64_t)SECOND_NS;
}

uint32_t store_now_s(void)
{
	return (uint32_t)(clock_ns(CLOCK_BOOTTIME) / (int64_t)SECOND_NS);
}

void store_wait(struct store *s, uint64_t until_ns)
{
	struct timespec ts = {(time_t)(until_ns / SECOND_NS), (long)(until_ns % SECOND_NS)};

	(void)pthread_cond_timedwait(&s->changed, &s->lock, &ts);
}

static void defaults(struct store_options *o)
{
	o->map_bytes = o->map_bytes != 0 ? o->map_bytes : 1ull << 30;
	o->batch = o->batch != 0 ? o->batch : 2000;
	o->batch_ms = o->batch_ms != 0 ? o->batch_ms : 50;
	o->queue = o->queue != 0 ? o->queue : 1 << 18;
	o->backoff_ms = o->backoff_ms != 0 ? o->backoff_ms : 100;
}

static int start_thread(struct store *s)
{
	pthread_condattr_t attr;
	int rc;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&s->lock, NULL);
	rc = pthread_create(&s->thread, NULL, store_thread, s);
	if (rc != 0) {
		pthread_cond_destroy(&s->changed);
		pthread_mutex_destroy(&s->lock);
	}
	return rc;
}

struct store *store_open(const struct store_options *o, struct error *e)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	s->o = *o;
	defaults(&s->o);
	s->end = &s->first;
	s->chunk_end = &s->chunk;
	s->offset_s = store_offset_s();
	s->status.loading = true;
	if (snprintf(s->path, sizeof(s->path), "%s/location.mdb", o->dir) >= (int)sizeof(s->path)) {
		error_set(e, "%s: name too long", o->dir);
		free(s);
		return NULL;
	}
	rc = start_thread(s);
	if (rc != 0) {
		error_set(e, "thread: %s", strerror(rc));
		free(s);
		return NULL;
	}
	return s;
}

void store_entry_free(struct store_entry *e)
{
	struct store_refreshed *r, *next;

	for (r = e->refreshed; r != NULL; r = next) {
		next = r->next;
		free(r);
	}
	free(e->record);
	free(e);
}

void store_close(struct store *s)
{
	struct store_entry *e;
	struct store_chunk *c;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	if (s->queued > 0)
		log_error("%s: %llu records are not in the journal", s->path,
		        (unsigned long long)s->queued);
	else if (s->want_sync && s->status.lost > 0)
		log_error("%s: some of %llu records that had no room in the queue are not in it",
		        s->path, (unsigned long long)s->status.lost);
	while ((e = s->first) != NULL) {
		s->first = e->next;
		store_entry_free(e);
	}
	free(s->reading);
	while ((c = s->chunk) != NULL) {
		s->chunk = c->next;
		free(c);
	}
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static uint64_t hash_of(struct str aor)
{
	return hash_13((struct hash_key){0x73746f72, 0x65}, aor.p, aor.len);
}

static struct store_entry *find(struct store *s, struct str aor, uint64_t hash)
{
	struct store_entry *e = s->bucket[hash % STORE_BUCKETS];

	while (e != NULL && (e->hash != hash || !str_eq((struct str){e->aor, e->aor_len}, aor)))
		e = e->chain;
	return e;
}

bool store_waits(struct store *s, struct str aor)
{
	return find(s, aor, hash_of(aor)) != NULL;
}

// The entry of the AoR, made when there is none. NULL: no room.
static struct store_entry *entry_of(struct store *s, struct str aor)
{
	uint64_t hash = hash_of(aor);
	struct store_entry *e = find(s, aor, hash);

	if (e != NULL) {
		s->status.coalesced++;
		return e;
	}
	if (s->queued >= s->o.queue || s->bytes >= QUEUE_BYTES)
		return NULL;
	e = calloc(1, sizeof(*e) + aor.len);
	if (e == NULL)
		return NULL;
	e->hash = hash;
	e->queued_ns = now_ns();
	e->aor_len = aor.len;
	memcpy(e->aor, aor.p, aor.len);
	e->chain = s->bucket[hash % STORE_BUCKETS];
	s->bucket[hash % STORE_BUCKETS] = e;
	*s->end = e;
	s->end = &e->next;
	s->queued++;
	// The first starts the clock of a batch, the last fills it.
	if (s->queued == 1 || s->queued == s->o.batch)
		pthread_cond_broadcast(&s->changed);
	return e;
}

static bool lose(struct store *s)
{
	s->status.lost++;
	s->want_sync = true;
	return false;
}

static void drop_refreshed(struct store_entry *e)
{
	struct store_refreshed *r;

	while ((r = e->refreshed) != NULL) {
		e->refreshed = r->next;
		free(r);
	}
}

static bool put_locked(struct store *s, struct str aor, char *record, size_t len, bool compare)
{
	struct store_entry *e = entry_of(s, aor);

	if (e == NULL) {
		free(record);
		return lose(s);
	}
	// What waits is newer than or as new as what a comparison found in the table.
	compare = compare && (!e->put || e->compare);
	s->bytes += len;
	s->bytes -= e->record_len;
	drop_refreshed(e);
	free(e->record);
	e->record = record;
	e->record_len = len;
	e->put = true;
	e->compare = compare;
	return true;
}

static bool put(
        struct store *s, struct str aor, const struct location_contact *c, unsigned n, bool compare)
{
	size_t len = store_record_len(aor, c, n);
	char *record = len > 0 ? malloc(len) : NULL;
	bool ok;

	if (record != NULL)
		store_record_write(record, aor, c, n, s->offset_s);
	pthread_mutex_lock(&s->lock);
	if (aor.len == 0 || aor.len > STORE_AOR_MAX || (n > 0 && record == NULL))
		ok = lose(s);
	else
		ok = put_locked(s, aor, record, len, compare);
	pthread_mutex_unlock(&s->lock);
	return ok;
}

bool store_put(struct store *s, struct str aor, const struct location_contact *c, unsigned n)
{
	int64_t offset_s = store_offset_s();

	// The wall clock was set: later records say so. Rounding alone does not change records.
	if (llabs(offset_s - s->offset_s) > 2) {
		pthread_mutex_lock(&s->lock);
		s->offset_s = offset_s;
		pthread_mutex_unlock(&s->lock);
	}
	return put(s, aor, c, n, false);
}

bool store_compare(struct store *s, struct str aor, const struct location_contact *c, unsigned n)
{
	return put(s, aor, c, n, true);
}

// Adds the times to the entry's list, in place of older ones of the same contact.
static bool add_refreshed(struct store_entry *e, const struct location_contact *c)
{
	struct store_refreshed *r = e->refreshed;

	while (r != NULL && (!str_eq(r->time.uri, c->uri) || !str_eq(r->time.call_id, c->call_id)))
		r = r->next;
	if (r == NULL) {
		r = calloc(1, sizeof(*r) + c->uri.len + c->call_id.len);
		if (r == NULL)
			return false;
		memcpy(r->text, c->uri.p, c->uri.len);
		memcpy(r->text + c->uri.len, c->call_id.p, c->call_id.len);
		r->time.uri = (struct str){r->text, c->uri.len};
		r->time.call_id = (struct str){r->text + c->uri.len, c->call_id.len};
		r->next = e->refreshed;
		e->refreshed = r;
	} else if (r->time.cseq >= c->cseq) {
		return true;
	}
	r->time.cseq = c->cseq;
	r->time.expires_s = c->expires_s;
	return true;
}

bool store_refresh(struct store *s, struct str aor, const struct location_contact *c)
{
	struct store_time time = {c->uri, c->call_id, c->expires_s, c->cseq};
	struct store_entry *e;
	bool ok;

	if (aor.len == 0 || aor.len > STORE_AOR_MAX || c->uri.len == 0 || c->call_id.len == 0 ||
	        c->uri.len + c->call_id.len > LOCATION_TEXT_MAX)
		return false;
	pthread_mutex_lock(&s->lock);
	e = entry_of(s, aor);
	if (e == NULL)
		ok = lose(s);
	else if (e->put) // a removal stays one
		ok = e->record == NULL ||
		     (store_record_refresh(e->record, e->record_len, &time, s->offset_s), true);
	else
		ok = add_refreshed(e, c) || lose(s);
	pthread_mutex_unlock(&s->lock);
	return ok;
}

bool store_flush(struct store *s, unsigned timeout_ms)
{
	uint64_t until_ns = now_ns() + timeout_ms * 1000000ull;
	bool done;

	pthread_mutex_lock(&s->lock);
	s->flush = true;
	pthread_cond_broadcast(&s->changed);
	while (s->queued + s->taken > 0 && now_ns() < until_ns)
		store_wait(s, until_ns);
	done = s->queued + s->taken == 0;
	s->flush = false;
	pthread_mutex_unlock(&s->lock);
	return done;
}

bool store_wants_sync(struct store *s)
{
	bool want;

	pthread_mutex_lock(&s->lock);
	// Not while it would only be lost again.
	want = s->want_sync && s->loaded && !s->status.failing && s->queued < s->o.queue / 2;
	if (want)
		s->want_sync = false;
	pthread_mutex_unlock(&s->lock);
	return want;
}

void store_status(struct store *s, struct store_status *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->status;
	out->queued = s->queued + s->taken;
	pthread_mutex_unlock(&s->lock);
}
