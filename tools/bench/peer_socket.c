// Peers on the kernel's sockets: the own forwarder, Kamailio, Net::SIP. Measured in overload, by
// the CPU time of the process that works: what came through for each second of it.
#include <stdio.h>
#include <stdlib.h>

#include "tools/bench/blast.h"
#include "tools/bench/blast_message.h"
#include "tools/bench/child.h"
#include "tools/bench/cpu_time.h"
#include "tools/bench/kernel_forward.h"
#include "tools/bench/peer.h"

enum {
	READY_S = 20,
	REGISTER_S = 60,
	END_MS = 3000,
	BATCH = 32,
	WORDS_MAX = 24,
};

struct run {
	const struct peer *peer;
	const struct peer_plan *plan;
	struct child child;
	struct cpu_time_family before, after;
	char log[300];
};

static void mark(void *arg, bool begin)
{
	struct run *r = arg;

	cpu_time_family(r->child.pid, begin ? &r->before : &r->after);
}

// Slots of the table of bindings, as a power of two.
static unsigned hash_bits(uint32_t bindings)
{
	unsigned bits = 9;

	while (bits < 20 && (1u << bits) < bindings)
		bits++;
	return bits;
}

static int start_kamailio(struct run *r, struct error *e)
{
	const char *allocator = r->peer->variant, *scratch = r->plan->scratch;
	char file[300], shared_mb[16], slots[32];
	const char *words[WORDS_MAX] = {"kamailio", "-DD", "-E", "-f", file, "-m", shared_mb, "-M",
	        "64", "-x", allocator, "-X", allocator, "-Y", scratch, "-w", scratch, "-A", slots,
	        NULL};

	snprintf(file, sizeof(file), "%s/%s", r->plan->files, r->peer->file);
	snprintf(shared_mb, sizeof(shared_mb), "%u", 256 + r->plan->bindings / 500);
	snprintf(slots, sizeof(slots), "HASH_BITS=%u", hash_bits(r->plan->bindings));
	return child_start(&r->child,
	        &(struct child_plan){.argv = words, .core = r->plan->peer_core, .log = r->log}, e);
}

static int start_perl(struct run *r, struct error *e)
{
	char file[300];
	const char *words[] = {"perl", file, NULL};

	snprintf(file, sizeof(file), "%s/%s", r->plan->files, r->peer->file);
	return child_start(&r->child,
	        &(struct child_plan){.argv = words, .core = r->plan->peer_core, .log = r->log}, e);
}

static int start_kernel(struct run *r, struct error *e)
{
	static struct kernel_forward k = {BLAST_LISTEN_PORT, BLAST_SINK_PORT, BATCH};

	return child_start(&r->child,
	        &(struct child_plan){.run = kernel_forward,
	                .arg = &k,
	                .core = r->plan->peer_core,
	                .log = r->log},
	        e);
}

static int start(struct run *r, struct error *e)
{
	if (r->peer->program == NULL)
		return start_kernel(r, e);
	if (strcmp(r->peer->program, "perl") == 0)
		return start_perl(r, e);
	return start_kamailio(r, e);
}

// With the last line of what it said.
static int failed(const struct run *r, const char *what, struct error *e)
{
	char last[200];

	child_last_words(r->log, last);
	return error_set(e, "%s%s%s", what, last[0] != '\0' ? "; it said: " : "", last);
}

static int settle(
        const struct run *r, const struct blast_result *b, struct figure *out, struct error *e)
{
	const struct cpu_time used = cpu_time_busiest(&r->before, &r->after);
	const double n = (double)b->received;

	if (b->wrong > 0)
		return error_set(e, "%llu of %llu messages came through wrong: %s",
		        (unsigned long long)b->wrong, (unsigned long long)b->received, b->why);
	if (b->received == 0 && b->answered > 0)
		return error_set(e, "nothing came through; it answered %s", b->answer);
	if (b->received == 0 || used.total_ns == 0 || b->seconds <= 0)
		return failed(r, "nothing came through", e);
	*out = (struct figure){
	        .rate = n / b->seconds,
	        .per_core = n * 1e9 / (double)used.total_ns,
	        .ns = (double)used.total_ns / n,
	        .user_ns = (double)used.user_ns / n,
	        .kernel_ns = (double)used.system_ns / n,
	        .lost = b->sent > b->received ? 1 - n / (double)b->sent : 0,
	};
	return 0;
}

static int load(struct run *r, struct blast *b, struct figure *out, struct error *e)
{
	const struct blast_plan plan = {
	        r->peer->rate, r->plan->warm_s, r->plan->measure_s, r->peer->expect, mark, r};
	struct blast_result result;

	if (!blast_wait(b, READY_S))
		return failed(r, "it does not answer", e);
	if (r->peer->kind == PEER_LOOKUP && !blast_register_all(b, REGISTER_S))
		return failed(r, "it does not take all registrations", e);
	blast_run(b, &plan, &result);
	if (blast_stop)
		return error_set(e, "stopped");
	if (!child_alive(&r->child))
		return failed(r, "it ended by itself", e);
	return settle(r, &result, out, e);
}

int peer_socket(
        const struct peer *peer, const struct peer_plan *plan, struct figure *out, struct error *e)
{
	struct run r = {.peer = peer, .plan = plan};
	struct child_place before;
	struct blast *b;
	int rc = -1;

	snprintf(r.log, sizeof(r.log), "%s/%s.log", plan->scratch, peer->name);
	child_pin(plan->load_core, &before);
	b = blast_create(plan->bindings, e);
	if (b != NULL && start(&r, e) == 0) {
		rc = load(&r, b, out, e);
		// Kamailio ends its processes itself; the others have nothing to tidy up
		child_end(&r.child, peer->variant != NULL ? END_MS : 0);
	}
	blast_destroy(b);
	child_unpin(&before);
	return rc;
}
