// What the writer does with a table it did not write: mark what the buckets reach, sweep the rest,
// and walk over all of it.
#include <stdlib.h>

#include "dataplane/table/location_memory.h"

enum { PREFETCH_AHEAD = 8 };

void location_writer_free(struct location_writer *w)
{
	if (w == NULL)
		return;
	free(w->queue);
	free(w->used);
	free(w->scratch);
	free(w);
}

static struct location_writer *writer_make(uint64_t n)
{
	struct location_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->queue = malloc(n * sizeof(w->queue[0])); // touched as it fills
	w->used = calloc(n / 64 + 1, sizeof(w->used[0]));
	w->scratch = malloc((size_t)LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX);
	if (w->queue != NULL && w->used != NULL && w->scratch != NULL)
		return w;
	location_writer_free(w);
	return NULL;
}

// The record of a word with its key; NULL when it is none.
static const struct location_slot *record_of(
        const struct location *l, uint64_t word, struct location_key *key)
{
	const struct location_slot *s = location_slot(l, location_link(word));

	if (s == NULL || s->kind != LOCATION_RECORD)
		return NULL;
	*key = (struct location_key){.h = {s->key[0], s->key[1]}};
	return location_tag(key) == word >> 32 ? s : NULL;
}

// The key stands in one of the first n words of a bucket.
static bool bucket_has(
        const struct location *l, uint64_t bucket, unsigned n, const struct location_key *key)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t word =
		        atomic_load_explicit(&l->buckets[bucket].word[i], memory_order_relaxed);
		struct location_key other;

		if (word >> 32 == location_tag(key) && record_of(l, word, &other) != NULL &&
		        memcmp(&other, key, sizeof(other)) == 0)
			return true;
	}
	return false;
}

// Readers find the word in this bucket and no other before it.
static bool is_first(
        const struct location *l, uint64_t bucket, unsigned i, const struct location_key *key)
{
	const uint64_t a = location_bucket(l, key, 0), b = location_bucket(l, key, 1);

	if (bucket != a && bucket != b)
		return false;
	if (bucket_has(l, bucket, i, key))
		return false;
	return bucket == a || !bucket_has(l, a, LOCATION_WORDS, key);
}

// The record stands in a word before this one: a writer was killed while it moved it.
static bool is_copy(const struct location *l, uint64_t bucket, unsigned i, uint64_t word)
{
	struct location_key key;

	return record_of(l, word, &key) != NULL &&
	       (bucket_has(l, bucket, i, &key) ||
	               (bucket == location_bucket(l, &key, 1) &&
	                       bucket_has(l, location_bucket(l, &key, 0), LOCATION_WORDS, &key)));
}

static void unmark(struct location *l, uint32_t link, unsigned n)
{
	for (; n > 0; n--) {
		const struct location_slot *s = location_slot(l, link);

		if (s == NULL)
			return;
		l->writer->used[(link - 1) / 64] &= ~((uint64_t)1 << (link - 1) % 64);
		link = location_next(s);
	}
}

// Marks the slots of a chain that has an end. False, and nothing marked, when one of them is
// another record's.
static bool mark(struct location *l, uint32_t first)
{
	struct location_writer *w = l->writer;
	uint32_t link = first;

	for (unsigned n = 0; link != 0; n++) {
		const struct location_slot *s = location_slot(l, link);

		if (s == NULL || n == LOCATION_CHAIN_MAX ||
		        (w->used[(link - 1) / 64] >> (link - 1) % 64 & 1) != 0) {
			unmark(l, first, n);
			return false;
		}
		w->used[(link - 1) / 64] |= (uint64_t)1 << (link - 1) % 64;
		link = location_next(s);
	}
	return true;
}

static bool word_is_good(struct location *l, uint64_t bucket, unsigned i, uint64_t word)
{
	uint32_t link = location_link(word);
	struct location_key key;
	const struct location_slot *s = record_of(l, word, &key);

	if (s == NULL || !is_first(l, bucket, i, &key) || s->n_contacts == 0 ||
	        s->n_contacts > LOCATION_CONTACTS_MAX)
		return false;
	for (unsigned left = s->n_contacts; left > 0; left--)
		if (!location_read(l, &key, &link, NULL, NULL))
			return false;
	return link == 0 && mark(l, location_link(word));
}

