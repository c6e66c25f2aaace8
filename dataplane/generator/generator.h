// The load generator of a worker: caller (uac.c), callee (uas.c) or both, as the engine's name
// says. What it does is ordered through table/bench.h. Owns everything here; writes nothing shared
// but its stats in the bench page.
#pragma once

#include "dataplane/generator/call.h"
#include "dataplane/generator/mark.h"
#include "dataplane/generator/pace.h"
#include "dataplane/generator/pending.h"
#include "dataplane/generator/template.h"
#include "dataplane/generator/wire.h"
#include "dataplane/worker.h"

enum {
	GENERATOR_BURST = 32,
	GENERATOR_QUEUE = 256, // frames a port has not taken yet
	GENERATOR_SCHEDULE = 1024,
	GENERATOR_SEEN = 1 << 16, // Call-IDs whose order is watched
	GENERATOR_JUNK = 8,
	GENERATOR_INTERLEAVE_MAX = 1024,
	UAC_REGISTER_MORE = 800, // of Authorization
};

struct generator_queue {
	uint16_t n;
	struct rte_mbuf *frame[GENERATOR_QUEUE];
};

// Call-IDs of a kind that has several requests in one.
struct generator_series {
	uint32_t first; // Call-ID of the group
	uint32_t at;    // requests sent of it
};

struct uac_register; // uac_register.c

struct generator {
	struct worker *worker;
	struct bench *bench;
	struct bench_stats *stats; // in the shared page
	bool caller, callee;       // its parts
	uint64_t taken;            // order in force
	struct bench_order order;
	uint64_t key; // of the marks of this run
	uint32_t run;
	uint64_t timeout_tsc;
	uint64_t tsc; // of this turn

	struct wire wire[BENCH_SIDES];
	struct template template[TEMPLATES];
	uint8_t schedule[GENERATOR_SCHEDULE]; // kinds in the order they are sent
	uint32_t schedule_at;
	struct pace pace;
	uint64_t begun; // since the last clear
	uint32_t next_call, n_registers, check_in;
	uint32_t stride, n_users;
	struct generator_series series[BENCH_KINDS];
	struct generator_queue queue[SETUP_PORTS_MAX];

	// RESPONSE: what is sent, and the INVITE that it answers
	struct template seed;
	uint32_t seed_call;
	uint64_t seed_tsc; // when one was asked for
	bool seeded;

	uint16_t junk_len[GENERATOR_JUNK];
	char junk[GENERATOR_JUNK][BENCH_SIZE_MAX];

	struct call_table *calls;
	struct uac_register *registers;
	struct {
		uint32_t call;
		uint16_t next; // index + 1 of the last one that came
	} seen[GENERATOR_SEEN];
	struct pending pending;
};

// A message of ours that came.
struct arrival {
	struct rte_mbuf *mbuf;
	struct str bytes;
	struct mark mark;
	uint64_t tsc;
	bool deep; // everything is to be checked
	bool response;
	uint16_t status; // of a response
};

// When the engine is a load generator's: maps the bench page and makes a generator for each worker.
int generator_open(struct dataplane *dp, struct error *e);
void generator_close(struct dataplane *dp); // after the workers are gone

// For a worker, which destroys it. NULL with error.
struct generator *generator_create(struct worker *w, struct bench *b, struct error *e);
void generator_destroy(struct generator *g);

// The engines uac, uas and generator: takes a new order, receives, sends what is due.
unsigned generator_turn(struct worker *w);

// order.c: takes up an order that was given.
void order_take(struct generator *g);
// What a mark says is in its message.
void order_words(const struct generator *g, const struct mark *m, struct template_words *out);
enum template_id order_template(const struct mark *m);

// A buffer, NULL = counted no-buffer.
struct rte_mbuf *generator_buffer(struct generator *g);
// Hands a whole frame to the side's port: it leaves at the end of the turn.
void generator_send(struct generator *g, enum bench_side_id side, struct rte_mbuf *m);
// Frames the side's port can be given now.
unsigned generator_room(const struct generator *g, enum bench_side_id side);
// A number for what is sent now; to be matched when this generator can see it come.
uint64_t generator_sequence(struct generator *g);
// It was matched: counts, takes its time. False when it had been already.
bool generator_match(struct generator *g, const struct arrival *a);

static inline void generator_count(struct generator *g, enum bench_count c, uint64_t n)
{
	g->stats->count[c] += n;
}

// judge.c: checks all of an arrival, counts and keeps what is wrong. False when something is.
bool judge(struct generator *g, const struct arrival *a);
// What came of ours but can't be said to be one message of ours.
void judge_fault(struct generator *g, enum bench_fault f, struct str bytes);

// uac.c: sends up to n messages of the schedule, returns how many; takes a response.
unsigned uac_send(struct generator *g, unsigned n);
void uac_take(struct generator *g, const struct arrival *a);
// What time brings: BYEs, calls given up.
unsigned uac_tick(struct generator *g);
// uas.c: takes a request and answers it; sends a RESPONSE (false: no INVITE to answer came yet).
void uas_take(struct generator *g, const struct arrival *a);
bool uas_respond(struct generator *g);

// uac_register.c: REGISTERs and what challenges them.
struct uac_register *uac_register_create(void);
void uac_register_destroy(struct uac_register *c);
void uac_register_clear(struct generator *g);
// Writes a REGISTER for the user of the mark into out (TEMPLATE_ROOM + UAC_REGISTER_MORE), its
// length.
size_t uac_register_write(struct generator *g, const struct mark *m, char *out);
// A 401 or 407: what it asks for is done from now on. False when it can't be.
bool uac_register_challenged(struct generator *g, const struct arrival *a);
