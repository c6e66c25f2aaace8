// Taking over what control published. Main lcore only, except the running pointers that workers
// read.
#include "dataplane/generation.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"
#include "dataplane/dataplane.h"
#include "dataplane/policy_pattern.h"
#include "dataplane/sip/response.h"

enum { GENERATION_GRACE_MS = 5000, GENERATION_QUICK = 16 << 20 };

// A thread that reads and checks a large image, so that the main lcore goes on carrying the
// kernel's frames.
struct generation_loader {
	struct dataplane *dp;
	pthread_t thread;
	uint64_t n;
	struct generation *g;
	struct error e;
	atomic_bool done;
};

static int generation_tokens(struct generation *g, unsigned n_workers, struct error *e)
{
	const struct token_key *keys = g->view.rows[TABLE_KEYS];

	g->tokens = calloc(n_workers, sizeof(struct token_ring *));
	if (g->tokens == NULL)
		return error_set(e, "out of memory");
	for (unsigned i = 0; i < n_workers; i++) {
		g->tokens[i] = token_ring_create(keys, g->view.count[TABLE_KEYS]);
		if (g->tokens[i] == NULL)
			return error_set(e, "no usable token key in the configuration's tables");
	}
	g->tag_key = response_tag_key(&keys[0]);
	return 0;
}

struct generation *generation_create(
        void *image, size_t len, enum root_chain chain, unsigned n_workers, struct error *e)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		free(image);
		error_set(e, "out of memory");
		return NULL;
	}
	g->image = image;
	if (table_open(&g->view, image, len, chain, e) == 0 &&
	        (chain != ROOT_CONFIG ||
	                (generation_tokens(g, n_workers, e) == 0 &&
	                        pattern_set_create(&g->patterns, &g->view, n_workers, e) == 0))) {
		g->number = g->view.header->generation;
		return g;
	}
	generation_destroy(g, n_workers);
	return NULL;
}

void generation_destroy(struct generation *g, unsigned n_workers)
{
	if (g == NULL)
		return;
	for (unsigned i = 0; g->tokens != NULL && i < n_workers; i++)
		if (g->tokens[i] != NULL)
			token_ring_destroy(g->tokens[i]);
	pattern_set_destroy(g->patterns, n_workers);
	free(g->tokens);
	free(g->image);
	free(g);
}

// Waits until every worker has ended the turn it is in. False when one did not in time.
static bool generation_grace(struct dataplane *dp)
{
	const struct timespec nap = {.tv_nsec = 50000};
	const uint64_t deadline = now_ns() + GENERATION_GRACE_MS * UINT64_C(1000000);
	uint64_t seen[ROOT_WORKERS_MAX];

	for (unsigned i = 0; i < dp->n_workers; i++)
		seen[i] = atomic_load(&dp->worker[i]->epoch);
	for (unsigned i = 0; i < dp->n_workers; i++)
		while (atomic_load(&dp->worker[i]->epoch) == seen[i]) {
			if (now_ns() > deadline)
				return false;
			nanosleep(&nap, NULL);
		}
	return true;
}

bool generation_publish(struct dataplane *dp, enum root_chain chain, struct generation *g)
{
	struct generation *old = atomic_exchange(&dp->running[chain], g);

	if (dp->launched && !generation_grace(dp)) {
		// Refused means nothing has changed; a worker may be in either, so neither is
		// freed.
		atomic_store(&dp->running[chain], old);
		log_error("a worker does not end its turn; generation %llu is taken back",
		        (unsigned long long)g->number);
		return false;
	}
	generation_destroy(old, dp->n_workers);
	return true;
}

static void generation_refuse(
        struct dataplane *dp, enum root_chain chain, uint64_t n, const struct error *e)
{
	struct root *root = dp->region.root;

	snprintf(root->refused_text[chain], sizeof(root->refused_text[chain]), "%s", e->text);
	atomic_store(&root->refused[chain], n);
	dp->taken[chain] = n;
	log_warning("generation %llu refused: %s", (unsigned long long)n, e->text);
}

// Whether the ports and workers of another setup could run here.
int generation_check_setup(const struct setup *s, struct error *e)
{
	for (unsigned i = 0; i < s->n_ports; i++)
		if (port_check(&s->port[i], e) < 0)
			return -1;
	return 0;
}