static void prefetch_bucket(const struct location *l, uint64_t bucket)
{
	if (bucket >= l->n_buckets)
		return;
	for (unsigned i = 0; i < LOCATION_WORDS; i++) {
		const struct location_slot *s = location_slot(
		        l, location_link(atomic_load_explicit(
		                   &l->buckets[bucket].word[i], memory_order_relaxed)));

		if (s != NULL)
			__builtin_prefetch(s);
	}
}

static void mark_all(struct location *l)
{
	struct location_writer *w = l->writer;

	for (uint64_t bucket = 0; bucket < l->n_buckets; bucket++) {
		uint64_t here = 0;

		prefetch_bucket(l, bucket + PREFETCH_AHEAD);
		for (unsigned i = 0; i < LOCATION_WORDS; i++) {
			_Atomic uint64_t *at = &l->buckets[bucket].word[i];
			uint64_t word = atomic_load_explicit(at, memory_order_relaxed);

			if (word == 0)
				continue;
			if (word_is_good(l, bucket, i, word)) {
				here++;
				continue;
			}
			w->damaged += !is_copy(l, bucket, i, word);
			atomic_store_explicit(at, 0, memory_order_release);
		}
		w->records += here;
		if (here > w->longest_bucket)
			w->longest_bucket = here;
	}
}

// Queues what no word reaches. A reader may still hold what the killed writer took away a moment
// ago, so these slots wait for a quiescent point like any other.
static uint64_t sweep(struct location *l)
{
	struct location_writer *w = l->writer;
	uint64_t used = 0, fresh = atomic_load_explicit(&l->header->fresh, memory_order_relaxed);

	for (uint64_t i = 0; i < l->n / 64 + 1; i++) {
		used += (uint64_t)__builtin_popcountll(w->used[i]);
		if (w->used[i] != 0)
			w->fresh = 64 * i + 64 - (uint64_t)__builtin_clzll(w->used[i]);
	}
	if (fresh > w->fresh)
		w->fresh = fresh < l->n ? fresh : l->n;
	for (uint64_t slot = 0; slot < w->fresh; slot++)
		if ((w->used[slot / 64] >> slot % 64 & 1) == 0)
			w->queue[w->retired++] = (uint32_t)slot;
	w->swept = w->retired;
	return used;
}

int location_recover(struct location *l, struct error *e)
{
	struct location_header *h = l->header;
	struct location_writer *w = writer_make(l->n);

	if (w == NULL)
		return error_set(e, "out of memory for the location table's lists");
	l->writer = w;
	mark_all(l);
	w->taken = sweep(l);
	const uint64_t said = atomic_load_explicit(&h->taken, memory_order_relaxed);
	w->leaked = said > w->taken && said <= l->n ? said - w->taken : 0;
	atomic_store_explicit(&h->taken, w->taken, memory_order_relaxed);
	atomic_store_explicit(&h->fresh, w->fresh, memory_order_relaxed);
	return 0;
}

// The contacts of a word's record, 0 when it is none.
static unsigned read_record(
        struct location *l, uint64_t word, struct location_key *key, struct location_contact *out)
{
	const struct location_slot *s = record_of(l, word, key);
	uint32_t link = location_link(word);
	unsigned n = 0;

	if (s == NULL)
		return 0;
	for (unsigned left = location_n_contacts(s); n < left; n++)
		if (!location_read(
		            l, key, &link, &out[n], l->writer->scratch + n * LOCATION_TEXT_MAX))
			break;
	return n;
}

// `from` counts words, so that a walk stopped inside a bucket goes on there.
uint64_t location_walk(struct location *l, uint64_t from, uint64_t n, location_fn fn, void *arg)
{
	struct location_contact contacts[LOCATION_CONTACTS_MAX];
	const uint64_t all = l->n_buckets * LOCATION_WORDS;
	const uint64_t first = from - from % LOCATION_WORDS;
	struct location_key key;

	if (from >= all)
		return 0;
	const uint64_t end = n < (all - first) / LOCATION_WORDS ? first + n * LOCATION_WORDS : all;
	for (uint64_t at = from; at < end; at++) {
		uint64_t word = atomic_load_explicit(
		        &l->buckets[at / LOCATION_WORDS].word[at % LOCATION_WORDS],
		        memory_order_relaxed);
		unsigned count = word != 0 ? read_record(l, word, &key, contacts) : 0;

		if (at % LOCATION_WORDS == 0)
			prefetch_bucket(l, at / LOCATION_WORDS + PREFETCH_AHEAD);
		if (count > 0 && !fn(arg, &key, contacts, count))
			return at + 1 < all ? at + 1 : 0;
	}
	return end < all ? end : 0;
}
