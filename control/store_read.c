// The journal of bindings: reads the file that is there at start, in the writer's thread. See
// store.h.
#include "control/store_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

#define MS_NS 1000000ull
#define SHOW_NS (2000 * MS_NS) // progress in the log

void store_set_aside(struct store *s, const char *why)
{
	char aside[sizeof(s->path) + 16];

	snprintf(aside, sizeof(aside), "%s.damaged", s->path);
	if (rename(s->path, aside) != 0 && errno != ENOENT) {
		log_error("%s is damaged (%s) and cannot be renamed: %s", s->path, why,
		        strerror(errno));
		return;
	}
	log_error("%s is damaged (%s): it is %s now, a new one is begun", s->path, why, aside);
	pthread_mutex_lock(&s->lock);
	s->status.set_aside++;
	s->want_sync = true;
	pthread_mutex_unlock(&s->lock);
}

// A chunk with room for len more bytes; waits while the loop has enough to read. NULL = stop.
static struct store_chunk *chunk_for(struct store *s, struct store_chunk *c, size_t len)
{
	if (c != NULL && c->len + len <= STORE_CHUNK)
		return c;
	pthread_mutex_lock(&s->lock);
	if (c != NULL) {
		*s->chunk_end = c;
		s->chunk_end = &c->next;
		s->chunks++;
	}
	while (s->chunks >= STORE_CHUNKS && !s->stop)
		pthread_cond_wait(&s->changed, &s->lock);
	c = s->stop ? NULL : malloc(sizeof(*c) + STORE_CHUNK);
	pthread_mutex_unlock(&s->lock);
	if (c != NULL)
		*c = (struct store_chunk){0};
	return c;
}

struct reading {
	struct store *store;
	uint64_t shown_ns;
	struct store_chunk *chunk;
	struct store_scan scan;
	uint64_t damaged, unknown;
};

static void show_progress(struct reading *r)
{
	struct store *s = r->store;
	uint64_t at_ns = now_ns();

	pthread_mutex_lock(&s->lock);
	s->status.scan_pages = r->scan.pages;
	s->status.scan_total = r->scan.total;
	pthread_mutex_unlock(&s->lock);
	if (at_ns - r->shown_ns < SHOW_NS)
		return;
	r->shown_ns = at_ns;
	log_info("%s: %llu records read, %llu %%", s->path, (unsigned long long)r->scan.records,
	        (unsigned long long)(r->scan.pages * 100 / (r->scan.total + 1)));
}

static bool on_record(void *arg, struct str key, struct str value)
{
	struct reading *r = arg;
	enum store_sound sound = store_record_check(value);
	uint32_t len = (uint32_t)value.len;

	(void)key;
	if ((r->scan.records & 0xfff) == 0)
		show_progress(r);
	r->damaged += sound == STORE_DAMAGED;
	r->unknown += sound == STORE_UNKNOWN;
	if (sound != STORE_SOUND)
		return true;
	r->chunk = chunk_for(r->store, r->chunk, sizeof(len) + len);
	if (r->chunk == NULL)
		return false;
	memcpy(r->chunk->bytes + r->chunk->len, &len, sizeof(len));
	memcpy(r->chunk->bytes + r->chunk->len + sizeof(len), value.p, len);
	r->chunk->len += sizeof(len) + len;
	return true;
}

static void end_reading(struct reading *r)
{
	struct store *s = r->store;

	pthread_mutex_lock(&s->lock);
	if (r->chunk != NULL) {
		*s->chunk_end = r->chunk;
		s->chunk_end = &r->chunk->next;
		s->chunks++;
	}
	s->status.scan_pages = r->scan.pages;
	s->status.scan_total = r->scan.total;
	s->status.damaged = r->damaged;
	s->status.unknown = r->unknown;
	s->scanned = true;
	while (!s->loaded && !s->stop)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

void store_read(struct store *s)
{
	struct reading r = {.store = s, .shown_ns = now_ns()};
	const uint64_t began_ns = r.shown_ns;
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;

	if (fd >= 0) {
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		rc = store_scan(fd, on_record, &r, &r.scan);
		close(fd);
	} else if (errno != ENOENT) {
		rc = error_set(&r.scan.why, "%s", strerror(errno));
	}
	if (rc != 0)
		store_set_aside(s, r.scan.why.text);
	if (r.damaged + r.unknown > 0)
		log_error("%s: %llu records with a wrong checksum and %llu of an unknown version "
		          "are not loaded",
		        s->path, (unsigned long long)r.damaged, (unsigned long long)r.unknown);
	log_info("%s: %llu records in %llu ms", s->path, (unsigned long long)r.scan.records,
	        (unsigned long long)((now_ns() - began_ns) / MS_NS));
	end_reading(&r);
}
