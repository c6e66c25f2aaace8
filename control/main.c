// spryd, the control process: options, start in named steps, loop, end in reverse.
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "config/check.h"
#include "control/client.h"
#include "control/commit.h"
#include "control/keys.h"
#include "control/privilege.h"
#include "control/registrar.h"
#include "control/sandbox.h"
#include "control/storage.h"
#include "control/store_sync.h"
#include "dataplane/base/now.h"
#include "dataplane/sip/scan.h"

enum { BEAT_MS = 100, LOCK_WAIT_MS = 1200, LOCK_NAP_MS = 20 };

static const char usage[] =
        "usage: spryd [-c FILE] [-r RUNDIR] [-s STATEDIR] [-l LEVEL] [--check] [--remove-twins]\n"
        "  -c FILE         configuration (default /etc/spry/spry.conf)\n"
        "  -r RUNDIR       shared region and socket (default $SPRY_RUN or /run/spry)\n"
        "  -s STATEDIR     history and keys (default $SPRY_STATE or /var/lib/spry)\n"
        "  -l LEVEL        error, warning, info or debug; overrides `log level`\n"
        "  --check         only check the configuration\n"
        "  --remove-twins  at the end, remove the kernel twins too\n";

static bool level_option(struct control *c, const char *word)
{
	static const struct {
		const char *word;
		int level;
	} levels[] = {{"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING},
	        {"info", LOG_LEVEL_INFO}, {"debug", LOG_LEVEL_DEBUG}};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].word, word) == 0)
			c->log_level = levels[i].level;
	return c->log_level != 0;
}

