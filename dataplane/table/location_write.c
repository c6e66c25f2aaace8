// The writer of the location table: fills free slots, publishes a record with one store, reuses the
// slots of the old one when no reader can hold them.
#include <errno.h>

#include "dataplane/table/location_memory.h"

enum { LOCATION_AGENT_MAX = 64 };

static bool is_used(const struct location_writer *w, uint64_t slot)
{
	return w->used[slot / 64] >> slot % 64 & 1;
}

static uint64_t n_free(const struct location *l)
{
	const struct location_writer *w = l->writer;

	return w->clean - w->given + (l->n - w->fresh);
}

// The caller has looked at n_free().
static uint64_t take_slot(struct location *l)
{
	struct location_writer *w = l->writer;
	uint64_t slot = w->given < w->clean ? w->queue[w->given++ % l->n] : w->fresh++;

	w->used[slot / 64] |= (uint64_t)1 << slot % 64;
	return slot;
}

// Queues the slots of a chain no word points at any more. Their links lie in memory the dataplane
// could have changed: only what is in a chain is taken, and only once.
static void retire(struct location *l, uint32_t link)
{
	struct location_writer *w = l->writer;

	for (unsigned i = 0; i < LOCATION_CHAIN_MAX; i++) {
		const struct location_slot *s = location_slot(l, link);

		if (s == NULL || !is_used(w, link - 1))
			return;
		w->used[(link - 1) / 64] &= ~((uint64_t)1 << (link - 1) % 64);
		w->queue[w->retired++ % l->n] = link - 1;
		link = location_next(s);
	}
}

// Bytes of the contact's texts, its user agent cut. More than LOCATION_TEXT_MAX: too long.
static size_t texts_cut(struct location_contact *c)
{
	struct str *text[LOCATION_TEXTS];
	size_t rest = 0;

	location_texts(c, text);
	for (unsigned i = 0; i < LOCATION_TEXTS; i++) {
		if (text[i]->len > LOCATION_TEXT_MAX)
			return LOCATION_TEXT_MAX + 1;
		rest += text[i] != &c->user_agent ? text[i]->len : 0;
	}
	c->user_agent = str_head(c->user_agent, LOCATION_AGENT_MAX);
	const size_t over = rest <= LOCATION_TEXT_FIRST
	                            ? 0
	                            : (rest - LOCATION_TEXT_FIRST) % LOCATION_TEXT_FURTHER;
	const size_t room = rest <= LOCATION_TEXT_FIRST ? LOCATION_TEXT_FIRST - rest
	                    : over > 0                  ? LOCATION_TEXT_FURTHER - over
	                                                : 0;
	c->user_agent = str_head(c->user_agent, room);
	return rest + c->user_agent.len;
}

static unsigned slots_of(size_t len)
{
	if (len <= LOCATION_TEXT_FIRST)
		return 1;
	return (unsigned)(1 + (len - LOCATION_TEXT_FIRST + LOCATION_TEXT_FURTHER - 1) /
	                              LOCATION_TEXT_FURTHER);
}

// Best first: q, then newest; otherwise as given.
static void sort(struct location_contact *c, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		const struct location_contact one = c[i];
		unsigned at = i;

		for (; at > 0; at--) {
			const struct location_contact *before = &c[at - 1];

			if (before->q > one.q ||
			        (before->q == one.q && before->registered_s >= one.registered_s))
				break;
			c[at] = *before;
		}
		c[at] = one;
	}
}

static struct location_slot *slot_start(
        struct location *l, const struct location_key *key, enum location_kind kind)
{
	struct location_slot *s = &l->slots[take_slot(l)];

	s->key[0] = key->h[0];
	s->key[1] = key->h[1];
	s->kind = (uint8_t)kind;
	s->n_contacts = 0;
	s->next = 0;
	return s;
}

static uint32_t link_of(const struct location *l, const struct location_slot *s)
{
	return (uint32_t)(s - l->slots) + 1;
}

// Where the next byte of a contact's texts goes.
struct pen {
	struct location_slot *slot;
	char *to;
	size_t room;
};

