// Takes values out of a list header field (Via, Route), with their commas, or whole fields with
// them.
#pragma once

#include "dataplane/sip/edit.h"
#include "dataplane/sip/message.h"

enum { CUT_NO_LAST = 0xffff };

// The first `n` values of header `id`, and the one with index `last` (CUT_NO_LAST = none). Fields
// that stand together and lose all values are one edit.
void cut_values(
        struct edit_list *l, const struct message *m, enum header_id id, unsigned n, unsigned last);
