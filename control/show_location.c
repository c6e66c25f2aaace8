// The commands on registered bindings.
#include "control/show.h"

#include <stdio.h>

#include "control/listing.h"
#include "control/registrar.h"
#include "dataplane/base/now.h"
#include "dataplane/sip/aor.h"
#include "dataplane/table/leg.h"

enum { BUCKETS_A_TURN = 2048 };

static const struct listing_column columns[] = {{"aor", 30, false}, {"contact", 40, false},
        {"calls", 5, false}, {"q", -5, true}, {"expires", -7, true}, {"received", 24, false},
        {"leg", 12, false}, {"flags", 12, false}, {"path", 24, false}, {"user_agent", 20, false}};

struct rows {
	struct command_call *call;
	struct listing listing;
	struct str prefix;
	uint32_t now_s;
	bool taken; // a contact of this record gets the calls
};

// Text from the network in a cell: no tabs, no control bytes.
static const char *cell(struct str s, char *out, size_t room)
{
	size_t n = 0;

	for (; n < s.len && n + 1 < room; n++)
		out[n] = s.p[n] >= ' ' && s.p[n] < 0x7f ? s.p[n] : '?';
	out[n] = '\0';
	return out;
}

static void write_row(struct rows *r, const struct location_contact *c)
{
	const struct table_view *v = publish_view(&r->call->control->publish, ROOT_CONFIG);
	const struct leg *leg = v != NULL ? leg_by_id(v, c->leg) : NULL;
	char received[ADDR_TEXT_MAX], aor[120], uri[120], path[120], agent[60];
	// Until calls fork: the best, which comes first (dataplane/route_binding.c).
	const bool takes = !r->taken && c->transport == TRANSPORT_UDP;

	r->taken |= takes;
	addr_format(&c->received, received);
	listing_row(&r->listing, "%s\t%s\t%s\t%u.%03u\t%u\t%s\t%s\t%s%s\t%s\t%s",
	        cell(c->aor, aor, sizeof(aor)), cell(c->uri, uri, sizeof(uri)), takes ? "here" : "",
	        c->q / 1000, c->q % 1000, c->expires_s - r->now_s, received,
	        leg != NULL ? leg->name : "", c->flags & LOCATION_NAT ? "nat " : "",
	        c->flags & LOCATION_OUTBOUND ? "outbound" : "", cell(c->path, path, sizeof(path)),
	        cell(c->user_agent, agent, sizeof(agent)));
}

static bool write_record(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct rows *r = arg;

	(void)key;
	r->taken = false;
	for (unsigned i = 0; i < n; i++) {
		const struct str aor = contacts[i].aor;

		if (contacts[i].expires_s > r->now_s && aor.len >= r->prefix.len &&
		        str_eq(str_head(aor, r->prefix.len), r->prefix))
			write_row(r, &contacts[i]);
	}
	return true;
}

// One AoR: found by its key. 0 bindings: it may be a prefix.
static unsigned write_aor(struct rows *r, struct location *table, struct str aor)
{
	static char scratch[LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX];
	struct location_contact found[LOCATION_CONTACTS_MAX];
	struct location_key key;
	int n;

	location_make_key(table, aor, &key);
	r->taken = false;
	n = location_lookup(table, &key, r->now_s, found, LOCATION_CONTACTS_MAX, scratch);
	for (int i = 0; i < n; i++)
		write_row(r, &found[i]);
	return n > 0 ? (unsigned)n : 0;
}

static enum command_end show_table(struct command_call *call, const struct location *table)
{
	static const struct listing_column fill_columns[] = {
	        {"figure", 24, false}, {"value", -16, true}};
	struct listing l = {.out = call->out, .json = call->json, .columns = fill_columns, .n = 2};
	struct location_fill f;

