// The registrar: table, rules and answers put together.
#include "control/registrar.h"

#include <stdlib.h>

#include "control/register_merge.h"
#include "control/register_reply.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"
#include "dataplane/table/binding.h"

enum {
	RESERVE_PART = 64, // of the slots, for changes of bindings when new ones are refused
	TICK_MS = 20,
	SWEEP_TICKS = 3000, // of a walk over the whole table: a minute
	SWEEP_MIN = 16,     // buckets a tick
	SWEEP_MAX = 4096,
	ANSWER_MAX = 65000,
};

struct registrar {
	struct location *table;
	const struct root *root;
	const struct publish *publish;
	struct upcall *upcall;
	struct ping *ping;
	struct event *timer;
	struct registrar_journal journal;
	uint64_t sweep_from;
	struct registrar_counters counters;
	struct log_limit full_log;
	unsigned alarm; // percent of the table that were said to be full: 0, 80, 95
	struct token_ring *tokens;
	struct token_key keys[TOKEN_KEYS_MAX]; // of which they were made
	struct register_request request;
	char scratch[LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX];
	char copy[MESSAGE_BYTES_MAX], answer[ANSWER_MAX];
};

static void journal(
        struct registrar *r, struct str aor, const struct location_contact *contacts, unsigned n)
{
	if (r->journal.put != NULL)
		r->journal.put(r->journal.arg, aor, contacts, n);
}

// The ring made of the keys of the running configuration; NULL without memory.
static struct token_ring *tokens_of(struct registrar *r, const struct table_view *v)
{
	const uint32_t n =
	        v->count[TABLE_KEYS] < TOKEN_KEYS_MAX ? v->count[TABLE_KEYS] : TOKEN_KEYS_MAX;
	struct token_key keys[TOKEN_KEYS_MAX] = {0};

	memcpy(keys, v->rows[TABLE_KEYS], n * sizeof(keys[0]));
	if (r->tokens == NULL || memcmp(keys, r->keys, sizeof(keys)) != 0) {
		token_ring_destroy(r->tokens);
		r->tokens = token_ring_create(keys, n);
		memcpy(r->keys, keys, sizeof(keys));
	}
	return r->tokens;
}

// The last slots are for those who are registered already: their changes take new ones, until
// readers have left the old.
static bool has_room(const struct registrar *r)
{
	struct location_fill f;

	location_fill(r->table, &f);
	return f.used + f.waiting + f.slots / RESERVE_PART < f.slots;
}

static int refuse_full(struct registrar *r, const char *why, uint64_t at)
{
	r->counters.full++;
	if (log_limit_pass(&r->full_log, at))
		log_error("a REGISTER was answered 503: %s (%llu lines like this left out)", why,
		        (unsigned long long)r->full_log.suppressed);
	return -1;
}

// Slots that readers have left may be what is missing: then once more.
static int put(struct registrar *r, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct error e = {0};
	uint64_t at = now_ns();

	if (location_put(r->table, key, contacts, n, &e) == 0)
		return 0;
	location_reclaim(r->table, r->root, at);
	if (location_put(r->table, key, contacts, n, &e) == 0)
		return 0;
	return refuse_full(r, e.text, at);
}

// More time and nothing else: in place, so that it works when the table is full.
static bool refresh_in_place(struct registrar *r, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	bool all = true;

	for (unsigned i = 0; i < n; i++)
		if (str_eq(contacts[i].call_id, r->request.call_id) &&
		        contacts[i].cseq == r->request.cseq.number)
			all = location_refresh(r->table, key, contacts[i].uri, contacts[i].call_id,
			              contacts[i].cseq, contacts[i].expires_s) &&
			      all;
	return all;
}

static int change_table(struct registrar *r, const struct location_key *key,
        const struct location_contact *contacts, unsigned n, const struct register_change *change)
{
	if (change->added + change->updated + change->removed == 0 &&
	        refresh_in_place(r, key, contacts, n))
		return 0;
	if (change->added > 0 && !has_room(r)) {
		location_reclaim(r->table, r->root, now_ns());
		if (!has_room(r))
			return refuse_full(r, "location table full", now_ns());
	}
	return put(r, key, contacts, n);
}

// Bindings that are new, or not the ones they were. `old`: all of them, empty ones behind the last.
static void watch(struct registrar *r, const struct location_key *key,
        const struct location_contact *now, unsigned n, const struct location_contact *old)
{
	for (unsigned i = 0; i < n; i++) {
		const uint64_t id = binding_id(&now[i]);
		bool known = false;

		for (unsigned k = 0; k < LOCATION_CONTACTS_MAX && !known; k++)
			known = old[k].uri.len > 0 && binding_id(&old[k]) == id &&
			        old[k].flags == now[i].flags;
		if (!known)
			ping_add(r->ping, key, &now[i]);
	}
}

