// Options and the order of measurements: see compare.h. All peers are measured once, then all
// again: what else the machine does hits them alike.
#include "tools/bench/compare.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/bench/blast.h"
#include "tools/bench/child.h"
#include "tools/bench/loopback.h"
#include "tools/bench/pages.h"
#include "tools/bench/ratio.h"

enum { PEERS_MAX = 32 };

static const char usage[] =
        "usage: spry-bench compare [--only PEER,...] [--runs N] [--seconds N] [--bindings N] [--json]\n"
        "Measures spry and its peers one after the other, N times, and prints how many times as many\n"
        "messages spry does for a second of one core. Peers with sockets run in a network of their own,\n"
        "in overload, and are counted by the CPU time of their one worker.\n"
        "  --only PEER,...  these only (--list names all)\n"
        "  --runs N         times each is measured (3); the median counts\n"
        "  --best           the best run counts: for a machine that others use too\n"
        "  --seconds N      of each measurement (2)\n"
        "  --bindings N     users registered, where users are looked up (100000)\n"
        "  --cores A,B      who sends, who is measured (the first two there are)\n"
        "  --huge MB        huge pages reserved meanwhile (else: what is free), for spry and testpmd\n"
        "  --files DIR      configuration of the peers (" BENCH_PEERS ")\n"
        "  --json           one JSON object instead of the table\n"
        "A peer whose package is missing is named (tools/install bench brings them). Root is wanted\n"
        "for priority and a network of its own; without it all runs on the machine's loopback.\n";

struct compare {
	struct peer_plan plan;
	struct ratio_row row[PEERS_MAX];
	struct ratio_table table;
	unsigned runs;
	unsigned long huge_mb;
	bool json;
	char scratch[64];
};

static int fail(const char *what, const char *word)
{
	fprintf(stderr, "spry-bench compare: %s%s%s\n", what, word != NULL ? ": " : "",
	        word != NULL ? word : "");
	return 2;
}

static void on_signal(int signal)
{
	blast_stop = signal;
}

static bool add_row(struct compare *c, const struct peer *peer)
{
	if (peer == NULL || c->table.n == PEERS_MAX)
		return false;
	c->row[c->table.n++].peer = peer;
	return true;
}

static bool add_rows(struct compare *c, char *names)
{
	c->table.n = 0;
	for (const char *name; (name = strsep(&names, ",")) != NULL;)
		if (!add_row(c, peer_find(str_of(name))))
			return false;
	return true;
}

// The first two cores we may use (twice the same when there is one).
static void choose_cores(struct peer_plan *p)
{
	cpu_set_t set;
	int n = 0, found[2] = {0, 0};

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (unsigned i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			found[n++] = (int)i;
	p->load_core = found[0];
	p->peer_core = n == 2 ? found[1] : found[0];
}

// Where the configuration of the peers is: installed, or where this was built.
static const char *where(void)
{
	return access(BENCH_PEERS, R_OK) == 0 ? BENCH_PEERS : BENCH_PEERS_SOURCE;
}

static int list(void)
{
	for (unsigned i = 0; i < peer_rows; i++)
		printf("%-23s %s\n", peer_row[i].name, peer_row[i].what);
	return 0;
}

static bool number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	return str_decimal(str_of(text), most, out) && *out >= least;
}

static bool cores(const char *text, struct peer_plan *p)
{
	const struct str all = str_of(text);
	const size_t comma = str_find(all, ',');
	uint64_t a, b;

	if (!str_decimal(str_head(all, comma), CPU_SETSIZE - 1, &a) ||
	        !str_decimal(str_skip(all, comma + 1), CPU_SETSIZE - 1, &b))
		return false;
	p->load_core = (int)a;
	p->peer_core = (int)b;
	return true;
}

// One option. 0, or 1 + the exit status.
static int option(struct compare *c, int o)
{
	uint64_t n = 0;

	switch (o) {
	case 'o':
		return add_rows(c, optarg) ? 0
		                           : 1 + fail("--only: no such peer (see --list)", NULL);
	case 'r':
		if (!number(optarg, 1, RATIO_RUNS_MAX, &n))
			return 1 + fail("--runs: expected 1 to 31", optarg);
		c->runs = (unsigned)n;
		return 0;
	case 's':
		if (!number(optarg, 1, 600, &n))
			return 1 + fail("--seconds: expected 1 to 600", optarg);
		c->plan.measure_s = (double)n;
		return 0;
	case 'n':
		if (!number(optarg, 1, 10000000, &n))
			return 1 + fail("--bindings: expected 1 to 10000000", optarg);
		c->plan.bindings = (uint32_t)n;
		return 0;
	case 'p':
		if (!number(optarg, 2, 1 << 20, &n))
			return 1 + fail("--huge: expected 2 to 1048576", optarg);
		c->huge_mb = n;
		return 0;
	case 'c':
		return cores(optarg, &c->plan) ? 0 : 1 + fail("--cores: expected A,B", optarg);
	case 'f':
		c->plan.files = optarg;
		return 0;
	case 'b':
		c->table.best = true;
		return 0;
	case 'j':
		c->json = true;
		return 0;
	case 'l':
		return 1 + list();
	case 'h':
		return 1 + (fputs(usage, stdout) < 0);
	default:
		fputs(usage, stderr);
		return 3;
	}
}

