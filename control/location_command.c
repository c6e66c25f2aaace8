// `location export` and `location import`: the table of bindings as lines of text, and back.
#include "control/show.h"

#include "control/binding_text.h"
#include "control/registrar.h"
#include "control/store_sync.h"
#include "dataplane/base/now.h"
#include "dataplane/sip/aor.h"
#include "dataplane/table/leg.h"

enum { BUCKETS_A_TURN = 2048 };

static bool write_record(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct command_call *call = arg;
	const struct table_view *v = publish_view(&call->control->publish, ROOT_CONFIG);
	const int64_t offset_s = store_offset_s();
	const uint32_t now_s = now_boot_s();
	char line[BINDING_TEXT_MAX + 1];

	(void)key;
	for (unsigned i = 0; i < n; i++) {
		const struct leg *leg = v != NULL ? leg_by_id(v, contacts[i].leg) : NULL;
		size_t len;

		if (contacts[i].expires_s <= now_s)
			continue;
		len = binding_text_write(
		        &contacts[i], leg != NULL ? leg->name : NULL, offset_s, line);
		if (len == 0)
			continue;
		line[len] = '\n';
		evbuffer_add(call->out, line, len + 1);
	}
	return true;
}

// Half a table would be taken for a whole one.
static bool usable(struct command_call *call)
{
	struct store_status s;

	if (call->control->registrar == NULL) {
		command_fail(call, "there is no table of bindings");
		return false;
	}
	if (call->control->store == NULL || !store_sync_loading(call->control->store))
		return true;
	store_status(store_sync_store(call->control->store), &s);
	command_fail(call, "the bindings are still being loaded (%llu %%)",
	        (unsigned long long)(s.scan_pages * 100 / (s.scan_total + 1)));
	return false;
}

// cursor: 0 = at the beginning, else the bucket to go on with + 1.
enum command_end location_export(struct command_call *call)
{
	uint64_t next;

	if (!usable(call))
		return COMMAND_DONE;
	next = location_walk(registrar_table(call->control->registrar),
	        call->cursor > 0 ? call->cursor - 1 : 0, BUCKETS_A_TURN, write_record, call);
	call->cursor = next + 1;
	return next != 0 ? COMMAND_MORE : COMMAND_DONE;
}

static int import_one(struct command_call *call, struct str line, struct error *e)
{
	char room[BINDING_TEXT_MAX], aor[AOR_MAX];
	struct location_contact c;

	if (line.len > sizeof(room))
		return error_set(e, "the line is too long");
	if (binding_text_read(line, store_offset_s(), &c, room, e) != 0)
		return -1;
	c.aor = aor_parse(c.aor, aor);
	if (c.aor.len == 0)
		return error_set(e, "aor is no address of record");
	return registrar_import(call->control->registrar, &c, e);
}

// Says how many of the words it took, also when one is refused, and how many addresses of record
// wait to be written to disk: who imports many keeps that low. Without a word it only says that.
enum command_end location_import(struct command_call *call)
{
	struct store_status s = {0};
	struct error e = {0};
	unsigned n = 0;

	if (!usable(call))
		return COMMAND_DONE;
	while (n < call->n_words && import_one(call, call->words[n], &e) == 0)
		n++;
	if (call->control->store != NULL)
		store_status(store_sync_store(call->control->store), &s);
	evbuffer_add_printf(call->out, "%u %llu\n", n, (unsigned long long)s.queued);
	return n < call->n_words ? command_fail_at(call, n, "%s", e.text) : COMMAND_DONE;
}
