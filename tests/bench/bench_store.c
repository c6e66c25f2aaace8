// The journal of bindings: records a second made durable, and loaded into an empty table.
//   build/tests/bench/bench_store [RECORDS] [DIR] [keep]    (1,000,000; /tmp; the file is left
//   there)
// It needs about 350 bytes of disk and 400 of /dev/shm a record.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/store_sync.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

enum { SPREAD = 300000, STEP = 7919 };

// Of all threads: what the machine does beside is not counted.
static double cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double since(uint64_t began_ns)
{
	return (double)(now_ns() - began_ns) / 1e9;
}

static void put(struct store *s, unsigned long user, uint32_t cseq)
{
	char aor[64], uri[80], call_id[64];
	struct location_contact c = {.cseq = cseq, .expires_s = store_now_s() + 3600, .q = 1000};

	c.aor = (struct str){aor, (size_t)snprintf(aor, sizeof(aor), "u%09lu@example.com", user)};
	c.uri = (struct str){
	        uri, (size_t)snprintf(uri, sizeof(uri), "sip:%lu@198.51.100.7:5060", user)};
	c.call_id = (struct str){call_id,
	        (size_t)snprintf(call_id, sizeof(call_id), "%lu-9f8e7d6c@198.51.100.7", user)};
	c.user_agent = STR("bench/1.0");
	while (!store_put(s, c.aor, &c, 1))
		usleep(1000); // the queue is full: the disk sets the pace
}

static void ignore(void *arg, struct str aor, const struct location_contact *c, unsigned n)
{
	(void)arg, (void)aor, (void)c, (void)n;
}

// `step` 1: in the order of the names, as an import comes. Else spread, as phones come.
static void puts_a_second(const char *dir, unsigned long n, unsigned long total, unsigned long step)
{
	struct store *s = store_open(&(struct store_options){.dir = dir}, NULL);
	uint64_t began_ns;

	if (s == NULL)
		exit(1);
	while (store_load(s, 1000, &(struct store_taker){.record = ignore}) != STORE_LOADED)
		;
	began_ns = now_ns();
	for (unsigned long i = 0; i < n; i++)
		put(s, i * step % total, (uint32_t)step);
	if (!store_flush(s, 600000))
		exit(1);
	printf("%lu puts %s: %.0f/s durable\n", n, step == 1 ? "in order" : "spread",
	        (double)n / since(began_ns));
	fflush(stdout);
	store_close(s);
}

static void loads_a_second(const char *dir, unsigned long n)
{
	struct event_base *base = event_base_new();
	struct store_sync_status status;
	struct location_fill fill;
	struct store_sync *y;
	struct location *l;
	struct region region;
	struct error e = {0};
	double began_cpu;
	uint64_t began_ns;
	char run[200];

	snprintf(run, sizeof(run), "/dev/shm/spry-bench-%d", (int)getpid());
	if (base == NULL || region_create(&region, run, false, NULL, &e) != 0)
		exit(1);
	l = location_create(&region, n + n / 8, NULL, NULL, &e);
	began_ns = now_ns();
	began_cpu = cpu();
	y = l != NULL ? store_sync_start(base, l, dir, &e) : NULL;
	if (y == NULL) {
		fprintf(stderr, "%s\n", e.text);
		region_remove(&region);
		exit(1);
	}
	do {
		(void)event_base_loop(base, EVLOOP_ONCE);
		store_sync_status(y, &status);
	} while (status.loading);
	location_fill(l, &fill);
	printf("load: %.0f records/s into the table (%llu of them, %.2f us of CPU each in two threads, "
	       "page cache warm)\n",
	        (double)fill.records / since(began_ns), (unsigned long long)fill.records,
	        (cpu() - began_cpu) * 1e6 / (double)fill.records);
	store_sync_end(y);
	location_detach(l);
	region_remove(&region);
	event_base_free(base);
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	char dir[200], path[240];
	struct stat st;

	snprintf(dir, sizeof(dir), "%s/spry-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	log_init("bench", LOG_LEVEL_ERROR);
	if (n == 0 || mkdtemp(dir) == NULL)
		return 2;
	puts_a_second(dir, n, n, 1);
	puts_a_second(dir, n < SPREAD ? n : SPREAD, n, STEP);
	loads_a_second(dir, n);
	snprintf(path, sizeof(path), "%s/location.mdb", dir);
	if (stat(path, &st) == 0)
		printf("file: %.0f bytes a record\n", (double)st.st_size / (double)n);
	if (argc > 3)
		return printf("%s\n", path) < 0;
	(void)unlink(path);
	return rmdir(dir) != 0;
}