// 0 = run, else exit with status - 1.
static int options(struct control *c, int argc, char **argv, bool *only_check)
{
	static const struct option longs[] = {{"check", no_argument, NULL, 'k'},
	        {"remove-twins", no_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
	        {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	const char *state = getenv("SPRY_STATE");
	bool bad = false;
	int o;

	c->config_file = "/etc/spry/spry.conf";
	c->run_dir = region_default_dir();
	c->state_dir = state != NULL && state[0] != '\0' ? state : "/var/lib/spry";
	while ((o = getopt_long(argc, argv, "c:r:s:l:h", longs, NULL)) != -1) {
		if (o == 'c')
			c->config_file = optarg;
		else if (o == 'r')
			c->run_dir = optarg;
		else if (o == 's')
			c->state_dir = optarg;
		else if (o == 'k')
			*only_check = true;
		else if (o == 't')
			c->remove_twins = true;
		else if (o == 'h')
			return fputs(usage, stdout), 1;
		else if (o == 'V')
			return printf("spryd %s\n", SPRY_VERSION), 1;
		else if (o != 'l' || !level_option(c, optarg))
			bad = true;
	}
	if (optind < argc)
		c->config_file = argv[optind++];
	if (bad || optind < argc)
		return fputs(usage, stderr), 3;
	return 0;
}

static struct tree *read_config(const char *path, struct error *e)
{
	struct tree *t = state_read_file(path, e);

	if (t == NULL)
		return NULL;
	if (check(t, e) == 0)
		return t;
	tree_destroy(t);
	if (e->line > 0) {
		char text[sizeof(e->text)];

		memcpy(text, e->text, sizeof(text));
		error_set(e, "%s:%d: %s", path, e->line, text);
	}
	return NULL;
}

static bool wants_huge(const struct tree *t)
{
	const struct node *memory = node_child(tree_root(t), "memory", NULL);
	const char *word = memory != NULL ? node_value(memory, "huge") : NULL;

	return word == NULL || strcmp(word, "off") != 0;
}

// A spryd that was killed holds its locks until its journal's thread comes back from the disk.
static bool lock(int fd)
{
	const struct timespec nap = {.tv_nsec = LOCK_NAP_MS * 1000000L};

	for (int left = LOCK_WAIT_MS; flock(fd, LOCK_EX | LOCK_NB) != 0; left -= LOCK_NAP_MS) {
		if (errno != EWOULDBLOCK || left <= 0)
			return false;
		nanosleep(&nap, NULL);
	}
	return true;
}

// One spryd a directory. The file stays open, and locked, until the process ends.
static int alone_in(const char *dir, const char *name, struct error *e)
{
	char path[256], pid[16];
	int fd, len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	if (!lock(fd)) {
		ssize_t n = read(fd, pid, sizeof(pid) - 1);

		pid[n > 0 ? (size_t)n : 0] = '\0';
		pid[strcspn(pid, "\n")] = '\0';
		close(fd);
		return error_set(e, "%s: another spryd (pid %s) works here", dir, pid);
	}
	len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || write(fd, pid, (size_t)len) != len)
		return error_set(e, "%s: %s", path, strerror(errno));
	return 0;
}

// Directories and the region, as root; then no longer root.
static int open_region(struct control *c, bool want_huge, struct error *e)
{
	const bool drop = privilege_can_drop();
	struct error no_huge = {0};

	if (storage_directory(c->run_dir, 0750, e) != 0 ||
	        storage_directory(c->state_dir, 0750, e) != 0 ||
	        (drop && (privilege_may_give(c->run_dir, e) != 0 ||
	                         privilege_may_give(c->state_dir, e) != 0)) ||
	        alone_in(c->state_dir, "spryd.lock", e) != 0 ||
	        alone_in(c->run_dir, "spryd.pid", e) != 0)
		return -1;
	// The huge page mount takes the directory's owner.
	if (drop && (privilege_give(c->run_dir, e) != 0 || privilege_give(c->state_dir, e) != 0))
		return -1;
	if (region_create(&c->region, c->run_dir, want_huge, &no_huge, e) != 0)
		return -1;
	if (no_huge.text[0] != '\0')
		log_info("%s", no_huge.text);
	if (drop && (privilege_give(c->run_dir, e) != 0 ||
	                    janitor_start(&c->janitor, &c->region, e) != 0))
		return -1;
	if (privilege_drop(e) != 0)
		return -1;
	// Without that user root goes on, and has to unmount at the end.
	return drop ? sandbox_enter(e) : 0;
}

static void on_settled(void *arg)
{
	struct control *c = arg;

	if (c->upcall != NULL)
		upcall_settled(c->upcall);
}

static int make_parts(struct control *c, struct error *e)
{
	c->base = event_base_new();
	if (c->base == NULL)
		return error_set(e, "no event loop");
	c->areas.region = &c->region;
	if (publish_init(&c->publish, c->base, &c->region, e) != 0 ||
	        state_init(&c->state, c->state_dir, c->config_file, e) != 0 ||
	        keys_load(c->state_dir, c->keys, &c->n_keys, e) != 0 ||
	        kernel_init(&c->kernel, c->run_dir, e) != 0 || commit_init(c, e) != 0)
		return -1;
	c->users = users_create(c->base, &c->publish, c->state_dir, e);
	if (c->users == NULL)
		return -1;
	c->mirror = mirror_create(c->base, &c->publish, on_settled, c, e);
	if (c->mirror == NULL)
		return -1;
	c->upcall = upcall_create(c->base, &c->areas, c->mirror, e);
	return c->upcall != NULL ? 0 : -1;
}

// The journal of bindings. Without it they are served all the same.
static void open_store(struct control *c)
{
	struct error e = {0};

	c->store = store_sync_start(c->base, c->location, c->state_dir, &e);
	if (c->store == NULL) {
		log_error("bindings are not kept on disk: %s", e.text);
		return;
	}
	registrar_journal(c->registrar,
	        (struct registrar_journal){store_sync_put, store_sync_loading, c->store});
}

// The table of bindings, made before a dataplane can want it. Without it the rest still works.
static void open_location(struct control *c, const struct tree *t)
{
	const struct node *n = node_child(tree_root(t), "location", NULL);
	uint64_t records = 0, leaked = 0;
	struct error e = {0};

	c->location = location_create(
	        &c->region, (uint64_t)node_number(n, "size"), &records, &leaked, &e);
	if (c->location != NULL) {
		if (e.text[0] != '\0')
			log_warning("bindings: %s", e.text);
		if (records + leaked > 0)
			log_info("bindings: %llu addresses of record found, %llu slots given back",
			        (unsigned long long)records, (unsigned long long)leaked);
		c->registrar = registrar_create(
		        c->base, c->location, c->region.root, &c->publish, c->upcall, &e);
	}
	if (c->registrar == NULL)
		log_error("nobody can register: %s", e.text);
	else
		open_store(c);
}

// What boots: the file; but when a spryd died here, or the dataplane works on, what was committed
// last, so that a crash undoes no commit. `file` is taken over.
static struct tree *choose(struct control *c, struct tree *file)
{
	const struct root *root = c->region.root;
	struct error e = {0};
	bool rolled_back;
	struct tree *kept;

	if (atomic_load(&root->wanted[ROOT_CONFIG]) == 0 ||
	        (atomic_load(&root->control_pid) == 0 && !publish_dataplane_lives(&c->publish))) {
		state_confirm_end(&c->state); // of another life
		return file;
	}
	kept = state_recover(&c->state, &rolled_back, &e);
	if (kept == NULL || check(kept, &e) != 0) {
		log_warning("what ran before is not known, starting with the file: %s", e.text);
		tree_destroy(kept);
		return file;
	}
	if (rolled_back)
		log_warning("the last commit was never confirmed: it is rolled back");
	tree_destroy(file);
	return kept;
}

static void on_booted(void *arg, bool ok, const char *text)
{
	struct control *c = arg;
	struct error e = {0};
	char path[300];

	snprintf(path, sizeof(path), "%s/spry.sock", c->run_dir);
	if (ok)
		c->clients = client_listen(c, path, &e);
	if (c->clients == NULL) {
		log_error("%s", ok ? e.text : text);
		event_base_loopbreak(c->base);
		c->failed = true;
		return;
	}
	if (text[0] != '\0')
		log_warning("%s", text);
	log_info("ready: configuration %llu, %s",
	        (unsigned long long)c->publish.chain[ROOT_CONFIG].generation, path);
	sd_notify(0, "READY=1");
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct control *c = arg;

	(void)number, (void)what;
	event_base_loopbreak(c->base);
}

// Held back while spryd starts: half a start would leave twins and tables of the kernel behind. The
// loop takes them.
static void signals_hold(int how)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	(void)sigprocmask(how, &ends, NULL);
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;

	(void)fd, (void)what;
	atomic_store(&c->region.root->control_beat_ns, now_ns());
}

static int run(struct control *c, struct tree *file, struct error *e)
{
	struct event *term = evsignal_new(c->base, SIGTERM, on_signal, c);
	struct event *intr = evsignal_new(c->base, SIGINT, on_signal, c);
	struct event *hup = evsignal_new(c->base, SIGHUP, on_signal, c); // the terminal went away
	struct event *beat = event_new(c->base, -1, EV_PERSIST, on_beat, c);
	struct timeval every = {0, BEAT_MS * 1000};
	struct sigaction was;
	struct tree *t = choose(c, file);

	if (term == NULL || intr == NULL || hup == NULL || beat == NULL ||
	        event_add(term, NULL) != 0 || event_add(intr, NULL) != 0 ||
	        (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN &&
	                event_add(hup, NULL) != 0) || // nohup(1) means it
	        event_add(beat, &every) != 0) {
		tree_destroy(t);
		return error_set(e, "out of memory");
	}
	open_location(c, t);
	on_beat(-1, 0, c);
	atomic_store(&c->region.root->control_pid, (uint32_t)getpid());
	commit_start(c, t, NULL, 0, on_booted, c);
	signals_hold(SIG_UNBLOCK);
	if (!c->failed)
		event_base_dispatch(c->base);
	sd_notify(0, "STOPPING=1");
	event_free(term);
	event_free(intr);
	event_free(hup);
	event_free(beat);
	return 0;
}

// The dataplane, when it lives, goes on with what it has; without one nothing stays but the twins.
static void end(struct control *c)
{
	bool alone = c->region.root != NULL && !publish_dataplane_lives(&c->publish);
	char path[300];

	client_close(c->clients);
	if (c->commit != NULL && alone) {
		if (publish_in_flight(&c->publish, ROOT_CONFIG))
			kernel_undo(&c->kernel); // what it added is not yet ours to stop
		kernel_stop(&c->kernel, c->remove_twins);
	}
	registrar_destroy(c->registrar);
	store_sync_end(c->store);
	if (c->location != NULL)
		location_detach(c->location);
	upcall_destroy(c->upcall);
	mirror_destroy(c->mirror);
	commit_fini(c);
	kernel_fini(&c->kernel);
	state_fini(&c->state);
	areas_clear(&c->areas);
	users_destroy(c->users);
	publish_fini(&c->publish);
	if (c->base != NULL)
		event_base_free(c->base);
	snprintf(path, sizeof(path), "%s/spryd.pid", c->run_dir);
	if (c->region.root != NULL) {
		atomic_store(&c->region.root->control_pid, 0);
		(void)unlink(path);
		if (alone)
			janitor_clean(&c->janitor);
		if (alone)
			region_remove(&c->region);
		else
			region_detach(&c->region);
	}
	explicit_bzero(c->keys, sizeof(c->keys));
	free(c->baseline);
}

int main(int argc, char **argv)
{
	static struct control c;
	struct error e = {0};
	struct tree *file;
	bool only_check = false;
	int rc = options(&c, argc, argv, &only_check);

	if (rc != 0)
		return rc - 1;
	log_init("spryd", c.log_level != 0 ? (enum log_level)c.log_level : LOG_LEVEL_INFO);
	(void)signal(SIGPIPE, SIG_IGN);
	c.started_ns = now_ns();
	file = read_config(c.config_file, &e);
	if (file == NULL) {
		log_error("%s", e.text);
		return 1;
	}
	if (only_check) {
		tree_destroy(file);
		return 0;
	}
	signals_hold(SIG_BLOCK);
	if (scan_init() == NULL)
		rc = error_set(&e, "SPRY_SCAN names no scanner that runs on this CPU");
	if (rc != 0 || open_region(&c, wants_huge(file), &e) != 0 || make_parts(&c, &e) != 0) {
		tree_destroy(file);
		rc = -1;
	} else {
		rc = run(&c, file, &e);
	}
	if (rc != 0)
		log_error("%s", e.text);
	end(&c);
	return rc != 0 || c.failed ? 1 : 0;
}
