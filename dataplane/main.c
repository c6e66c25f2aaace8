// spry-dp: boots DPDK from the configuration that spryd published, runs the workers, and then is
// the main lcore: watches for new generations, carries frames between ports and kernel twins,
// reports.
#include <errno.h>
#include <fcntl.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"
#include "dataplane/dataplane.h"
#include "dataplane/eal.h"
#include "dataplane/generation.h"
#include "dataplane/generator/generator.h"
#include "dataplane/sip/scan.h"
#include "dataplane/steer.h"
#include "dataplane/twin.h"

enum {
	MAIN_WAIT_MS = 10000, // for the first configuration
	MAIN_REPORT_MS = 100,
	MAIN_TICK_US = 1000, // between looks at the root page
	MAIN_BUSY_US = 50,   // while the twins carry frames
	MAIN_BUSY_MS = 10,   // since the last one
	MAIN_LOCK_MS = 1000,
};

// Set before a restart of itself: a start that fails then is a refused commit.
#define MAIN_RESTARTED "SPRY_DP_RESTARTED"

static volatile sig_atomic_t main_signal;

static void main_on_signal(int number)
{
	main_signal = number;
}

struct options {
	const char *run_dir;
	enum log_level level;
	bool check;
};

static int main_usage(FILE *to, int status)
{
	fputs("usage: spry-dp [-r RUNDIR] [-l error|warning|info|debug] [--check]\n"
	      "  -r RUNDIR  where spryd's shared region is (default $SPRY_RUN, else /run/spry)\n"
	      "  -l LEVEL   least important line to log (default info)\n"
	      "  --check    look whether the configuration's ports and cores are there, and end\n",
	        to);
	return status;
}

static bool main_level(const char *word, enum log_level *level)
{
	static const struct {
		const char *name;
		enum log_level level;
	} rows[] = {{"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING},
	        {"info", LOG_LEVEL_INFO}, {"debug", LOG_LEVEL_DEBUG}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(word, rows[i].name) == 0) {
			*level = rows[i].level;
			return true;
		}
	return false;
}

// 0 go on, else exit status + 1.
static int main_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){.run_dir = region_default_dir(), .level = LOG_LEVEL_INFO};
	for (int i = 1; i < argc; i++) {
		const bool value = i + 1 < argc;

		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
			return 1 + main_usage(stdout, 0);
		if (strcmp(argv[i], "--version") == 0)
			return 1 + (puts("spry-dp " SPRY_VERSION) < 0);
		if (strcmp(argv[i], "--check") == 0)
			o->check = true;
		else if (strcmp(argv[i], "-r") == 0 && value)
			o->run_dir = argv[++i];
		else if (strcmp(argv[i], "-l") == 0 && value && main_level(argv[i + 1], &o->level))
			i++;
		else
			return 1 + main_usage(stderr, 2);
	}
	return 0;
}

static void main_nap(unsigned ms)
{
	const struct timespec nap = {.tv_nsec = (long)ms * 1000000};

	nanosleep(&nap, NULL);
}

// Attaches to the region and waits for a configuration newer than `than`.
static int main_wait_wanted(struct dataplane *dp, const char *dir, uint64_t than, struct error *e)
{
	const uint64_t deadline = now_ns() + MAIN_WAIT_MS * UINT64_C(1000000);

	for (;;) {
		if (dp->region.root == NULL && region_attach(&dp->region, dir, e) < 0 &&
		        errno != ENOENT)
			return -1;
		if (dp->region.root != NULL &&
		        atomic_load(&dp->region.root->wanted[ROOT_CONFIG]) > than)
			return 0;
		if (main_signal != 0)
			return error_set(e, "ended by a signal before there was a configuration");
		if (now_ns() > deadline)
			return error_set(e,
			        "no configuration in %s after %d s; is spryd running, and with this "
			        "directory?",
			        dir, MAIN_WAIT_MS / 1000);
		main_nap(10);
	}
}

// One dataplane per region: the lock on the root page's file ends with its process, however that
// ends.
static int main_alone(const struct dataplane *dp, struct error *e)
{
	const uint64_t deadline = now_ns() + MAIN_LOCK_MS * UINT64_C(1000000);
	char path[sizeof(dp->region.dir) + 8];

	snprintf(path, sizeof(path), "%s/root", dp->region.dir);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (now_ns() > deadline) // a killed one may still be giving back its memory
			return error_set(e, "another spry-dp runs with %s, process %u",
			        dp->region.dir, atomic_load(&dp->region.root->dataplane_pid));
		main_nap(10);
	}
	return 0; // the descriptor stays open
}

static struct generation *main_first(struct dataplane *dp, enum root_chain chain, struct error *e)
{
	struct root *root = dp->region.root;

