// The bytes of a tiny location table that can change, and their names. (Its mapping is one huge
// page.)
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "dataplane/table/location_memory.h"

enum {
	SLOTS = 16,
	BUCKETS = SLOTS / 4 + 8,
	HEADER = sizeof(struct location_header),
	BUCKETS_AT = LOCATION_HEADER,
	SLOTS_AT = BUCKETS_AT + 64 * BUCKETS,
	IMAGE = SLOTS_AT + LOCATION_SLOT * SLOTS,
	IMAGE_PLACE = 80,
};

static inline const char *image_slot_field(size_t at)
{
	static const struct {
		const char *name;
		size_t end;
	} fields[] = {
	        {"key", offsetof(struct location_slot, time)},
	        {"time", offsetof(struct location_slot, next)},
	        {"next", offsetof(struct location_slot, kind)},
	        {"kind, contacts, transport, flags", offsetof(struct location_slot, len)},
	        {"lengths", offsetof(struct location_slot, leg)},
	        {"attributes", offsetof(struct location_slot, text)},
	        {"text", sizeof(struct location_slot)},
	};
	unsigned i = 0;

	while (at >= fields[i].end)
		i++;
	return fields[i].name;
}

// What the first byte a store changed belongs to.
static inline void image_place(char out[IMAGE_PLACE], size_t at)
{
	if (at < BUCKETS_AT)
		snprintf(out, IMAGE_PLACE, "header %s",
		        at < offsetof(struct location_header, fresh) ? "taken" : "fresh");
	else if (at < SLOTS_AT)
		snprintf(out, IMAGE_PLACE, "bucket %zu word %zu", (at - BUCKETS_AT) / 64,
		        (at - BUCKETS_AT) % 64 / 8);
	else
		snprintf(out, IMAGE_PLACE, "slot %zu %s", (at - SLOTS_AT) / LOCATION_SLOT,
		        image_slot_field((at - SLOTS_AT) % LOCATION_SLOT));
}
