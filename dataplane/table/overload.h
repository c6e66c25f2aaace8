// What a worker that is behind refuses: one row of the configuration (RELIABILITY T14).
#pragma once

#include "dataplane/table/table.h"

enum { OVERLOAD_NUMBERS_MAX = 16, OVERLOAD_NUMBER_ROOM = 40 };

struct overload {
	uint8_t share; // most of the new requests, percent; 0 = none
	uint8_t reply; // 503, else silence
	uint8_t reserved;
	uint8_t n_numbers;
	char number[OVERLOAD_NUMBERS_MAX][OVERLOAD_NUMBER_ROOM]; // never refused; end with a NUL
};

int overload_set(struct table_builder *b, const struct overload *o, struct error *e);
bool overload_check(const struct table_view *v, struct error *e);
// Whether a user part is one of the numbers, parameters aside.
bool overload_is_emergency(const struct overload *o, struct str user);
// The row, or NULL: nothing is refused.
static inline const struct overload *overload_get(const struct table_view *v)
{
	return v->rows[TABLE_OVERLOAD];
}
