// Header fields that the operator keeps inside of his own network.
#pragma once

#include "dataplane/sip/header.h"
#include "dataplane/table/table.h"

enum { TRUST_HEADERS_MAX = 32 };

struct trust_header {
	uint32_t name; // offset in TEXT, for HEADER_OTHER
	uint16_t id;   // enum header_id
	uint16_t name_len;
};

// May a field be cut out at all? Not those a proxy needs or changes itself.
bool trust_may_cut(enum header_id id);
int trust_add(struct table_builder *b, struct str name, struct error *e);
bool trust_check(const struct table_view *v, struct error *e);
static inline struct str trust_header_name(const struct table_view *v, const struct trust_header *h)
{
	return table_text(v, h->name, h->name_len);
}
