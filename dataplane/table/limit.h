// Limits: how many messages a second, of which kind, by whom.
#pragma once

#include "dataplane/table/hits.h"
#include "dataplane/table/table.h"

enum { LIMITS_MAX = 64 };

// Who is counted, each for itself.
enum limit_by {
	LIMIT_BY_SOURCE, // an IPv4 address, a /64 of IPv6
	LIMIT_BY_FROM,   // who authenticated, else user and host of the From URI
	LIMIT_BY_TO,     // of the To URI
	LIMIT_BY_URI,    // of the Request-URI
	LIMIT_BY_LEG,    // what comes by a leg
	LIMIT_BY_ALL,    // everything
	LIMIT_BY_COUNT,
};

enum limit_flag {
	LIMIT_EARLY = 1,   // before parse: every datagram
	LIMIT_PATTERN = 2, // only what a pattern hands to it
};

struct limit {
	struct hit_ref hit; // refusals
	uint32_t name;      // offset in TEXT
	uint8_t name_len;
	uint8_t by;       // enum limit_by
	uint16_t flags;   // enum limit_flag
	uint32_t methods; // a bit each enum method
	uint32_t amount, per_s, burst;
	uint16_t leg;    // LEG_NONE = any leg that is not trusted
	uint16_t status; // of the answer, 0 = silence
};

// Index of the limit; -1 = too many, or a value out of range.
int limit_add(struct table_builder *b, struct limit l, struct str name, struct error *e);
bool limit_check(const struct table_view *v, struct error *e);
struct str limit_name(const struct table_view *v, const struct limit *l);