// The file of generation n, checked. NULL with the reason.
static struct generation *generation_load(
        struct dataplane *dp, enum root_chain chain, uint64_t n, struct error *e)
{
	size_t len;
	void *image = region_read_generation(&dp->region, chain, n, &len, e);
	struct generation *g =
	        image != NULL ? generation_create(image, len, chain, dp->n_workers, e) : NULL;

	if (g == NULL || g->number == n)
		return g;
	error_set(e, "the file of generation %llu holds another one", (unsigned long long)n);
	generation_destroy(g, dp->n_workers);
	return NULL;
}

// Puts what was loaded in force; NULL = it could not be loaded. True = restart.
static bool generation_settle(struct dataplane *dp, enum root_chain chain, uint64_t n,
        struct generation *g, struct error *e)
{
	struct root *root = dp->region.root;

	if (g == NULL) {
		if (atomic_load(&root->wanted[chain]) ==
		        n) // else it went because there is a newer one
			generation_refuse(dp, chain, n, e);
		return false;
	}
	const struct setup *s = chain == ROOT_CONFIG ? setup_get(&g->view) : NULL;
	if (s != NULL && memcmp(s, &dp->setup, sizeof(*s)) != 0) {
		const bool possible = generation_check_setup(s, e) == 0;
		if (!possible)
			generation_refuse(dp, chain, n, e);
		generation_destroy(g, dp->n_workers);
		return possible;
	}
	if (generation_publish(dp, chain, g)) {
		atomic_store(&root->acknowledged[chain], n);
		log_debug("chain %d runs generation %llu", (int)chain, (unsigned long long)n);
	} else {
		error_set(e, "a worker does not end its turn");
		generation_refuse(dp, chain, n, e);
	}
	dp->taken[chain] = n;
	return false;
}

static bool generation_take(struct dataplane *dp, enum root_chain chain, uint64_t n)
{
	struct error e = {0};

	return generation_settle(dp, chain, n, generation_load(dp, chain, n, &e), &e);
}

static void *loader_run(void *arg)
{
	struct generation_loader *l = arg;

	l->g = generation_load(l->dp, ROOT_USERS, l->n, &l->e);
	atomic_store(&l->done, true);
	return NULL;
}

// False when there is no thread for it.
static bool loader_start(struct dataplane *dp, uint64_t n)
{
	struct generation_loader *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return false;
	l->dp = dp;
	l->n = n;
	if (pthread_create(&l->thread, NULL, loader_run, l) != 0) {
		free(l);
		return false;
	}
	dp->loader = l;
	return true;
}

void generation_users(struct dataplane *dp)
{
	const uint64_t n = atomic_load(&dp->region.root->wanted[ROOT_USERS]);
	struct generation_loader *l = dp->loader;
	struct table_header head;

	if (l != NULL) {
		if (!atomic_load(&l->done))
			return;
		pthread_join(l->thread, NULL);
		(void)generation_settle(dp, ROOT_USERS, l->n, l->g, &l->e);
		free(l);
		dp->loader = NULL;
		return;
	}
	if (n == 0 || n == dp->taken[ROOT_USERS])
		return;
	if (!region_peek_generation(&dp->region, ROOT_USERS, n, &head, sizeof(head)) ||
	        head.bytes <= GENERATION_QUICK || !loader_start(dp, n))
		(void)generation_take(dp, ROOT_USERS, n);
}

void generation_stop(struct dataplane *dp)
{
	if (dp->loader == NULL)
		return;
	pthread_join(dp->loader->thread, NULL);
	generation_destroy(dp->loader->g, dp->n_workers);
	free(dp->loader);
	dp->loader = NULL;
}

bool generation_turn(struct dataplane *dp)
{
	generation_users(dp);
	for (int chain = 0; chain < ROOT_CHAINS; chain++) {
		const uint64_t n = atomic_load(&dp->region.root->wanted[chain]);

		if (chain != ROOT_USERS && n != 0 && n != dp->taken[chain] &&
		        generation_take(dp, (enum root_chain)chain, n))
			return true;
	}
	return false;
}