static bool changed(const struct register_change *c)
{
	return c->added + c->updated + c->removed + c->refreshed > 0;
}

// The bindings of the request's AoR as they are after it; false when it is refused.
static bool apply(struct registrar *r, struct location_contact *out, unsigned *n)
{
	struct register_request *q = &r->request;
	struct location_contact old[LOCATION_CONTACTS_MAX];
	struct register_change change;
	struct location_key key;
	int n_old;

	location_make_key(r->table, q->aor, &key);
	memset(old, 0, sizeof(old));
	n_old = location_lookup(
	        r->table, &key, q->source.now_s, old, LOCATION_CONTACTS_MAX, r->scratch);
	if (n_old < 0 && r->journal.loading != NULL && r->journal.loading(r->journal.arg)) {
		r->counters.loading++;
		q->answer = (struct register_answer){.status = 503, .retry = true};
		return false;
	}
	if (!register_merge(q, old, n_old > 0 ? (unsigned)n_old : 0, out, n, &change))
		return false;
	if (!changed(&change))
		return true;
	if (change_table(r, &key, out, *n, &change) != 0) {
		q->answer = (struct register_answer){.status = 503, .retry = true};
		return false;
	}
	watch(r, &key, out, *n, old);
	r->counters.added += change.added;
	r->counters.updated += change.updated + change.refreshed;
	r->counters.removed += change.removed;
	journal(r, q->aor, out, *n);
	return true;
}

size_t registrar_take(struct registrar *r, const struct ring_message *head, struct str bytes,
        char *out, size_t room, struct addr *to)
{
	const struct table_view *v = publish_view(r->publish, ROOT_CONFIG);
	struct location_contact contacts[LOCATION_CONTACTS_MAX];
	struct register_request *q = &r->request;
	unsigned n = 0;
	size_t len = 0;
	bool ok;

	r->counters.taken++;
	q->source = (struct register_source){.view = v, .src = head->src, .now_s = now_boot_s()};
	q->source.leg = v != NULL ? leg_by_id(v, head->leg) : NULL;
	q->source.tokens = v != NULL ? tokens_of(r, v) : NULL;
	if (q->source.leg == NULL || q->source.tokens == NULL) {
		r->counters.silent++;
		return 0;
	}
	ok = register_parse(q, bytes) && apply(r, contacts, &n);
	if (register_reply_to(q, to))
		len = register_reply(q, contacts, n, out, room);
	if (len == 0)
		r->counters.silent++;
	else if (ok)
		r->counters.accepted++;
	else
		r->counters.refused++;
	return len;
}

// The ring's bytes are the worker's: a copy, taken once.
static void on_register(void *arg, unsigned worker, const struct ring_message *head, const char *at)
{
	struct registrar *r = arg;
	struct ring_message answer = {.leg = head->leg, .at_ns = head->at_ns};
	size_t len;

	if (head->len > sizeof(r->copy))
		return;
	memcpy(r->copy, at, head->len);
	len = registrar_take(r, head, (struct str){r->copy, head->len}, r->answer,
	        sizeof(r->answer), &answer.dst);
	answer.len = (uint32_t)len;
	if (len > 0 && !upcall_send(r->upcall, worker, &answer, r->answer))
		r->counters.silent++;
}

void registrar_refreshed(struct registrar *r, const struct ring_event *event)
{
	const struct location_key key = {{event->key[0], event->key[1]}};
	struct location_contact found[LOCATION_CONTACTS_MAX];
	const uint32_t now = now_boot_s();
	int n = location_lookup(r->table, &key, now, found, LOCATION_CONTACTS_MAX, r->scratch);

	for (int i = 0; i < n; i++) {
		if (binding_id(&found[i]) != event->contact)
			continue;
		// Lost with a record that was replaced at that moment: put right.
		if (found[i].cseq < event->cseq) {
			(void)location_refresh(r->table, &key, found[i].uri, found[i].call_id,
			        event->cseq, event->expires_s);
			found[i].cseq = event->cseq;
			found[i].expires_s = event->expires_s;
		}
		r->counters.refreshed++;
		journal(r, found[i].aor, found, (unsigned)n);
		return;
	}
}

static void on_refreshed(void *arg, const struct ring_event *event)
{
	registrar_refreshed(arg, event);
}

bool registrar_clear(struct registrar *r, struct str aor)
{
	struct location_contact found[LOCATION_CONTACTS_MAX];
	struct location_key key;
	int n;

	location_make_key(r->table, aor, &key);
	n = location_lookup(r->table, &key, 0, found, LOCATION_CONTACTS_MAX, r->scratch);
	if (n < 0 || put(r, &key, NULL, 0) != 0)
		return false;
	r->counters.removed += (unsigned)n;
	journal(r, aor, NULL, 0);
	return true;
}

static bool same_binding(const struct location_contact *a, const struct location_contact *b)
{
	return str_eq(a->uri, b->uri) ||
	       (a->reg_id != 0 && a->reg_id == b->reg_id && str_eq(a->instance, b->instance));
}

