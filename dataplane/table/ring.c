// The ring of ring.h. Every value the other process can write is read once and checked before use;
// the size and our own index come from the handle, never from the shared memory.
#include "dataplane/table/ring.h"

enum { RECORD_ALIGN = 16, RECORD = 0x5245, FILLER = 0x4649 };

struct record {
	uint32_t len;
	uint32_t kind;
	uint64_t at; // index of this record: an old record's bytes are not taken for a new one's
};

static uint32_t record_size(uint32_t len)
{
	return ((uint32_t)sizeof(struct record) + len + RECORD_ALIGN - 1) &
	       ~(uint32_t)(RECORD_ALIGN - 1);
}

static struct record *record_at(const struct ring *r, uint64_t index)
{
	return (struct record *)(void *)(r->memory->data + (index & (r->bytes - 1)));
}

static uint32_t room_to_end(const struct ring *r, uint64_t index)
{
	return r->bytes - (uint32_t)(index & (r->bytes - 1));
}

void ring_init(void *memory, uint32_t bytes)
{
	struct ring_memory *m = memory;

	atomic_store_explicit(&m->head, 0, memory_order_relaxed);
	atomic_store_explicit(&m->tail, 0, memory_order_relaxed);
	m->bytes = bytes;
	m->reserved = 0;
}

bool ring_check(const void *memory, uint32_t bytes)
{
	const struct ring_memory *m = memory;
	uint64_t head = atomic_load_explicit(&m->head, memory_order_acquire);
	uint64_t tail = atomic_load_explicit(&m->tail, memory_order_acquire);

	// The live ends may move between the two loads: a head read before the tail can look older
	// by at most a whole ring.
	return m->bytes == bytes && bytes >= 256 && (bytes & (bytes - 1)) == 0 &&
	       (head | tail) % RECORD_ALIGN == 0 && (head - tail <= bytes || tail - head <= bytes);
}

bool ring_attach(struct ring *r, void *memory, uint32_t bytes)
{
	*r = (struct ring){0};
	if (!ring_check(memory, bytes))
		return false;
	r->memory = memory;
	r->bytes = bytes;
	r->head = atomic_load_explicit(&r->memory->head, memory_order_acquire);
	r->tail = atomic_load_explicit(&r->memory->tail, memory_order_acquire);
	return true;
}

void *ring_reserve(struct ring *r, uint32_t len)
{
	if (r->memory == NULL || len > ring_record_max(r->bytes))
		return NULL;
	uint64_t used = r->head - atomic_load_explicit(&r->memory->tail, memory_order_acquire);
	if (used > r->bytes)
		return NULL; // not a tail of ours: full until the consumer puts it right
	uint32_t size = record_size(len), rest = room_to_end(r, r->head);
	uint32_t filler = rest < size ? rest : 0;
	if (filler + size > r->bytes - used)
		return NULL;

	uint64_t start = r->head + filler;
	if (filler > 0)
		*record_at(r, r->head) =
		        (struct record){filler - (uint32_t)sizeof(struct record), FILLER, r->head};
	struct record *record = record_at(r, start);
	*record = (struct record){len, RECORD, start};
	r->reserved = len;
	r->start = start;
	return record + 1;
}

void ring_publish(struct ring *r, uint32_t len)
{
	if (r->memory == NULL || len > r->reserved)
		return;
	record_at(r, r->start)->len = len;
	r->head = r->start + record_size(len);
	r->reserved = 0;
	atomic_store_explicit(&r->memory->head, r->head, memory_order_release);
}

static void move_tail(struct ring *r, uint64_t tail)
{
	r->tail = tail;
	atomic_store_explicit(&r->memory->tail, tail, memory_order_release);
}

// The record at our tail, of `used` bytes the producer says are there: true and its size, or false.
static bool record_take(const struct ring *r, uint64_t used, struct record *record, uint32_t *size)
{
	const struct record *shared = record_at(r, r->tail);

	if (used > r->bytes || (used | r->tail) % RECORD_ALIGN != 0)
		return false;
	record->len = __atomic_load_n(&shared->len, __ATOMIC_RELAXED);
	record->kind = __atomic_load_n(&shared->kind, __ATOMIC_RELAXED);
	record->at = __atomic_load_n(&shared->at, __ATOMIC_RELAXED);
	uint32_t rest = room_to_end(r, r->tail);
	if (record->at != r->tail || record->len > rest - sizeof(*record))
		return false;
	*size = record_size(record->len);
	if (*size > used || *size > rest)
		return false;
	return record->kind == RECORD || (record->kind == FILLER && *size == rest);
}

const void *ring_peek(struct ring *r, uint32_t *len, uint64_t *corrupt)
{
	// At most a filler, and the record at the start of the buffer.
	for (int turn = 0; turn < 2 && r->memory != NULL; turn++) {
		uint64_t head = atomic_load_explicit(&r->memory->head, memory_order_acquire);
		struct record record;
		uint32_t size;

		r->peeked = 0;
		if (head == r->tail)
			return NULL;
		if (!record_take(r, head - r->tail, &record, &size)) {
			move_tail(r, head);
			if (corrupt != NULL)
				++*corrupt;
			return NULL;
		}
		if (record.kind == RECORD) {
			r->peeked = size;
			*len = record.len;
			return record_at(r, r->tail) + 1;
		}
		move_tail(r, r->tail + size);
	}
	return NULL;
}

void ring_pop(struct ring *r)
{
	if (r->memory == NULL || r->peeked == 0)
		return;
	move_tail(r, r->tail + r->peeked);
	r->peeked = 0;
}