static void write_text(
        struct location *l, const struct location_key *key, struct pen *pen, struct str text)
{
	while (text.len > 0) {
		if (pen->room == 0) {
			struct location_slot *s = slot_start(l, key, LOCATION_TEXT);

			pen->slot->next = link_of(l, s);
			*pen = (struct pen){s, s->further, LOCATION_TEXT_FURTHER};
		}
		const size_t n = text.len < pen->room ? text.len : pen->room;
		memcpy(pen->to, text.p, n);
		pen->to += n;
		pen->room -= n;
		text = str_skip(text, n);
	}
}

// Fills the slots of a contact; *last is where the chain goes on.
static struct location_slot *write_contact(struct location *l, const struct location_key *key,
        enum location_kind kind, struct location_contact *c, struct location_slot **last)
{
	struct location_slot *s = slot_start(l, key, kind);
	struct pen pen = {s, s->text, LOCATION_TEXT_FIRST};
	struct str *text[LOCATION_TEXTS];

	atomic_store_explicit(
	        &s->time, (uint64_t)c->expires_s << 32 | c->cseq, memory_order_relaxed);
	s->transport = c->transport;
	s->flags = c->flags;
	s->leg = c->leg;
	s->q = c->q;
	s->received = c->received;
	s->reg_id = c->reg_id;
	s->flow = c->flow;
	s->registered_s = c->registered_s;
	s->methods = c->methods;
	location_texts(c, text);
	for (unsigned i = 0; i < LOCATION_TEXTS; i++) {
		s->len[i] = (uint16_t)text[i]->len;
		write_text(l, key, &pen, *text[i]);
	}
	*last = pen.slot;
	return s;
}

static uint32_t write_chain(struct location *l, const struct location_key *key,
        struct location_contact *contacts, unsigned n)
{
	struct location_slot *first = NULL, *last = NULL, *behind;

	for (unsigned i = 0; i < n; i++) {
		struct location_slot *s = write_contact(
		        l, key, i == 0 ? LOCATION_RECORD : LOCATION_FURTHER, &contacts[i], &behind);

		if (last != NULL)
			last->next = link_of(l, s);
		else
			first = s;
		last = behind;
	}
	first->n_contacts = (uint8_t)n;
	return link_of(l, first);
}

// The first free word of a bucket, NULL when there is none; *n words are used.
static _Atomic uint64_t *bucket_room(struct location_bucket *b, unsigned *n)
{
	_Atomic uint64_t *room = NULL;

	*n = 0;
	for (unsigned i = LOCATION_WORDS; i-- > 0;)
		if (atomic_load_explicit(&b->word[i], memory_order_relaxed) == 0)
			room = &b->word[i];
		else
			++*n;
	return room;
}

// The first bucket while it is at most as full as most are, else the emptier one: nearly every
// lookup then ends in the first.
static _Atomic uint64_t *word_for(struct location *l, const struct location_key *key)
{
	enum { MOSTLY = LOCATION_WORDS / 2 + 1 };
	struct location_bucket *b[2] = {
	        &l->buckets[location_bucket(l, key, 0)], &l->buckets[location_bucket(l, key, 1)]};
	unsigned n[2];
	_Atomic uint64_t *word[2] = {bucket_room(b[0], &n[0]), NULL};

	if (n[0] >= MOSTLY) {
		word[1] = bucket_room(b[1], &n[1]);
		if (n[1] < n[0]) {
			word[0] = word[1];
			n[0] = n[1];
		}
	}
	if (word[0] != NULL && n[0] + 1 > l->writer->longest_bucket)
		l->writer->longest_bucket = n[0] + 1;
	return word[0];
}

static int remove_record(struct location *l, _Atomic uint64_t *word, uint32_t link)
{
	if (word == NULL)
		return 0;
	atomic_store_explicit(word, 0, memory_order_release);
	l->writer->records--;
	retire(l, link);
	return 0;
}

static int refuse_full(struct location *l, bool slots, struct error *e)
{
	error_set(e,
	        slots ? "location table full: no slot free (%llu slots, %llu records, %llu waiting)"
	              : "location table full: both buckets of the key (%llu slots, %llu records, "
	                "%llu waiting)",
	        (unsigned long long)l->n, (unsigned long long)l->writer->records,
	        (unsigned long long)(l->writer->retired - l->writer->clean));
	errno = ENOSPC;
	return -1;
}