static int options(struct compare *c, int argc, char **argv)
{
	static const struct option longs[] = {{"only", required_argument, NULL, 'o'},
	        {"runs", required_argument, NULL, 'r'}, {"seconds", required_argument, NULL, 's'},
	        {"bindings", required_argument, NULL, 'n'}, {"cores", required_argument, NULL, 'c'},
	        {"huge", required_argument, NULL, 'p'}, {"files", required_argument, NULL, 'f'},
	        {"best", no_argument, NULL, 'b'}, {"json", no_argument, NULL, 'j'},
	        {"list", no_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0}};
	int o, rc = 0;

	optind = 1;
	while (rc == 0 && (o = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		rc = option(c, o);
	if (rc == 0 && optind < argc)
		rc = 1 + fail("not understood", argv[optind]);
	return rc;
}

// A library has no program to look for: perl says whether it has it.
static bool is_installed(const struct peer *p, const char *scratch)
{
	static const char *const words[] = {"perl", "-MNet::SIP", "-e", "0", NULL};
	char path[256];

	if (p->program == NULL)
		return true;
	if (!child_find(p->program, path))
		return false;
	return strcmp(p->program, "perl") != 0 || child_succeeds(words, scratch);
}

static void measure(struct compare *c, struct ratio_row *row, unsigned run)
{
	struct error e = {0};
	struct figure f = {0};
	char core[16];

	if (row->absent || blast_stop)
		return;
	fprintf(stderr, "run %u of %u: %s ", run + 1, c->runs, row->peer->name);
	if (row->peer->measure(row->peer, &c->plan, &f, &e) < 0) {
		row->why = e;
		fprintf(stderr, "no figure: %s\n", e.text);
		return;
	}
	row->run[row->n++] = f;
	ratio_format(f.per_core, core);
	fprintf(stderr, "%s/s a core, %.0f ns\n", core, f.ns);
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *at)
{
	(void)s, (void)type, (void)at;
	return remove(path);
}

static int measure_all(struct compare *c)
{
	int network, faults = 0;

	for (unsigned i = 0; i < c->table.n; i++)
		c->row[i].absent = !is_installed(c->row[i].peer, c->scratch);
	network = loopback_enter();
	if (network < 0)
		fprintf(stderr, "no network of our own: the machine's loopback is used\n");
	for (unsigned run = 0; run < c->runs; run++)
		for (unsigned i = 0; i < c->table.n; i++)
			measure(c, &c->row[i], run);
	loopback_leave(network);
	for (unsigned i = 0; i < c->table.n; i++)
		faults += !c->row[i].absent && c->row[i].n == 0;
	return faults > 0;
}

static void print(struct compare *c)
{
	ratio_sort(&c->table);
	if (!c->json) {
		ratio_print(&c->table, stdout);
		return;
	}
	json_t *o = ratio_json(&c->table);
	json_object_set_new(o, "seconds", json_real(c->plan.measure_s));
	json_object_set_new(o, "bindings", json_integer(c->plan.bindings));
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

// All the work, in a session of its own. The exit status.
static int work(void *arg)
{
	struct compare *c = arg;
	int rc;

	if (mkdtemp(c->scratch) == NULL)
		return fail(c->scratch, strerror(errno));
	setenv("RUNTIME_DIRECTORY", c->scratch, true); // where DPDK puts its own
	rc = measure_all(c);
	if (blast_stop == 0)
		print(c);
	nftw(c->scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return blast_stop != 0 ? 128 + blast_stop : rc;
}

int compare_main(int argc, char **argv)
{
	static struct compare c;
	const struct sigaction stop = {.sa_handler = on_signal}; // interrupts what waits
	struct error e = {0};
	int rc;

	c = (struct compare){
	        .plan = {.warm_s = 0.5, .measure_s = 2, .bindings = 100000, .files = where()},
	        .runs = 3,
	        .scratch = "/tmp/spry-bench-XXXXXX",
	};
	c.table.row = c.row;
	for (unsigned i = 0; i < peer_rows; i++)
		add_row(&c, &peer_row[i]);
	choose_cores(&c.plan);
	if ((rc = options(&c, argc, argv)) != 0)
		return rc - 1;
	c.plan.scratch = c.scratch;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGHUP, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (c.huge_mb > 0 && pages_take(c.huge_mb, &e) < 0)
		return fail(e.text, NULL);
	rc = child_session(work, &c);
	pages_give_back();
	return rc;
}
