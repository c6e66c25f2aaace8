// The readers of the location table: wait-free, and safe whatever the writer's memory says (wrong
// at worst): each link and length is loaded once and checked, chains have a bound.
#include "dataplane/table/location.h"

#include "dataplane/table/location_memory.h"

void location_make_key(const struct location *l, struct str canonical_aor, struct location_key *out)
{
	for (unsigned half = 0; half < 2; half++)
		out->h[half] = hash_13(l->hash_key[half], canonical_aor.p, canonical_aor.len);
}

// Four words' halves at once, on any CPU with registers of 16 bytes.
typedef uint32_t four __attribute__((vector_size(16)));
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a tag is the second half of its word");

// Bit i: word i of the bucket has the key's tag. All eight are compared at once and without a
// branch: which of them it is can't be foreseen, and a wrong guess costs more than the comparison.
// A word that changes meanwhile may be seen or not; who takes one loads it for himself.
__attribute__((no_sanitize("thread"))) static unsigned tags_in(
        const struct location *l, uint64_t bucket, const struct location_key *key)
{
	const uint32_t tag = location_tag(key);
	const four *w = (const four *)(const void *)&l->buckets[bucket];
	const four low = __builtin_shufflevector(w[0], w[1], 1, 3, 5, 7);
	const four high = __builtin_shufflevector(w[2], w[3], 1, 3, 5, 7);
	four mask = (four)(low == tag) & (four){1, 2, 4, 8};

	mask |= (four)(high == tag) & (four){16, 32, 64, 128};
	mask |= __builtin_shufflevector(mask, mask, 2, 3, 0, 1);
	return mask[0] | mask[1];
}

static _Atomic uint64_t *find_in(
        const struct location *l, uint64_t bucket, const struct location_key *key, uint32_t *link)
{
	for (unsigned mask = tags_in(l, bucket, key); mask != 0; mask &= mask - 1) {
		_Atomic uint64_t *at = &l->buckets[bucket].word[__builtin_ctz(mask)];
		const uint64_t word = atomic_load_explicit(at, memory_order_acquire);
		const struct location_slot *s = location_slot(l, location_link(word));

		if (word >> 32 == location_tag(key) && s != NULL && s->kind == LOCATION_RECORD &&
		        location_has_key(s, key)) {
			*link = location_link(word);
			return at;
		}
	}
	return NULL;
}

_Atomic uint64_t *location_find(
        const struct location *l, const struct location_key *key, uint32_t *link)
{
	_Atomic uint64_t *word = find_in(l, location_bucket(l, key, 0), key, link);

	return word != NULL ? word : find_in(l, location_bucket(l, key, 1), key, link);
}

// Follows a contact's texts behind its own slot, into `to` unless that is NULL. False when the
// chain is not one of `rest` bytes of text.
static bool read_further(const struct location *l, uint32_t *link, size_t rest, char *to)
{
	while (rest > 0) {
		const struct location_slot *s = location_slot(l, *link);
		size_t n = rest < LOCATION_TEXT_FURTHER ? rest : LOCATION_TEXT_FURTHER;

		if (s == NULL || s->kind != LOCATION_TEXT)
			return false;
		if (to != NULL) {
			memcpy(to, s->further, n);
			to += n;
		}
		rest -= n;
		*link = location_next(s);
	}
	return true;
}

static void fill_contact(const struct location_slot *s, uint64_t time, struct location_contact *out)
{
	out->received = s->received;
	out->flow = s->flow;
	out->registered_s = s->registered_s;
	out->expires_s = (uint32_t)(time >> 32);
	out->cseq = (uint32_t)time;
	out->reg_id = s->reg_id;
	out->methods = s->methods;
	out->leg = s->leg;
	out->q = s->q;
	out->transport = s->transport < TRANSPORT_COUNT ? s->transport : TRANSPORT_OTHER;
	out->flags = s->flags;
}

bool location_read(const struct location *l, const struct location_key *key, uint32_t *link,
        struct location_contact *out, char *scratch)
{
	const struct location_slot *s = location_slot(l, *link);
	uint16_t len[LOCATION_TEXTS];
	struct str *text[LOCATION_TEXTS];
	size_t all = 0;

