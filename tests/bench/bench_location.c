// The location table alone: what a lookup costs one core, single and as a burst, how fast bindings
// go in, what they take. A benchmark, not a test; what else runs on the machine shows.
//   build/tests/bench/bench_location [--huge] [BINDINGS]...     (1000 1000000 10000000)
// --huge puts the table on huge pages: root, and 336 bytes a binding free of them
// (sysctl vm.nr_hugepages). Rates are of CPU time, median of ROUNDS; p50 and p99 are of the clock
// on the wall, its own cost taken off, for a burst divided by its length.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "dataplane/table/location.h"

enum { ROUNDS = 7, LOOKUPS = 1 << 20, BURST_OF = 32, TIMED = 1 << 17 };

static volatile sig_atomic_t stopped;
static char scratch[LOCATION_TEXT_MAX];
static struct location_key keys[LOOKUPS];
static uint64_t touched; // keeps the compiler from leaving out what nobody uses

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

// The process's own memory, without the table's.
static double private_mb(void)
{
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long kb = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "RssAnon: %lu", &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return (double)kb / 1024;
}

static void make_key(const struct location *l, uint64_t user, struct location_key *key)
{
	char aor[64];
	const int n =
	        snprintf(aor, sizeof(aor), "sip:u%09llu@example.com", (unsigned long long)user);

	location_make_key(l, (struct str){aor, (size_t)n}, key);
}

// A phone as phones are: about 180 bytes of texts.
static int put(struct location *l, uint64_t user)
{
	const unsigned long long u = user;
	char aor[64], uri[80], call_id[64], instance[64];
	struct location_key key;
	struct location_contact c = {.expires_s = UINT32_MAX,
	        .registered_s = 1,
	        .cseq = 1,
	        .q = 1000,
	        .transport = TRANSPORT_UDP,
	        .flags = LOCATION_NAT,
	        .user_agent = STR("bench-phone/1.0 (revision 7)")};

	c.aor = (struct str){aor, (size_t)snprintf(aor, sizeof(aor), "sip:u%09llu@example.com", u)};
	c.uri = (struct str){
	        uri, (size_t)snprintf(uri, sizeof(uri), "sip:u%09llu@198.51.100.7:5060;ob", u)};
	c.call_id = (struct str){call_id,
	        (size_t)snprintf(call_id, sizeof(call_id), "%012llx-9f8e7d6c@198.51.100.7", u)};
	c.instance =
	        (struct str){instance, (size_t)snprintf(instance, sizeof(instance),
	                                       "<urn:uuid:00000000-0000-1000-8000-%012llx>", u)};
	location_make_key(l, c.aor, &key);
	return location_put(l, &key, &c, 1, NULL);
}

// Keys of users from `first` on, in no order.
static void choose_keys(const struct location *l, uint64_t first, uint64_t n)
{
	uint64_t seed = 20261121;

	for (unsigned i = 0; i < LOOKUPS; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		make_key(l, first + (seed >> 33) % n, &keys[i]);
	}
}

// As `route` does: the best contact, of which it sends the URI to the address.
static void look(const struct location *l, const struct location_key *key)
{
	struct location_contact c;

	if (location_lookup(l, key, 1, &c, 1, scratch) > 0)
		touched +=
		        (uint64_t)c.uri.p[0] + (uint64_t)c.uri.p[c.uri.len - 1] + c.received.port;
}

static void look_burst(const struct location *l, const struct location_key *key, unsigned n)
{
	if (n > 1)
		location_prefetch(l, key, n);
	for (unsigned i = 0; i < n; i++)
		look(l, &key[i]);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

// What now_ns() itself takes, at best.
static double clock_cost(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < 10000; i++) {
		const uint64_t began = now_ns(), took = now_ns() - began;

		if (took < least)
			least = took;
	}
	return (double)least;
}

