// Bindings as a REGISTER's answer lists them.
#pragma once

#include "dataplane/table/gruu.h"

// "Contact: <URI>;expires=N;q=Q;..." of a binding. With `gruu` (NULL = not) also its GRUUs (RFC
// 5627 §5.3).
void binding_write(struct writer *out, const struct location_contact *c, uint32_t now_s,
        struct token_ring *gruu);
// Names a binding of an AoR in 64 bits: its URI and Call-ID.
uint64_t binding_id(const struct location_contact *c);
// The order in which lookups find them: highest q first, then the newest.
void binding_sort(struct location_contact *contacts, unsigned n);
