// Regions as spryd makes them, processes as systemd starts them.
#include "tools/bench/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "tools/replay/config_image.h"

enum { DEVICE_WAIT_MS = 20000, DEVICE_NICE = -20, DEVICE_TRIES = 1000 };

int device_create(struct device *d, const char *base, const char *name, bool huge, struct error *e)
{
	struct error why;

	*d = (struct device){.name = name};
	snprintf(d->dir, sizeof(d->dir), "%.120s/%.12s", base, name);
	snprintf(d->log, sizeof(d->log), "%s.log", d->dir);
	return region_create(&d->region, d->dir, huge, &why, e);
}

void device_destroy(struct device *d)
{
	if (d->pid > 0) {
		kill(d->pid, SIGKILL);
		waitpid(d->pid, NULL, 0);
		d->pid = 0;
	}
	for (unsigned i = 0; i < ROOT_WORKERS_MAX; i++)
		if (d->area[i] != NULL)
			region_worker_unmap(d->area[i]);
	if (d->location != NULL)
		location_detach(d->location);
	if (d->region.root != NULL)
		region_remove(&d->region);
	unlink(d->log);
	*d = (struct device){.name = d->name};
}

static int write_chain(
        struct device *d, enum root_chain chain, const struct config_image *image, struct error *e)
{
	if (region_write_generation(
	            &d->region, chain, d->generation, image->bytes, image->len, e) != 0)
		return -1;
	atomic_store(&d->region.root->wanted[chain], d->generation);
	return 0;
}

int device_publish(
        struct device *d, const char *text, const struct user_list *users, struct error *e)
{
	struct config_image image[ROOT_CHAINS];
	bool made = config_image_make(str_of(text), d->name, ++d->generation, image, e);
	int rc = made ? 0 : -1;

	if (made && users != NULL) {
		free(image[ROOT_USERS].bytes);
		image[ROOT_USERS] = (struct config_image){NULL, 0};
		rc = config_image_users(users, d->generation, &image[ROOT_USERS], e) ? 0 : -1;
	}
	// the configuration last: with it the process starts
	if (rc == 0 && (write_chain(d, ROOT_NEXTHOP, &image[ROOT_NEXTHOP], e) != 0 ||
	                       write_chain(d, ROOT_USERS, &image[ROOT_USERS], e) != 0 ||
	                       write_chain(d, ROOT_CONFIG, &image[ROOT_CONFIG], e) != 0))
		rc = -1;
	if (made)
		config_image_clear(image);
	return rc;
}

int device_make_location(struct device *d, uint64_t slots, struct error *e)
{
	d->location = location_create(&d->region, slots, NULL, NULL, e);
	return d->location != NULL ? 0 : -1;
}

// Beside this program in a build directory or where it was installed, or $SPRY_DP.
static int find_program(char *path, struct error *e)
{
	static const char *const places[] = {
	        "spry-dp", "../sbin/spry-dp", "../../dataplane/spry-dp"};
	const char *named = getenv("SPRY_DP");
	char self[PATH_MAX], *folder;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (named != NULL && snprintf(path, PATH_MAX, "%s", named) < PATH_MAX)
		return 0;
	self[n > 0 ? n : 0] = '\0';
	folder = dirname(self);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (snprintf(path, PATH_MAX, "%s/%s", folder, places[i]) < PATH_MAX &&
		        access(path, X_OK) == 0)
			return 0;
	return error_set(e, "there is no spry-dp near %s; name it by SPRY_DP=PATH", folder);
}

// Its main lcore, which only watches, shares them.
static void child_take_cores(const struct device *d)
{
	cpu_set_t own;

	CPU_ZERO(&own);
	for (unsigned i = 0; i < d->n_cores; i++)
		CPU_SET(d->core[i], &own);
	sched_setaffinity(0, sizeof(own), &own);
}

// As far as it is allowed. The kernel weighs sessions against each other before it weighs
// processes (sched_autogroup), so the session's weight counts too.
static void child_go_first(void)
{
	const int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);

	setpriority(PRIO_PROCESS, 0, DEVICE_NICE);
	if (fd >= 0) {
		dprintf(fd, "%d", DEVICE_NICE);
		close(fd);
	}
}

void device_child(pid_t parent)
{
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	child_go_first();
}