	// a newer one may be published, and this one removed, while it is read
	for (unsigned tries = 0; tries < 100; tries++) {
		const uint64_t n = atomic_load(&root->wanted[chain]);
		const struct setup *s;
		struct table_view v;
		size_t len;

		if (n == 0)
			return NULL;
		void *image = region_read_generation(&dp->region, chain, n, &len, e);
		if (image == NULL && atomic_load(&root->wanted[chain]) != n)
			continue;
		if (image == NULL || table_open(&v, image, len, chain, e) < 0) {
			free(image);
			return NULL;
		}
		s = chain == ROOT_CONFIG ? setup_get(&v) : NULL;
		if (s != NULL) {
			dp->setup = *s;
			dp->n_workers = s->n_cores;
		}
		dp->taken[chain] = n;
		return generation_create(image, len, chain, dp->n_workers, e);
	}
	error_set(e, "configurations change too fast");
	return NULL;
}

static int main_make(struct dataplane *dp, struct error *e)
{
	struct rte_mempool *pools[ROOT_WORKERS_MAX];

	for (unsigned i = 0; i < dp->setup.n_cores; i++) {
		dp->worker[i] = worker_create(dp, i, eal_frame_room(&dp->setup), e);
		if (dp->worker[i] == NULL || worker_attach(dp->worker[i], e) < 0)
			return -1;
		dp->worker[i]->location = dp->location;
		pools[i] = dp->worker[i]->pool;
	}
	if (steer_create(dp, e) < 0)
		return -1;
	for (unsigned i = 0; i < dp->setup.n_ports; i++) {
		dp->n_ports = i + 1;
		if (port_open(&dp->port[i], &dp->setup.port[i], pools, dp->n_workers, e) < 0)
			return -1;
	}
	if (twin_open(dp, e) < 0 || generator_open(dp, e) < 0)
		return -1;
	for (unsigned i = 0; i < dp->n_ports; i++)
		if (port_start(&dp->port[i], e) < 0)
			return -1;
	return 0;
}

static void main_announce(struct dataplane *dp, const char *scan)
{
	struct root *root = dp->region.root;

	memset(root->port, 0, sizeof(root->port));
	for (unsigned i = 0; i < dp->n_ports; i++)
		snprintf(root->port[i].name, sizeof(root->port[i].name), "%s", dp->port[i].name);
	port_report(dp);
	root->tsc_hz = rte_get_tsc_hz();
	root->no_huge = dp->no_huge;
	snprintf(root->scan, sizeof(root->scan), "%s", scan);
	atomic_store(&root->n_ports, dp->n_ports);
	// Alive from their first lookup on, for control's reuse of location slots.
	for (unsigned i = 0; i < dp->n_workers; i++)
		atomic_store(&root->worker[i].beat_ns, now_ns());
	atomic_store(&root->n_workers, dp->n_workers);
}

static void main_launch(struct dataplane *dp)
{
	for (unsigned i = 0; i < dp->n_workers; i++)
		rte_eal_remote_launch(worker_run, dp->worker[i], dp->worker[i]->lcore);
	dp->launched = true;
	for (int chain = 0; chain < ROOT_CHAINS; chain++)
		if (atomic_load(&dp->running[chain]) != NULL)
			atomic_store(&dp->region.root->acknowledged[chain], dp->taken[chain]);
	log_info("running: %u worker%s, %u port%s, configuration %llu%s", dp->n_workers,
	        dp->n_workers == 1 ? "" : "s", dp->n_ports, dp->n_ports == 1 ? "" : "s",
	        (unsigned long long)dp->taken[ROOT_CONFIG],
	        dp->no_huge ? ", without huge pages" : "");
}

// Without it everything works but registrar domains.
static void main_location(struct dataplane *dp)
{
	struct error e = {0};

	dp->location = location_attach(&dp->region, &e);
	if (dp->location == NULL)
		log_warning("bindings: %s", e.text);
}

static int main_boot(struct dataplane *dp, const struct options *o, struct error *e)
{
	struct root *root = dp->region.root;
	struct generation *g = main_first(dp, ROOT_CONFIG, e);

	if (g == NULL)
		return -1;
	atomic_store(&dp->running[ROOT_CONFIG], g);
	if (eal_check(dp, e) < 0)
		return -1;
	if (o->check)
		return 0;
	const char *scan = scan_init();
	if (scan == NULL)
		return error_set(e, "SPRY_SCAN names no scanner that runs on this CPU");
	atomic_store(&root->dataplane_pid, (uint32_t)getpid());
	atomic_fetch_add(&root->dataplane_boot, 1);
	atomic_store(&root->dataplane_beat_ns, now_ns());
	main_location(dp);
	if (eal_start(dp, e) < 0 || main_make(dp, e) < 0)
		return -1;
	g = main_first(dp, ROOT_NEXTHOP, e);
	if (g == NULL && atomic_load(&root->wanted[ROOT_NEXTHOP]) != 0)
		log_warning("routes: %s", e->text);
	atomic_store(&dp->running[ROOT_NEXTHOP], g);
	generation_users(dp);
	main_announce(dp, scan);
	main_launch(dp);
	return 0;
}

