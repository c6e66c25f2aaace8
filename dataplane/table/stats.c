// Reading, adding and comparing the counters of workers. The writer's side is inline in stats.h.
#include "dataplane/table/stats.h"

#include <stddef.h>
#include <string.h>

#include "dataplane/base/hash.h"

// Everything behind the sequence is counters: one array of words.
enum {
	STATS_FIRST = offsetof(struct stats, received) / sizeof(uint64_t),
	STATS_LAST = offsetof(struct stats, latency) / sizeof(uint64_t) + STATS_LATENCY_BUCKETS,
};

const struct stats_row stats_row[STATS_COUNT] = {
#define X(id, label, meaning) [STATS_##id] = {.name = label, .text = meaning},
        stats_rows(X)
#undef X
};

const char *const stage_name[STAGE_COUNT] = {
#define X(id, name) [STAGE_##id] = name,
        stage_rows(X)
#undef X
};

uint64_t stats_layout(void)
{
	struct hash_state s;

	hash_start_13(&s, (struct hash_key){0, 0});
	for (unsigned i = 0; i < WAY_COUNT; i++)
		hash_add_str(&s, str_of(way_name[i]));
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		hash_add_str(&s, str_of(verdict_row[i].name));
	for (unsigned i = 0; i < STATS_COUNT; i++)
		hash_add_str(&s, str_of(stats_row[i].name));
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		hash_add_str(&s, str_of(stage_name[i]));
	return hash_end(&s) ^ sizeof(struct stats);
}

void stats_repair(struct stats *s)
{
	uint64_t settled = 0;

	stats_update_start(s);
	for (unsigned w = 0; w < WAY_COUNT; w++)
		for (unsigned i = 0; i < VERDICT_COUNT; i++)
			settled += s->way[w][i];
	s->received = settled;
	stats_update_end(s);
}

unsigned stats_latency_bucket(uint64_t ns)
{
	if (ns < 8)
		return (unsigned)ns;
	unsigned power = 63 - (unsigned)__builtin_clzll(ns); // >= 3
	unsigned bucket = (power - 2) * 8 + (unsigned)(ns >> (power - 3) & 7);

	return bucket < STATS_LATENCY_BUCKETS ? bucket : STATS_LATENCY_BUCKETS - 1;
}

uint64_t stats_latency_limit(unsigned bucket)
{
	if (bucket < 8)
		return bucket;
	if (bucket >= STATS_LATENCY_BUCKETS)
		bucket = STATS_LATENCY_BUCKETS - 1;
	unsigned power = bucket / 8 + 2;

	return ((uint64_t)(8 + bucket % 8 + 1) << (power - 3)) - 1;
}

bool stats_read(const struct stats *s, struct stats *out, unsigned tries)
{
	const uint64_t *from = (const uint64_t *)s;
	uint64_t *to = (uint64_t *)out;

	memset(out, 0, sizeof(*out));
	do {
		uint64_t before = __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE);

		for (unsigned i = STATS_FIRST; i < STATS_LAST; i++)
			to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		out->sequence = before;
		if (before % 2 == 0 && __atomic_load_n(&s->sequence, __ATOMIC_RELAXED) == before)
			return true;
	} while (tries-- > 1);
	return false;
}

void stats_add(struct stats *sum, const struct stats *s)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)s;

	for (unsigned i = STATS_FIRST; i < STATS_LAST; i++)
		to[i] += from[i];
}

void stats_subtract(struct stats *s, const struct stats *base)
{
	uint64_t *to = (uint64_t *)s;
	const uint64_t *from = (const uint64_t *)base;

	for (unsigned i = STATS_FIRST; i < STATS_LAST; i++)
		if (to[i] < from[i])
			return;
	for (unsigned i = STATS_FIRST; i < STATS_LAST; i++)
		to[i] -= from[i];
}