// Says in the header what will be taken before it is filled: recovery must know the slots that were
// ever in use, and counts what a crash leaves behind.
static void announce(struct location *l, uint64_t needed)
{
	const struct location_writer *w = l->writer;
	const uint64_t reused = w->clean - w->given;

	l->writer->taken += needed;
	atomic_store_explicit(&l->header->taken, w->taken, memory_order_relaxed);
	if (needed > reused)
		atomic_store_explicit(
		        &l->header->fresh, w->fresh + needed - reused, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

int location_put(struct location *l, const struct location_key *key,
        const struct location_contact *contacts, unsigned n, struct error *e)
{
	struct location_contact sorted[LOCATION_CONTACTS_MAX];
	uint64_t needed = 0;
	uint32_t old = 0;

	errno = EINVAL;
	if (n > LOCATION_CONTACTS_MAX)
		return error_set(e, "%u contacts, %u are possible", n, LOCATION_CONTACTS_MAX);
	for (unsigned i = 0; i < n; i++) {
		sorted[i] = contacts[i];
		const size_t len = texts_cut(&sorted[i]);
		if (len > LOCATION_TEXT_MAX)
			return error_set(e, "texts of a contact are longer than %u bytes",
			        LOCATION_TEXT_MAX);
		needed += slots_of(len);
	}
	_Atomic uint64_t *word = location_find(l, key, &old);
	if (n == 0)
		return remove_record(l, word, old);
	if (needed > n_free(l))
		return refuse_full(l, true, e);
	const bool is_new = word == NULL;
	if (is_new)
		word = word_for(l, key);
	if (word == NULL)
		return refuse_full(l, false, e);
	sort(sorted, n);
	announce(l, needed);
	const uint32_t link = write_chain(l, key, sorted, n);
	atomic_store_explicit(word, location_word(key, link - 1), memory_order_release);
	if (is_new)
		l->writer->records++;
	else
		retire(l, old);
	return 0;
}

// Every worker of the snapshot has passed a quiescent point since, or is dead.
static bool all_passed(const struct location_writer *w, const struct root *root, uint64_t at_ns)
{
	for (unsigned i = 0; i < w->n_workers; i++) {
		const struct root_worker *one = &root->worker[i];
		const uint64_t beat = atomic_load_explicit(&one->beat_ns, memory_order_relaxed);
		const bool dead =
		        beat < at_ns && at_ns - beat > LOCATION_DEAD_MS * UINT64_C(1000000);

		if (!dead && atomic_load_explicit(&one->epoch, memory_order_acquire) == w->epoch[i])
			return false;
	}
	return true;
}

static void snapshot(struct location_writer *w, const struct root *root)
{
	// The words that stopped pointing at the slots are visible before the epochs are read; the
	// workers' quiescent points have the other half of this.
	atomic_thread_fence(memory_order_seq_cst);
	w->n_workers = atomic_load(&root->n_workers);
	if (w->n_workers > ROOT_WORKERS_MAX)
		w->n_workers = ROOT_WORKERS_MAX;
	for (unsigned i = 0; i < w->n_workers; i++)
		w->epoch[i] = atomic_load_explicit(&root->worker[i].epoch, memory_order_acquire);
}

void location_reclaim(struct location *l, const struct root *root, uint64_t at_ns)
{
	struct location_writer *w = l->writer;

	// Twice: what only dead workers could hold is free at once.
	for (unsigned turn = 0; turn < 2 && w->clean != w->retired; turn++) {
		if (w->clean == w->waiting) {
			w->waiting = w->retired;
			snapshot(w, root);
		}
		if (!all_passed(w, root, at_ns))
			return;
		w->taken -= w->waiting - w->clean - w->swept;
		w->swept = 0;
		w->clean = w->waiting;
		atomic_store_explicit(&l->header->taken, w->taken, memory_order_relaxed);
	}
}

void location_fill(const struct location *l, struct location_fill *out)
{
	const struct location_writer *w = l->writer;

	*out = (struct location_fill){.slots = l->n, .buckets = l->n_buckets, .bytes = l->bytes};
	if (w == NULL)
		return;
	out->waiting = w->retired - w->clean;
	out->used = l->n - n_free(l) - out->waiting;
	out->records = w->records;
	out->longest_bucket = w->longest_bucket;
	out->leaked = w->leaked;
	out->damaged = w->damaged;
}