	if (s == NULL || !location_has_key(s, key) || s->kind == LOCATION_TEXT)
		return false;
	for (unsigned i = 0; i < LOCATION_TEXTS; i++) {
		len[i] = __atomic_load_n(&s->len[i], __ATOMIC_RELAXED);
		all += len[i];
	}
	if (all > LOCATION_TEXT_MAX)
		return false;
	const bool further = all > LOCATION_TEXT_FIRST;
	const char *p = s->text;
	*link = location_next(s);
	if (further && out != NULL) {
		memcpy(scratch, s->text, LOCATION_TEXT_FIRST);
		p = scratch;
	}
	if (further && !read_further(l, link, all - LOCATION_TEXT_FIRST,
	                       out != NULL ? scratch + LOCATION_TEXT_FIRST : NULL))
		return false;
	if (out == NULL)
		return true;
	fill_contact(s, atomic_load_explicit(&s->time, memory_order_relaxed), out);
	location_texts(out, text);
	for (unsigned i = 0; i < LOCATION_TEXTS; i++) {
		*text[i] = len[i] > 0 ? (struct str){p, len[i]} : STR_NONE;
		p += len[i];
	}
	return true;
}

int location_lookup(const struct location *l, const struct location_key *key, uint32_t now_s,
        struct location_contact *out, unsigned max, char *scratch)
{
	uint32_t link;
	unsigned found = 0;

	if (location_find(l, key, &link) == NULL)
		return -1;
	for (unsigned left = location_n_contacts(location_slot(l, link)); left > 0 && found < max;
	        left--) {
		const struct location_slot *s = location_slot(l, link);
		struct location_contact *to = &out[found];

		if (s == NULL)
			break;
		// The time may change under our eyes: it is asked again when all is read.
		if (atomic_load_explicit(&s->time, memory_order_relaxed) >> 32 <= now_s)
			to = NULL;
		if (!location_read(l, key, &link, to, scratch + found * LOCATION_TEXT_MAX))
			break;
		found += to != NULL && to->expires_s > now_s;
	}
	return (int)found;
}

// Loads the first lines of the slot a bucket has for the key's tag. Two: with a third the requests
// of a burst are more than the CPU keeps, and all get slower.
static bool prefetch_slot(const struct location *l, uint64_t bucket, const struct location_key *key)
{
	const unsigned mask = tags_in(l, bucket, key);

	if (mask == 0)
		return false;
	const char *s = (const char *)location_slot(
	        l, location_link(atomic_load_explicit(
	                   &l->buckets[bucket].word[__builtin_ctz(mask)], memory_order_relaxed)));
	if (s == NULL)
		return false;
	for (unsigned line = 0; line < 2; line++)
		__builtin_prefetch(s + 64 * line);
	return true;
}

void location_prefetch(const struct location *l, const struct location_key *keys, unsigned n)
{
	enum { AT_ONCE = 64 };
	uint64_t missing;

	for (; n > 0; keys += AT_ONCE, n = n > AT_ONCE ? n - AT_ONCE : 0) {
		const unsigned now = n < AT_ONCE ? n : AT_ONCE;

		missing = 0;
		for (unsigned i = 0; i < now; i++)
			__builtin_prefetch(&l->buckets[location_bucket(l, &keys[i], 0)]);
		for (unsigned i = 0; i < now; i++)
			if (!prefetch_slot(l, location_bucket(l, &keys[i], 0), &keys[i])) {
				missing |= (uint64_t)1 << i;
				__builtin_prefetch(&l->buckets[location_bucket(l, &keys[i], 1)]);
			}
		for (; missing != 0; missing &= missing - 1) {
			const struct location_key *key = &keys[__builtin_ctzll(missing)];

			prefetch_slot(l, location_bucket(l, key, 1), key);
		}
	}
}

// Only the value this refresh was decided on is replaced: a worker that slept through the life of
// the record does not write into the next owner of the slot.
static bool refresh_time(struct location_slot *s, uint32_t cseq, uint32_t expires_s)
{
	uint64_t old = atomic_load_explicit(&s->time, memory_order_relaxed);
	const uint64_t new = (uint64_t)expires_s << 32 | cseq;

	for (unsigned turn = 0; turn < ROOT_WORKERS_MAX && (uint32_t)old < cseq; turn++)
		if (atomic_compare_exchange_strong_explicit(
		            &s->time, &old, new, memory_order_relaxed, memory_order_relaxed))
			return true;
	return false;
}

bool location_refresh(struct location *l, const struct location_key *key, struct str uri,
        struct str call_id, uint32_t cseq, uint32_t expires_s)
{
	char scratch[LOCATION_TEXT_MAX];
	struct location_contact c;
	uint32_t link;

	if (location_find(l, key, &link) == NULL)
		return false;
	for (unsigned left = location_n_contacts(location_slot(l, link)); left > 0; left--) {
		struct location_slot *s = location_slot(l, link);

		if (!location_read(l, key, &link, &c, scratch))
			return false;
		if (str_eq(c.uri, uri) && str_eq(c.call_id, call_id))
			return refresh_time(s, cseq, expires_s);
	}
	return false;
}