// A line of `n` keys at a time, all of which are (or none of which is) there.
static void measure(const struct location *l, const char *what, unsigned n)
{
	static double took[TIMED];
	double round[ROUNDS];
	const double cost = clock_cost();

	for (unsigned r = 0; r < ROUNDS && !stopped; r++) {
		const uint64_t began = cpu_ns();

		for (unsigned i = 0; i + n <= LOOKUPS; i += n)
			look_burst(l, &keys[i], n);
		round[r] = (double)(cpu_ns() - began) / LOOKUPS;
	}
	for (unsigned t = 0; t < TIMED && !stopped; t++) {
		const uint64_t began = now_ns();

		look_burst(l, &keys[t * n % LOOKUPS], n);
		took[t] = ((double)(now_ns() - began) - cost) / n;
	}
	if (stopped)
		return;
	qsort(round, ROUNDS, sizeof(round[0]), compare);
	qsort(took, TIMED, sizeof(took[0]), compare);
	printf("  %-12s %6.2f M/s  %6.1f ns (%.1f to %.1f)   p50 %6.1f  p99 %6.1f ns\n", what,
	        1000 / round[ROUNDS / 2], round[ROUNDS / 2], round[0], round[ROUNDS - 1],
	        took[TIMED / 2], took[TIMED / 100 * 99]);
}

static void measure_keys(const struct location *l)
{
	static const char aor[] = "sip:u000000001@example.com";
	struct location_key key;
	const uint64_t began = cpu_ns();

	for (unsigned i = 0; i < LOOKUPS; i++) {
		location_make_key(l, (struct str){aor, sizeof(aor) - 1 - i % 2}, &key);
		touched += key.h[0];
	}
	printf("  %-12s %6.2f M/s  %6.1f ns (hash of an AoR; not in the lookups)\n", "key",
	        LOOKUPS * 1e3 / (double)(cpu_ns() - began), (double)(cpu_ns() - began) / LOOKUPS);
}

static bool fill(struct location *l, uint64_t n)
{
	const double before = private_mb();
	const uint64_t began = cpu_ns();
	struct location_fill is;

	for (uint64_t user = 0; user < n; user++)
		if (stopped || put(l, user) != 0)
			return false;
	const double s = (double)(cpu_ns() - began) / 1e9;
	location_fill(l, &is);
	printf("%llu bindings: %.2f M inserts/s, longest bucket %llu of 8, table %.0f MB, writer's "
	       "lists %.0f MB\n",
	        (unsigned long long)is.records, (double)n / s / 1e6,
	        (unsigned long long)is.longest_bucket, (double)is.bytes / (1 << 20),
	        private_mb() - before);
	return true;
}

static int run(const char *dir, bool huge, uint64_t n)
{
	struct region r;
	struct error e = {.line = 0}, no_pages = {.line = 0};
	struct location *l = NULL;
	int status = -1;

	if (region_create(&r, dir, huge, &no_pages, &e) != 0) {
		fprintf(stderr, "bench_location: %s\n", e.text);
		return -1;
	}
	if (huge && no_pages.text[0] != 0)
		fprintf(stderr, "bench_location: %s\n", no_pages.text);
	else
		l = location_create(&r, n, NULL, NULL, &e);
	if (l != NULL && fill(l, n)) {
		measure_keys(l);
		choose_keys(l, 0, n);
		measure(l, "single", 1);
		measure(l, "burst of 8", 8);
		measure(l, "burst of 32", BURST_OF);
		choose_keys(l, n, n);
		measure(l, "miss", 1);
		measure(l, "miss, burst", BURST_OF);
		status = stopped ? -1 : 0;
	} else if (!stopped) {
		fprintf(stderr, "bench_location: %s\n", l == NULL ? e.text : "the table is full");
	}
	fflush(stdout);
	location_detach(l);
	region_remove(&r);
	return status;
}

int main(int argc, char **argv)
{
	static char *sizes[] = {"1000", "1000000", "10000000", NULL};
	char base[] = "/dev/shm/spry-bench-location.XXXXXX", dir[sizeof(base) + 8];
	const bool huge = argc > 1 && strcmp(argv[1], "--huge") == 0;
	char **size = argv + 1 + huge;
	int status = 0;

	if (mkdtemp(base) == NULL) {
		perror(base);
		return 1;
	}
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	snprintf(dir, sizeof(dir), "%s/run", base);
	for (size = *size == NULL ? sizes : size; *size != NULL && status == 0; size++)
		status = run(dir, huge, strtoull(*size, NULL, 10));
	rmdir(base);
	return status == 0 && touched != 0 ? 0 : 1;
}
