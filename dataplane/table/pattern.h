// Patterns: what messages look like that an operator does not want. Control compiles them
// (Hyperscan) into one database a place they look at; the bytes travel in the generation.
#pragma once

#include "dataplane/table/hits.h"
#include "dataplane/table/table.h"

enum { PATTERNS_MAX = 4096 };

enum pattern_place {
	PATTERN_IN_HEAD,   // start line and header fields
	PATTERN_IN_HEADER, // values of one header field
	PATTERN_IN_BODY,
	PATTERN_PLACES,
};

enum pattern_action {
	PATTERN_DROP,
	PATTERN_REJECT,
	PATTERN_TAG,   // counted only
	PATTERN_LIMIT, // by a limit
	PATTERN_ACTIONS,
};

struct pattern {
	struct hit_ref hit;
	uint32_t name, text, header_name; // offsets in TEXT
	uint8_t name_len, text_len, header_name_len;
	uint8_t place, action; // enum pattern_place, pattern_action
	uint8_t reserved;
	uint16_t header; // enum header_id; of OTHER header_name says which
	uint16_t status; // PATTERN_REJECT
	uint16_t limit;  // PATTERN_LIMIT: row
};

// A place's database: hs_serialize_database bytes in PATTERN_BYTES. len 0 = no pattern there. The
// ids in it are rows of PATTERNS.
struct pattern_database {
	uint32_t offset, len;
};

// Index of the pattern; name, regular expression and header name as texts. -1 = too many.
int pattern_add(
        struct table_builder *b, struct pattern r, const struct str texts[3], struct error *e);
// The databases of all places, once, after the patterns.
int pattern_set_databases(
        struct table_builder *b, const struct str databases[PATTERN_PLACES], struct error *e);
// Does a regular expression (^ and $ are ends of lines) match in a line of a text whatever it
// matches in that line by itself? It does, unless it asks for an end of the text, or sets options.
// False when in doubt.
bool pattern_by_lines(struct str regex);
bool pattern_check(const struct table_view *v, struct error *e);
