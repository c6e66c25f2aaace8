// `show store`: how the journal of bindings is doing.
#include "control/show.h"

#include "control/listing.h"
#include "control/store_sync.h"

static const struct listing_column columns[] = {
        {"figure", 16, false}, {"value", -12, true}, {"meaning", 60, false}};

#define status_rows(X)                                                        \
	X(queued, "addresses of record that wait to be written")              \
	X(records, "made durable since spryd started")                        \
	X(batches, "transactions")                                            \
	X(unchanged, "compared with the journal, nothing to write")           \
	X(coalesced, "written together with a later change")                  \
	X(lost, "not written: queue full, or the disk; compared again later") \
	X(failures, "transactions that failed")                               \
	X(loaded, "records of the file that were sound and alive")            \
	X(expired, "records of the file whose time had passed")               \
	X(damaged, "records of the file with a wrong checksum")               \
	X(unknown, "records of the file of another version")                  \
	X(set_aside, "damaged files renamed to location.mdb.damaged")

static void write_state(struct listing *l, const struct store_status *s)
{
	const uint64_t percent = s->loading ? s->scan_pages * 100 / (s->scan_total + 1) : 100;

	listing_row(l, "read\t%llu\tpercent of the file%s", (unsigned long long)percent,
	        s->loading ? ": being read" : "");
	listing_row(l, "failing\t%d\t%s", s->failing,
	        s->failing                ? s->last.text
	        : s->last.text[0] != '\0' ? "bindings are written again"
	                                  : "bindings are written");
}

enum command_end show_store(struct command_call *call)
{
	struct listing l = {.out = call->out, .json = call->json, .columns = columns, .n = 3};
	struct store_sync *sync = call->control->store;
	struct store_sync_status y;
	struct store_status s;

	if (sync == NULL)
		return command_fail(call, "there is no journal of bindings");
	store_status(store_sync_store(sync), &s);
	store_sync_status(sync, &y);
	listing_begin(&l, "store");
	write_state(&l, &s);
#define X(name, text) listing_row(&l, "%s\t%llu\t%s", #name, (unsigned long long)s.name, text);
	status_rows(X)
#undef X
	        listing_row(&l, "comparing\t%d\tthe journal is being put right behind the table",
	                y.comparing);
	listing_row(&l, "compared\t%llu\trecords of the table compared with the journal",
	        (unsigned long long)y.compared);
	listing_row(&l, "no_room\t%llu\trecords of the journal the table had no room for",
	        (unsigned long long)y.no_room);
	listing_end(&l);
	return COMMAND_DONE;
}
