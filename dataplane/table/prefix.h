// Number prefixes -> group: a trie over '0'-'9', '*', '#', '+', longest match.
#pragma once

#include "dataplane/table/table.h"

enum { PREFIX_NONE = 0xffff, PREFIX_DIGITS_MAX = 32 };

struct prefix_node {
	uint32_t child[13]; // 0 = none (node 0 is the root, nobody's child)
	uint16_t group;     // PREFIX_NONE = no prefix ends here
	uint16_t reserved;
};

// "49", "+4930", "" (= all numbers). -1 on another character, a duplicate or no memory.
int prefix_add(struct table_builder *b, struct str digits, uint16_t group, struct error *e);
bool prefix_check(const struct table_view *v, struct error *e);

// Group of the longest prefix of a number, PREFIX_NONE when none or when `number` (user part of a
// SIP URI or of a tel URI, visual separators "-.()" skipped) is not a number. A prefix without '+'
// also matches a number with it. %HH is read as its character; the number ends at a ';'.
uint16_t prefix_lookup(const struct table_view *v, struct str number);
