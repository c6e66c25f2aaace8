// Single producer, single consumer ring of variable-length records in shared memory, between two
// processes either of which may die at any instant. The producer writes the record first and then
// moves one index (release); the consumer reads the index (acquire), copies or uses the record in
// place, then moves its own. A producer killed half-way has moved nothing.
//
//   head (producer's)  ->  total bytes ever written      each index alone in its cache line
//   tail (consumer's)  ->  total bytes ever consumed
//   record = {u32 len, u32 kind, u64 at} + bytes, in multiples of 16; a record never wraps: a
//   filler takes the rest of the buffer. `at` is the index the record starts at.
//
// Neither side trusts what the other can write (RELIABILITY A44): each keeps the size and its own
// index in a handle of its own (struct ring) and checks the other's index and every length.
#pragma once

#include <stdatomic.h>

#include "dataplane/base/addr.h"

// The shared part.
struct ring_memory {
	_Alignas(64) _Atomic uint64_t head;
	_Alignas(64) _Atomic uint64_t tail;
	_Alignas(64) uint32_t bytes; // of data[], power of two
	uint32_t reserved;
	_Alignas(64) uint8_t data[];
};
_Static_assert(
        offsetof(struct ring_memory, tail) - offsetof(struct ring_memory, head) >= 64 &&
                offsetof(struct ring_memory, bytes) - offsetof(struct ring_memory, tail) >= 64,
        "each index alone in its cache line");

// A process's handle on one end (or, in tests, on both). One handle an end: its index lives here.
struct ring {
	struct ring_memory *memory;
	uint64_t head, tail; // our own index; the other one is unused
	uint32_t bytes;
	uint32_t peeked;   // bytes ring_pop() takes
	uint32_t reserved; // bytes ring_publish() may publish,
	uint64_t start;    // and where
};

// Makes an empty ring of `bytes` (power of two, >= 256) of data; memory holds sizeof(struct
// ring_memory) + bytes and is 64-byte aligned.
void ring_init(void *memory, uint32_t bytes);
// True when the ring is sane for a memory of that size.
bool ring_check(const void *memory, uint32_t bytes);
// Takes up an end of the ring where the last process left it; false (and the handle refuses
// everything) when ring_check says no.
bool ring_attach(struct ring *r, void *memory, uint32_t bytes);

// Longest record a ring of that size takes.
static inline uint32_t ring_record_max(uint32_t bytes)
{
	return bytes / 2 - 16;
}

// Producer: room for a record of len bytes, 16-byte aligned, or NULL when full or len is over
// ring_record_max(). Nothing is visible until ring_publish(). Only one reservation at a time.
void *ring_reserve(struct ring *r, uint32_t len);
// len is what was reserved, or less.
void ring_publish(struct ring *r, uint32_t len);

// Consumer: the oldest record, *len its length, or NULL when empty. A corrupt ring is emptied
// (tail = head), *corrupt (may be NULL) is counted up. The bytes are the other side's: check and
// use a copy where that matters.
const void *ring_peek(struct ring *r, uint32_t *len, uint64_t *corrupt);
// Gives the record of the last ring_peek() back.
void ring_pop(struct ring *r);

// A whole message on the punt or inject ring. Behind it: `len` bytes of SIP.
enum ring_ask {
	RING_RESOLVE = 1,  // punt: resolve the link address of `via`, then inject RING_SEND
	RING_SEND = 2,     // inject: send as it stands to dst from leg `leg`
	RING_REGISTER = 3, // punt: a REGISTER for a domain of ours, by `leg` from `src` (admitted
	                   // by policy)
};
struct ring_message {
	uint32_t len;
	uint8_t ask; // enum ring_ask
	uint8_t port;
	uint16_t vlan;
	uint16_t leg; // leg id (table/leg.h) it leaves by, or (RING_REGISTER) came by
	uint16_t reserved[3];
	struct addr dst; // where the message goes
	struct addr src; // RING_REGISTER: who sent it
	struct addr via; // RING_RESOLVE: next hop on the link whose link address is wanted
	uint64_t at_ns;
	char bytes[];
};

// On the event ring.
enum event_kind {
	EVENT_NEIGHBOUR_WANTED = 1, // addr on (port, vlan) has no link address
	EVENT_REFRESHED = 2,        // a worker refreshed a binding of the AoR `key`
};
struct ring_event {
	uint32_t kind;
	uint8_t port;
	uint8_t reserved;
	uint16_t vlan;
	struct addr addr;
	// EVENT_REFRESHED: the AoR's struct location_key, binding_id() and what was written
	uint64_t key[2], contact;
	uint32_t expires_s, cseq;
};