int registrar_import(struct registrar *r, const struct location_contact *c, struct error *e)
{
	struct location_contact list[LOCATION_CONTACTS_MAX];
	const uint32_t now = now_boot_s();
	struct location_key key;
	int n, at = 0;

	if (c->expires_s <= now)
		return error_set(e, "the binding has expired");
	location_make_key(r->table, c->aor, &key);
	n = location_lookup(r->table, &key, now, list, LOCATION_CONTACTS_MAX, r->scratch);
	n = n > 0 ? n : 0;
	while (at < n && !same_binding(&list[at], c))
		at++;
	if (at < n && list[at].expires_s >= c->expires_s)
		return 0;
	if (at == LOCATION_CONTACTS_MAX)
		return error_set(e, "the address of record has %d bindings already", n);
	list[at] = *c;
	n = at == n ? n + 1 : n;
	if (put(r, &key, list, (unsigned)n) != 0)
		return error_set(e, "the table of bindings is full");
	r->counters.imported++;
	journal(r, c->aor, list, (unsigned)n);
	return 0;
}

static bool sweep_one(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct location_contact live[LOCATION_CONTACTS_MAX];
	struct registrar *r = arg;
	const uint32_t now = now_boot_s();
	unsigned n_live = 0;

	for (unsigned i = 0; i < n; i++)
		if (contacts[i].expires_s > now)
			live[n_live++] = contacts[i];
	if (n_live == n || put(r, key, live, n_live) != 0)
		return true;
	r->counters.expired += n - n_live;
	journal(r, contacts[0].aor, live, n_live);
	return true;
}

// Says once when the table fills up, and when it has room again.
static void watch_fill(struct registrar *r, const struct location_fill *f)
{
	const unsigned percent = (unsigned)((f->used + f->waiting) * 100 / f->slots);

	if (percent >= 95 && r->alarm < 95)
		log_error("bindings: the table is full by %u %% (set location size)",
		        r->alarm = percent);
	else if (percent >= 80 && r->alarm < 80)
		log_warning("bindings: the table is full by %u %% (set location size)",
		        r->alarm = percent);
	else if (percent < 75)
		r->alarm = 0;
}

static void tick_pings(struct registrar *r)
{
	const struct table_view *v =
	        r->upcall != NULL ? publish_view(r->publish, ROOT_CONFIG) : NULL;
	struct ping_turn turn = {.view = v, .scratch = r->scratch};

	if (v == NULL || (turn.tokens = tokens_of(r, v)) == NULL)
		return;
	turn.loading = r->journal.loading != NULL && r->journal.loading(r->journal.arg);
	ping_tick(r->ping, &turn);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct registrar *r = arg;
	struct location_fill fill;
	uint64_t n;

	(void)fd, (void)what;
	location_reclaim(r->table, r->root, now_ns());
	location_fill(r->table, &fill);
	watch_fill(r, &fill);
	n = fill.buckets / SWEEP_TICKS;
	n = n < SWEEP_MIN ? SWEEP_MIN : n > SWEEP_MAX ? SWEEP_MAX : n;
	tick_pings(r);
	r->sweep_from = location_walk(r->table, r->sweep_from, n, sweep_one, r);
}

struct registrar *registrar_create(struct event_base *base, struct location *table,
        const struct root *root, const struct publish *publish, struct upcall *upcall,
        struct error *e)
{
	struct registrar *r = calloc(1, sizeof(*r));
	const struct timeval every = {0, TICK_MS * 1000};

	if (r != NULL) {
		r->table = table;
		r->root = root;
		r->publish = publish;
		r->upcall = upcall;
		r->ping = ping_create(table, upcall);
		r->full_log = (struct log_limit){.per_second = 1, .burst = 3};
		r->timer = event_new(base, -1, EV_PERSIST, on_tick, r);
	}
	if (r == NULL || r->timer == NULL || r->ping == NULL || event_add(r->timer, &every) != 0) {
		registrar_destroy(r);
		error_set(e, "out of memory");
		return NULL;
	}
	if (upcall != NULL)
		upcall_registrar(upcall, (struct upcall_registrar){on_register, on_refreshed, r});
	return r;
}

void registrar_destroy(struct registrar *r)
{
	if (r == NULL)
		return;
	if (r->timer != NULL)
		event_free(r->timer);
	token_ring_destroy(r->tokens);
	ping_destroy(r->ping);
	free(r);
}

void registrar_journal(struct registrar *r, struct registrar_journal to)
{
	r->journal = to;
}

struct location *registrar_table(const struct registrar *r)
{
	return r->table;
}

const struct registrar_counters *registrar_counters(const struct registrar *r)
{
	return &r->counters;
}

const struct ping_counters *registrar_pings(const struct registrar *r)
{
	return ping_counters(r->ping);
}