static void child_run(const struct device *d, const char *program, pid_t parent)
{
	const int log = open(d->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	device_child(parent);
	if (log < 0 || null < 0)
		_exit(127);
	child_take_cores(d);
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	execl(program, program, "-r", d->dir, "-l", "warning", (char *)NULL);
	dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

int device_spawn(struct device *d, struct error *e)
{
	const pid_t parent = getpid();
	char program[PATH_MAX];

	if (find_program(program, e) != 0)
		return -1;
	d->pid = fork();
	if (d->pid == 0)
		child_run(d, program, parent);
	if (d->pid > 0)
		return 0;
	d->pid = 0;
	return error_set(e, "%s: fork: %s", d->name, strerror(errno));
}

// The last line of the log that says something.
static void last_words(const struct device *d, char *out, size_t room)
{
	FILE *f = fopen(d->log, "re");
	char line[256];

	snprintf(out, room, "it said nothing");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			snprintf(out, room, "%.250s", line);
	}
	if (f != NULL)
		fclose(f);
}

bool device_lives(struct device *d, struct error *e)
{
	char words[256];
	int status;

	if (d->pid == 0) {
		error_set(e, "%s: does not run", d->name);
		return false;
	}
	if (waitpid(d->pid, &status, WNOHANG) != d->pid)
		return true;
	d->pid = 0;
	last_words(d, words, sizeof(words));
	if (WIFSIGNALED(status))
		error_set(e, "%s: spry-dp was killed by signal %d; its last line: %s", d->name,
		        WTERMSIG(status), words);
	else
		error_set(e, "%s: spry-dp ended with status %d: %s", d->name, WEXITSTATUS(status),
		        words);
	return false;
}

static bool is_settled(const struct root *root)
{
	if (atomic_load(&root->n_workers) == 0)
		return false;
	for (unsigned c = 0; c < ROOT_CHAINS; c++)
		if (atomic_load(&root->acknowledged[c]) != atomic_load(&root->wanted[c]))
			return false;
	return true;
}

static int map_areas(struct device *d, struct error *e)
{
	const unsigned n = atomic_load(&d->region.root->n_workers);

	for (unsigned i = 0; i < n && i < ROOT_WORKERS_MAX; i++) {
		if (d->area[i] == NULL)
			d->area[i] = region_worker(&d->region, i, false, e);
		if (d->area[i] == NULL)
			return -1;
	}
	return 0;
}

int device_wait(struct device *d, struct error *e)
{
	const struct root *root = d->region.root;
	const uint64_t deadline = now_ns() + DEVICE_WAIT_MS * UINT64_C(1000000);

	while (!is_settled(root)) {
		for (unsigned c = 0; c < ROOT_CHAINS; c++)
			if (atomic_load(&root->refused[c]) == d->generation)
				return error_set(e, "%s: %.400s", d->name, root->refused_text[c]);
		if (!device_lives(d, e))
			return -1;
		if (now_ns() > deadline)
			return error_set(e, "%s: spry-dp does not start within %d s; see %s",
			        d->name, DEVICE_WAIT_MS / 1000, d->log);
		usleep(2000);
	}
	return map_areas(d, e);
}

void device_stats(struct device *d, struct stats *sum)
{
	struct stats one;

	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i < ROOT_WORKERS_MAX && d->area[i] != NULL; i++) {
		stats_read(&d->area[i]->stats, &one, DEVICE_TRIES);
		stats_add(sum, &one);
	}
}

static bool read_line(const char *path, char *line, int room)
{
	FILE *f = fopen(path, "re");
	bool got = f != NULL && fgets(line, room, f) != NULL;

	if (f != NULL)
		fclose(f);
	return got;
}

// "rte-worker-1", "lcore-worker-1": DPDK's names of the threads.
struct device_time device_time(const struct device *d)
{
	unsigned long long cpu, wait;
	struct device_time sum = {0};
	char path[300], line[128];
	struct dirent *t;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)d->pid);
	dir = d->pid > 0 ? opendir(path) : NULL;
	while (dir != NULL && (t = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/comm", (int)d->pid, t->d_name);
		if (t->d_name[0] == '.' || !read_line(path, line, sizeof(line)) ||
		        strstr(line, "worker-") == NULL)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)d->pid,
		        t->d_name);
		if (read_line(path, line, sizeof(line)) &&
		        sscanf(line, "%llu %llu", &cpu, &wait) == 2) {
			sum.cpu_ns += cpu;
			sum.wait_ns += wait;
		}
	}
	if (dir != NULL)
		closedir(dir);
	return sum;
}
