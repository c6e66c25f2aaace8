// testpmd on a memif pair, one core each side: what packet I/O allows. The generator keeps 512
// packets of the size of an INVITE going round; the forwarder, a zero-copy client as spry-dp is in
// spry-bench, is what is measured. Commands as in PERFORMANCE.md §5.1.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "tools/bench/blast.h"
#include "tools/bench/blast_message.h"
#include "tools/bench/peer.h"
#include "tools/bench/testpmd.h"

enum { START_S = 15, LINK_S = 5, END_MS = 3000, MEMORY_MB = 128, WORDS_MAX = 32 };

// Room for both on huge pages of 2 MB, which both then use.
static bool has_huge_pages(void)
{
	char line[128];
	unsigned n_free = 0, kb = 0;
	FILE *f = fopen("/proc/meminfo", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		sscanf(line, "HugePages_Free: %u", &n_free);
		sscanf(line, "Hugepagesize: %u", &kb);
	}
	if (f != NULL)
		fclose(f);
	return kb == 2048 && n_free >= 2 * (MEMORY_MB / 2) + 8;
}

static int start(struct testpmd *t, const struct peer_plan *plan, bool server, struct error *e)
{
	const int core = server ? plan->load_core : plan->peer_core;
	char cores[32], device[400], memory[16];
	const char *words[WORDS_MAX] = {"dpdk-testpmd", "--lcores", cores, "--no-pci",
	        has_huge_pages() ? "--in-memory" : "--no-huge", "--single-file-segments",
	        "--no-telemetry", "-m", memory, "--file-prefix",
	        server ? "spry-bench-load" : "spry-bench-peer", "--vdev", device, "--", "-i",
	        "--total-num-mbufs=16384", "--burst=32", "--port-topology=loop", "--no-flush-rx",
	        "--record-core-cycles", NULL};

	snprintf(cores, sizeof(cores), "0@%d,1@%d", core, core);
	snprintf(memory, sizeof(memory), "%d", MEMORY_MB);
	snprintf(device, sizeof(device),
	        "net_memif0,role=%s,socket=%s/memif,socket-abstract=no,rsize=10,bsize=2048%s",
	        server ? "server" : "client", plan->scratch, server ? "" : ",zero-copy=yes");
	t->len = 0;
	if (child_start(&t->child, &(struct child_plan){.argv = words, .core = core, .talks = true},
	            e) < 0)
		return -1;
	if (testpmd_prompt(t, START_S))
		return 0;
	return error_set(e, "dpdk-testpmd does not start: %.*s", (int)(t->len < 300 ? t->len : 300),
	        t->text + (t->len < 300 ? 0 : t->len - 300));
}

static struct str said(const struct testpmd *t)
{
	return (struct str){t->text, t->len};
}

static void rest(double seconds)
{
	const uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);

	while (now_ns() < until && !blast_stop)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static bool linked(struct testpmd *t)
{
	const uint64_t until = now_ns() + LINK_S * 1000000000ull;

	while (now_ns() < until && testpmd_say(t, "show port info 0")) {
		if (testpmd_link_up(said(t)))
			return true;
		rest(0.05);
	}
	return false;
}

// Packets that left the forwarder until now, and when that was.
static bool sent_by_now(struct testpmd *t, double *n, uint64_t *when)
{
	*when = now_ns();
	return testpmd_say(t, "show port stats all") && testpmd_number(said(t), "TX-packets:", n);
}

static bool begin(struct testpmd *load, struct testpmd *peer, const char *mode)
{
	char forward[32], size[32];

	snprintf(forward, sizeof(forward), "set fwd %s", mode);
	snprintf(size, sizeof(size), "set txpkts %d", BLAST_INVITE_LEN);
	return testpmd_say(peer, forward) && testpmd_say(peer, "start") &&
	       testpmd_say(load, "set fwd io") && testpmd_say(load, size) &&
	       testpmd_say(load, "start tx_first 16");
}

static int measure(struct testpmd *load, struct testpmd *peer, const struct peer_plan *plan,
        struct figure *out)
{
	uint64_t from, to;
	double first, last;

	rest(plan->warm_s);
	if (!sent_by_now(peer, &first, &from))
		return -1;
	rest(plan->measure_s);
	if (!sent_by_now(peer, &last, &to) || blast_stop || last <= first)
		return -1;
	out->rate = (last - first) * 1e9 / (double)(to - from);
	out->per_core = out->rate;
	// both ends stop before one goes: memif's server does not survive a client that leaves
	if (!testpmd_say(peer, "stop") || !testpmd_cost(said(peer), &out->ns))
		return -1;
	return testpmd_say(load, "stop") ? 0 : -1;
}

int peer_testpmd(
        const struct peer *peer, const struct peer_plan *plan, struct figure *out, struct error *e)
{
	static struct testpmd load, forwarder;
	char path[300];
	int rc = -1;

	*out = (struct figure){0};
	load.child = forwarder.child = (struct child){0, -1, -1};
	if (start(&load, plan, true, e) == 0 && start(&forwarder, plan, false, e) == 0) {
		rc = linked(&forwarder) && begin(&load, &forwarder, peer->variant)
		             ? measure(&load, &forwarder, plan, out)
		             : -1;
		if (rc < 0)
			error_set(e, blast_stop ? "stopped" : "dpdk-testpmd did not forward");
		else if (write(forwarder.child.in, "quit\n", 5) +
		                 write(load.child.in, "quit\n", 5) <
		         10)
			rc = error_set(e, "dpdk-testpmd ended by itself");
	}
	child_end(&forwarder.child, rc == 0 ? END_MS : 0);
	child_end(&load.child, rc == 0 ? END_MS : 0);
	snprintf(path, sizeof(path), "%s/memif", plan->scratch);
	unlink(path);
	return rc;
}