// The main lcore's life. True when the process is to start anew.
static bool main_loop(struct dataplane *dp)
{
	struct root *root = dp->region.root;
	uint64_t report = 0, tick = 0, busy = 0;

	while (main_signal == 0) {
		const uint64_t now = now_ns();

		if (now >= tick) {
			tick = now + MAIN_TICK_US * 1000;
			atomic_store(&root->dataplane_beat_ns, now);
			if (generation_turn(dp))
				return true;
		}
		if (now >= report) {
			report = now + MAIN_REPORT_MS * UINT64_C(1000000);
			port_report(dp);
		}
		const bool quick = now - busy < MAIN_BUSY_MS * UINT64_C(1000000);
		if (twin_turn(dp, quick ? MAIN_BUSY_US : MAIN_TICK_US) > 0)
			busy = now;
	}
	return false;
}

// Takes this process off the root page.
static void main_forget(struct dataplane *dp)
{
	struct root *root = dp->region.root;

	if (root == NULL || atomic_load(&root->dataplane_pid) != (uint32_t)getpid())
		return;
	atomic_store(&root->n_workers, 0);
	atomic_store(&root->n_ports, 0);
	atomic_store(&root->dataplane_pid, 0);
}

static void main_stop(struct dataplane *dp)
{
	atomic_store(&dp->stop, true);
	if (dp->launched)
		rte_eal_mp_wait_lcore();
	for (unsigned i = 0; i < dp->n_ports; i++)
		port_close(&dp->port[i]);
	twin_close(dp);
	generation_stop(dp);
	if (dp->location != NULL)
		location_detach(dp->location);
	steer_destroy(dp);
	for (unsigned i = 0; i < dp->n_workers; i++)
		worker_destroy(dp->worker[i]);
	generator_close(dp);
	for (int chain = 0; chain < ROOT_CHAINS; chain++)
		generation_destroy(atomic_load(&dp->running[chain]), dp->n_workers);
}

// A signal that comes while the process starts anew waits for the next life: execv() forgets
// main_signal, but keeps what is blocked and pending.
static void main_signals_hold(int how)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	sigprocmask(how, &ends, NULL);
}

static int main_restart(struct dataplane *dp, char **argv)
{
	main_signals_hold(SIG_BLOCK);
	if (main_signal != 0) {
		main_forget(dp);
		return 0;
	}
	setenv(MAIN_RESTARTED, "1", 1);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); // DPDK's memory must not live on in descriptors
	execv("/proc/self/exe", argv);
	log_error("can't restart: %s", strerror(errno));
	return 1;
}

// A configuration this process restarted for does not work: control is told and, if it takes the
// commit back in time, the next one is tried.
static int main_refused(struct dataplane *dp, const struct options *o, char **argv, struct error *e)
{
	struct root *root = dp->region.root;
	const uint64_t n = dp->taken[ROOT_CONFIG];
	struct error none;

	snprintf(root->refused_text[ROOT_CONFIG], sizeof(root->refused_text[ROOT_CONFIG]), "%s",
	        e->text);
	atomic_store(&root->refused[ROOT_CONFIG], n);
	if (main_wait_wanted(dp, o->run_dir, n, &none) == 0)
		return main_restart(dp, argv);
	main_forget(dp);
	return 1;
}

int main(int argc, char **argv)
{
	const struct sigaction on_signal = {.sa_handler = main_on_signal};
	struct sigaction hup;
	static struct dataplane dp;
	struct options o;
	struct error e = {0};
	int status = main_options(argc, argv, &o);

	if (status != 0)
		return status - 1;
	log_init("spry-dp", o.level);
	sigaction(SIGTERM, &on_signal, NULL);
	sigaction(SIGINT, &on_signal, NULL);
	sigaction(SIGHUP, NULL, &hup);
	if (hup.sa_handler != SIG_IGN) // nohup(1) means it
		sigaction(SIGHUP, &on_signal, NULL);
	main_signals_hold(SIG_UNBLOCK);
	signal(SIGPIPE, SIG_IGN);
	const bool restarted = getenv(MAIN_RESTARTED) != NULL;
	unsetenv(MAIN_RESTARTED);

	if (main_wait_wanted(&dp, o.run_dir, 0, &e) < 0 || (!o.check && main_alone(&dp, &e) < 0) ||
	        main_boot(&dp, &o, &e) < 0) {
		log_error("%s", e.text);
		if (restarted && dp.region.root != NULL && dp.taken[ROOT_CONFIG] != 0)
			return main_refused(&dp, &o, argv, &e);
		main_forget(&dp);
		return 1;
	}
	if (o.check) {
		puts("ports and cores are there");
		return 0;
	}
	const bool again = main_loop(&dp);

	main_stop(&dp);
	log_info(again ? "restarting for other ports or workers" : "ended");
	if (again)
		return main_restart(
		        &dp, argv); // still this process for control, which waits for its answer
	main_forget(&dp);
	rte_eal_cleanup();
	region_detach(&dp.region);
	return 0;
}