	location_fill(table, &f);
	listing_begin(&l, "table");
	listing_row(&l, "slots\t%llu", (unsigned long long)f.slots);
	listing_row(&l, "slots used\t%llu", (unsigned long long)f.used);
	listing_row(&l, "slots waiting\t%llu", (unsigned long long)f.waiting);
	listing_row(&l, "slots reclaimed\t%llu", (unsigned long long)f.leaked);
	listing_row(&l, "records damaged\t%llu", (unsigned long long)f.damaged);
	listing_row(&l, "buckets\t%llu", (unsigned long long)f.buckets);
	listing_row(&l, "longest bucket\t%llu", (unsigned long long)f.longest_bucket);
	listing_row(&l, "addresses of record\t%llu", (unsigned long long)f.records);
	listing_row(&l, "bytes\t%llu", (unsigned long long)f.bytes);
	listing_end(&l);
	return COMMAND_DONE;
}

static enum command_end show_summary(struct command_call *call, const struct registrar *registrar)
{
	static const struct listing_column summary_columns[] = {
	        {"figure", 24, false}, {"value", -16, true}, {"meaning", 50, false}};
	const struct registrar_counters *c = registrar_counters(registrar);
	struct listing l = {
	        .out = call->out, .json = call->json, .columns = summary_columns, .n = 3};
	struct location_fill f;

	location_fill(registrar_table(registrar), &f);
	listing_begin(&l, "summary");
	listing_row(&l, "records\t%llu\taddresses of record with bindings",
	        (unsigned long long)f.records);
#define X(name, text) listing_row(&l, "%s\t%llu\t%s", #name, (unsigned long long)c->name, text);
	registrar_counter_rows(X)
#undef X
#define X(name, text)                          \
	listing_row(&l, "%s\t%llu\t%s", #name, \
	        (unsigned long long)registrar_pings(registrar)->name, text);
	        ping_counter_rows(X)
#undef X
	                listing_end(&l);
	return COMMAND_DONE;
}

static bool word_is(const struct command_call *call, const char *word)
{
	return call->cursor == 0 && call->n_words > 0 && str_eq(call->words[0], str_of(word));
}

// cursor: 0 = at the beginning, else the bucket to go on with + 1.
enum command_end show_location(struct command_call *call)
{
	struct registrar *registrar = call->control->registrar;
	struct rows r = {.call = call,
	        .listing = {.out = call->out,
	                .json = call->json,
	                .columns = columns,
	                .n = sizeof(columns) / sizeof(columns[0])},
	        .now_s = now_boot_s()};
	char aor[AOR_MAX];
	uint64_t next;

	if (registrar == NULL)
		return command_fail(call, "there is no table of bindings");
	if (word_is(call, "table"))
		return show_table(call, registrar_table(registrar));
	if (word_is(call, "summary"))
		return show_summary(call, registrar);
	if (call->cursor == 0) {
		call->kept[0] = '\0';
		listing_begin(&r.listing, "location");
		if (call->n_words > 0) {
			const struct str name = aor_parse(call->words[0], aor);

			if (name.len > 0 && write_aor(&r, registrar_table(registrar), name) > 0) {
				listing_end(&r.listing);
				return COMMAND_DONE;
			}
			snprintf(call->kept, sizeof(call->kept), "%.*s", STR_ARG(call->words[0]));
		}
		call->listed = false;
	}
	r.prefix = str_of(call->kept);
	r.listing.first = !call->listed;
	next = location_walk(registrar_table(registrar), call->cursor > 0 ? call->cursor - 1 : 0,
	        BUCKETS_A_TURN, write_record, &r);
	call->listed = !r.listing.first;
	call->cursor = next + 1;
	if (next != 0)
		return COMMAND_MORE;
	listing_end(&r.listing);
	return COMMAND_DONE;
}

enum command_end clear_location(struct command_call *call)
{
	struct registrar *registrar = call->control->registrar;
	char aor[AOR_MAX];
	struct str name;

	if (registrar == NULL)
		return command_fail(call, "there is no table of bindings");
	if (call->n_words != 1)
		return command_fail_at(call, 0, "expected an address of record");
	name = aor_parse(call->words[0], aor);
	if (name.len == 0 || !registrar_clear(registrar, name))
		return command_fail_at(call, 0, "nobody is registered by that address");
	return COMMAND_DONE;
}
