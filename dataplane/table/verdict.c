// The rows of verdict.h as tables: names and texts for `show counters` and `show drops`, status
// codes for replies.
#include "dataplane/table/verdict.h"

const struct verdict_row verdict_row[VERDICT_COUNT] = {
#define X(id, way_id, status_code, label, meaning) \
	[VERDICT_##id] = {                         \
	        .name = label, .text = meaning, .status = status_code, .way = WAY_##way_id},
        verdict_rows(X)
#undef X
};

const char *const way_name[WAY_COUNT] = {
#define X(id, name) [WAY_##id] = name,
        way_rows(X)
#undef X
};
