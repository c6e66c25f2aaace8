// Pings: the wheel, and what is sent. A binding is in the wheel once, by its key and id; what it is
// now is looked up when its time comes.
#include "control/ping.h"

#include <stdlib.h>

#include "dataplane/base/now.h"
#include "dataplane/sip/branch.h"
#include "dataplane/sip/writer.h"
#include "dataplane/table/binding.h"
#include "dataplane/table/home.h"
#include "dataplane/table/leg.h"

#define TICK_NS UINT64_C(20000000)
enum {
	TICKS_A_SECOND = 50,
	SLOTS = 1 << 18,     // of 20 ms: more than an hour
	BUDGET = 256,        // bindings looked at in a turn: the loop has other work too
	SLOTS_A_TURN = 4096, // after a pause
	SCAN_BUCKETS = 2048, // of the table in a turn
	ROOM_FIRST = 1024,
};

struct entry {
	struct location_key key;
	uint64_t id;   // binding_id()
	uint32_t next; // entry + 1; 0 = the last
	uint32_t reserved;
};

struct ping {
	struct location *table;
	struct upcall *upcall;
	bool on, scanning;
	uint64_t scan_from, at; // bucket; tick whose slot is next
	uint32_t interval_s, turn, n, room, free;
	struct entry *entries;
	struct ping_counters counters;
	uint32_t slot[SLOTS]; // entry + 1
};

static uint64_t tick_now(void)
{
	return now_ns() / TICK_NS;
}

struct ping *ping_create(struct location *table, struct upcall *upcall)
{
	struct ping *p = calloc(1, sizeof(*p));

	if (p != NULL) {
		p->table = table;
		p->upcall = upcall;
	}
	return p;
}

void ping_destroy(struct ping *p)
{
	if (p != NULL)
		free(p->entries);
	free(p);
}

// 0 when there is no memory: that one is not pinged.
static uint32_t take_entry(struct ping *p)
{
	uint32_t link = p->free;

	if (link != 0) {
		p->free = p->entries[link - 1].next;
		return link;
	}
	if (p->n == p->room) {
		const uint32_t room = p->room > 0 ? 2 * p->room : ROOM_FIRST;
		struct entry *more = realloc(p->entries, room * sizeof(*more));

		if (more == NULL)
			return 0;
		p->entries = more;
		p->room = room;
	}
	return ++p->n;
}

static void give_entry(struct ping *p, uint32_t link)
{
	p->entries[link - 1].next = p->free;
	p->free = link;
}

static void insert(struct ping *p, uint32_t link, uint64_t ticks)
{
	uint32_t *slot = &p->slot[(p->at + (ticks < SLOTS ? ticks : SLOTS - 1)) % SLOTS];

	p->entries[link - 1].next = *slot;
	*slot = link;
}

static bool is_wanted(const struct location_contact *c)
{
	return (c->flags & LOCATION_NAT) != 0 && c->transport == TRANSPORT_UDP;
}

static void add_in(struct ping *p, const struct location_key *key, const struct location_contact *c,
        uint64_t ticks)
{
	uint32_t link;

	if (!is_wanted(c) || (link = take_entry(p)) == 0)
		return;
	p->entries[link - 1] = (struct entry){.key = *key, .id = binding_id(c)};
	insert(p, link, ticks);
}

void ping_add(struct ping *p, const struct location_key *key, const struct location_contact *c)
{
	if (p->on)
		add_in(p, key, c, (uint64_t)p->interval_s * TICKS_A_SECOND);
}

// Those that were there before: all over the interval, by their hash.
static bool scan_one(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct ping *p = arg;
	const uint64_t all = (uint64_t)p->interval_s * TICKS_A_SECOND;

	for (unsigned i = 0; i < n; i++)
		add_in(p, key, &contacts[i], 1 + (key->h[1] + i) % all);
	return true;
}

static void switch_to(struct ping *p, bool on, uint32_t interval_s)
{
	if (p->on != on) {
		memset(p->slot, 0, sizeof(p->slot));
		p->n = p->free = 0;
		p->at = tick_now();
		p->scanning = on;
		p->scan_from = 0;
	}
	p->on = on;
	p->interval_s = interval_s;
}

static void write_uri_header(struct writer *out, struct str name, struct str uri, struct str more)
{
	writer_str(out, name);
	writer_str(out, STR(": <"));
	writer_str(out, uri);
	writer_str(out, STR(">"));
	writer_str(out, more);
	writer_str(out, STR("\r\n"));
}

// 16 hexadecimal digits that are the binding's and this second's.
static void make_name(const struct location_contact *c, uint32_t now_s, char out[16])
{
	static const char digits[16] = "0123456789abcdef";
	const uint64_t h = hash_24((struct hash_key){binding_id(c), now_s}, "ping", 4);

	for (int i = 0; i < 16; i++)
		out[i] = digits[h >> (60 - 4 * i) & 15];
}

