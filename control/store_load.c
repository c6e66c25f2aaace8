// The journal of bindings, the event loop's side: hands over the records that the thread reads. See
// store.h.
#include "control/store_inner.h"

#include <stdlib.h>

enum { GROUP = 32 };

// A chunk that was read is freed here, when its views are no longer used. False: none is there now.
static bool next_chunk(struct store *s, bool *scanned)
{
	struct store_chunk *c;

	free(s->reading);
	pthread_mutex_lock(&s->lock);
	c = s->reading = s->chunk;
	if (c != NULL) {
		s->chunk = c->next;
		if (s->chunk == NULL)
			s->chunk_end = &s->chunk;
		s->chunks--;
		pthread_cond_broadcast(&s->changed);
	}
	*scanned = s->scanned;
	pthread_mutex_unlock(&s->lock);
	return c != NULL;
}

// The next records of the chunk.
static unsigned next_records(struct store_chunk *c, unsigned max, struct str *record)
{
	uint32_t len;
	unsigned n;

	for (n = 0; n < max && c != NULL && c->at < c->len; n++) {
		memcpy(&len, c->bytes + c->at, sizeof(len));
		record[n] = (struct str){c->bytes + c->at + sizeof(len), len};
		c->at += sizeof(len) + len;
	}
	return n;
}

static void hand_over(
        struct store *s, const struct str *record, unsigned n_records, const struct store_taker *to)
{
	struct location_contact contacts[LOCATION_CONTACTS_MAX];
	const uint32_t now_s = store_now_s();
	struct str aor[GROUP];

	for (unsigned i = 0; i < n_records; i++)
		aor[i] = store_record_aor(record[i]);
	if (to->ahead != NULL)
		to->ahead(to->arg, aor, n_records);
	for (unsigned i = 0; i < n_records; i++) {
		unsigned n;

		// The queue is this thread's alone until all is loaded.
		if (s->queued > 0 && store_waits(s, aor[i]))
			continue;
		n = store_record_read(record[i], s->offset_s, now_s, contacts);
		s->status.loaded += n > 0;
		s->status.expired += n == 0;
		to->record(to->arg, aor[i], contacts, n);
	}
}

static void end_loading(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->loaded = true;
	s->status.loading = false;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

enum store_end store_load(struct store *s, unsigned max, const struct store_taker *to)
{
	struct str record[GROUP];
	bool scanned;
	unsigned n;

	while (max > 0) {
		n = next_records(s->reading, max < GROUP ? max : GROUP, record);
		max -= n;
		if (n > 0) {
			hand_over(s, record, n, to);
		} else if (!next_chunk(s, &scanned)) {
			if (!scanned)
				return STORE_WAIT;
			if (s->status.loading)
				end_loading(s);
			return STORE_LOADED;
		}
	}
	return STORE_MORE;
}
