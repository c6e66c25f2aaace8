// show user: who may authenticate, in figures. The users of the store are listed by `spry user
// show`.
#include "control/listing.h"
#include "control/show.h"

enum command_end show_user(struct command_call *call)
{
	const struct listing_column columns[] = {
	        {"configuration", -13, true},
	        {"store", -9, true},
	        {"twice", -7, true},
	        {"damaged", -7, true},
	        {"store_bytes", -12, true},
	        {"table_bytes", -12, true},
	        {"made_ms", -8, true},
	        {"generation", -10, true},
	        {"busy", 5, false},
	        {"problem", 1, false},
	};
	struct listing l = {.out = call->out,
	        .json = call->json,
	        .columns = columns,
	        .n = sizeof(columns) / sizeof(columns[0])};
	struct users_status s;

	users_status(call->control->users, &s);
	listing_begin(&l, "user");
	listing_row(&l, "%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%s\t%s",
	        (unsigned long long)s.rows, (unsigned long long)s.file, (unsigned long long)s.twice,
	        (unsigned long long)s.damaged, (unsigned long long)s.file_bytes,
	        (unsigned long long)s.table_bytes, (unsigned long long)s.made_ms,
	        (unsigned long long)s.generation, s.busy ? "yes" : "no", s.problem.text);
	listing_end(&l);
	return COMMAND_DONE;
}