size_t ping_write(const struct location_contact *c, const struct leg *leg,
        struct token_ring *tokens, uint32_t now_s, char out[PING_BYTES_MAX])
{
	const struct token t = {.kind = TOKEN_VIA, .leg_in = LEG_NONE, .leg_out = leg->id};
	struct writer w = {out, out + PING_BYTES_MAX, false};
	char name[16], token[TOKEN_TEXT_MAX], from[80] = "sip:";
	const struct str id = {name, sizeof(name)}, sent_by = leg_sent_by(leg);
	struct branch_context context;

	make_name(c, now_s, name);
	memcpy(from + 4, sent_by.p, sent_by.len);
	writer_str(&w, STR("OPTIONS "));
	writer_str(&w, c->uri);
	writer_str(&w, STR(" SIP/2.0\r\nVia: SIP/2.0/UDP "));
	writer_str(&w, sent_by);
	writer_str(&w, STR(";branch=" BRANCH_COOKIE));
	writer_str(&w, (struct str){token,
	                       token_seal(tokens, &t,
	                               branch_context(&context, &c->received, 1, id, id), token)});
	writer_str(&w, STR(";rport\r\nMax-Forwards: 70\r\n"));
	writer_str(&w, STR("From: <"));
	writer_str(&w, (struct str){from, 4 + sent_by.len});
	writer_str(&w, STR(">;tag="));
	writer_str(&w, id);
	writer_str(&w, STR("\r\n"));
	write_uri_header(&w, STR("To"), c->uri, STR_NONE);
	writer_str(&w, STR("Call-ID: "));
	writer_str(&w, id);
	writer_str(&w, STR("\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"));
	return w.full ? 0 : (size_t)(w.at - out);
}

static bool send_ping(struct ping *p, const struct location_contact *c,
        const struct ping_turn *turn, uint32_t now_s)
{
	const struct leg *leg = leg_by_id(turn->view, c->leg);
	struct ring_message head = {.dst = c->received, .at_ns = now_ns()};
	char text[PING_BYTES_MAX] = "\r\n\r\n";

	if (leg == NULL)
		return true;
	head.leg = leg->id;
	head.len = 4;
	if (home_pings(turn->view) == HOME_PING_OPTIONS)
		head.len = (uint32_t)ping_write(c, leg, turn->tokens, now_s, text);
	if (head.len == 0)
		return true;
	if (!upcall_send_any(p->upcall, p->turn++, &head, text)) {
		p->counters.delayed++;
		return false;
	}
	p->counters.sent++;
	return true;
}

// Ticks until it is looked at again.
static uint64_t fire(struct ping *p, const struct location_contact *c, const struct ping_turn *turn)
{
	const uint32_t now_s = now_boot_s(), seen = upcall_seen(p->upcall, &c->received);

	if (seen <= now_s && now_s - seen < p->interval_s) {
		p->counters.spared++;
		return (uint64_t)(p->interval_s - (now_s - seen)) * TICKS_A_SECOND;
	}
	return send_ping(p, c, turn, now_s) ? (uint64_t)p->interval_s * TICKS_A_SECOND : 1;
}

static void look_at(struct ping *p, uint32_t link, const struct ping_turn *turn)
{
	const struct entry e = p->entries[link - 1];
	struct location_contact found[LOCATION_CONTACTS_MAX];
	const int n = location_lookup(
	        p->table, &e.key, now_boot_s(), found, LOCATION_CONTACTS_MAX, turn->scratch);

	for (int i = 0; i < n; i++) {
		if (binding_id(&found[i]) != e.id || !is_wanted(&found[i]))
			continue;
		insert(p, link, fire(p, &found[i], turn));
		return;
	}
	give_entry(p, link);
}

void ping_tick(struct ping *p, const struct ping_turn *turn)
{
	const uint64_t now = tick_now();
	unsigned budget = BUDGET, slots = SLOTS_A_TURN;
	uint32_t link;

	switch_to(p, home_pings(turn->view) != 0, home_ping_interval(turn->view));
	if (!p->on)
		return;
	if (p->scanning && !turn->loading) {
		p->scan_from = location_walk(p->table, p->scan_from, SCAN_BUCKETS, scan_one, p);
		p->scanning = p->scan_from != 0;
	}
	while (p->at < now && budget > 0 && slots > 0) {
		link = p->slot[p->at % SLOTS];
		if (link == 0) {
			p->at++;
			slots--;
			continue;
		}
		p->slot[p->at % SLOTS] = p->entries[link - 1].next;
		look_at(p, link, turn);
		budget--;
	}
}

const struct ping_counters *ping_counters(const struct ping *p)
{
	return &p->counters;
}
