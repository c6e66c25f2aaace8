// The page shared by spry-bench and the generator it drives.
#include "dataplane/table/bench.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/base/hash.h"
#include "dataplane/table/region.h"

const struct bench_row bench_kind_row[BENCH_KINDS] = {
#define X(id, label, meaning) [BENCH_##id] = {.name = label, .text = meaning},
        bench_kind_rows(X)
#undef X
};

const struct bench_row bench_fault_row[BENCH_FAULTS] = {
#define X(id, label, meaning) [BENCH_BAD_##id] = {.name = label, .text = meaning},
        bench_fault_rows(X)
#undef X
};

const struct bench_row bench_count_row[BENCH_COUNTS] = {
#define X(id, label, meaning) [BENCH_N_##id] = {.name = label, .text = meaning},
        bench_count_rows(X)
#undef X
};

uint64_t bench_layout(void)
{
	struct hash_state s;

	hash_start_13(&s, (struct hash_key){0, 0});
	for (unsigned i = 0; i < BENCH_KINDS; i++)
		hash_add_str(&s, str_of(bench_kind_row[i].name));
	for (unsigned i = 0; i < BENCH_FAULTS; i++)
		hash_add_str(&s, str_of(bench_fault_row[i].name));
	for (unsigned i = 0; i < BENCH_COUNTS; i++)
		hash_add_str(&s, str_of(bench_count_row[i].name));
	return hash_end(&s) ^ sizeof(struct bench_order) << 32 ^ sizeof(struct bench_stats);
}

static int bench_check(const struct bench *b, const char *path, size_t size, struct error *e)
{
	if (memcmp(b->magic, BENCH_MAGIC, sizeof(b->magic)) == 0 && b->layout == BENCH_LAYOUT &&
	        b->bytes == sizeof(*b) && size == sizeof(*b) && b->rows == bench_layout())
		return 0;
	return error_set(e, "%s: of another program version: remove it", path);
}

struct bench *bench_attach(const char *dir, struct error *e)
{
	char path[REGION_PATH_MAX];
	struct bench *b = NULL;
	size_t size = 0;

	errno = ENAMETOOLONG;
	if (region_path(path, dir, "bench", 0)) {
		errno = EINVAL; // of a file that is too short
		b = region_map(path, sizeof(*b), &size);
	}
	if (b == NULL) {
		const int saved = errno;

		error_set(e, "%s/bench: %s", dir, strerror(saved));
		errno = saved;
		return NULL;
	}
	if (bench_check(b, path, size, e) == 0)
		return b;
	bench_detach(b);
	errno = EINVAL;
	return NULL;
}

struct bench *bench_create(const char *dir, struct error *e)
{
	char path[REGION_PATH_MAX], name[REGION_PATH_MAX];
	struct bench *b = bench_attach(dir, e);

	if (b != NULL)
		return b;
	if (!region_path(path, dir, "tmp-bench", 0) || !region_path(name, dir, "bench", 0)) {
		error_set(e, "%s: path too long", dir);
		return NULL;
	}
	b = region_map_new(path, sizeof(*b));
	if (b == NULL) {
		error_set(e, "%s: %s", path, strerror(errno));
		return NULL;
	}
	memcpy(b->magic, BENCH_MAGIC, sizeof(b->magic));
	b->layout = BENCH_LAYOUT;
	b->bytes = sizeof(*b);
	b->rows = bench_layout();
	if (rename(path, name) == 0)
		return b;
	error_set(e, "%s: %s", name, strerror(errno));
	bench_detach(b);
	unlink(path);
	return NULL;
}

void bench_detach(struct bench *b)
{
	if (b != NULL)
		munmap(b, sizeof(*b));
}

uint64_t bench_order_give(struct bench *b)
{
	return atomic_fetch_add(&b->given, 1) + 1;
}

bool bench_order_taken(const struct bench *b, unsigned n_workers)
{
	const uint64_t given = atomic_load(&b->given);

	for (unsigned i = 0; i < n_workers && i < BENCH_WORKERS_MAX; i++)
		if (atomic_load(&b->stats[i].acknowledged) != given)
			return false;
	return true;
}

static uint64_t first_of(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

void bench_stats_read(const struct bench *b, unsigned worker, struct bench_stats *sum)
{
	const struct bench_stats *s = &b->stats[worker];

	sum->beat += s->beat;
	sum->state = s->state < sum->state ? s->state : sum->state;
	sum->in_flight += s->in_flight;
	sum->open_calls += s->open_calls;
	sum->first_tsc = first_of(sum->first_tsc, s->first_tsc);
	sum->last_tsc = s->last_tsc > sum->last_tsc ? s->last_tsc : sum->last_tsc;
	for (unsigned i = 0; i < BENCH_COUNTS; i++)
		sum->count[i] += s->count[i];
	for (unsigned i = 0; i < BENCH_FAULTS; i++)
		sum->fault[i] += s->fault[i];
	for (unsigned i = 0; i < sizeof(s->status) / sizeof(s->status[0]); i++)
		sum->status[i] += s->status[i];
	if (sum->sample_len == 0 && s->sample_len <= BENCH_SAMPLE_MAX) {
		sum->sample_fault = s->sample_fault;
		sum->sample_len = s->sample_len;
		memcpy(sum->sample, s->sample, sizeof(sum->sample));
	}
	for (unsigned i = 0; i < BENCH_KINDS; i++) {
		sum->kind[i].sent += s->kind[i].sent;
		sum->kind[i].received += s->kind[i].received;
		sum->kind[i].matched += s->kind[i].matched;
		histogram_merge(&sum->kind[i].latency, &s->kind[i].latency);
	}
}
