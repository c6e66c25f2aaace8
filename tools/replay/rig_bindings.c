// A registrar on a region of its own in a temporary directory.
#include "tools/replay/rig_bindings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dataplane/table/home.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/region.h"

enum { SLOTS = 100000 };

struct rig_bindings {
	char base[256], dir[264];
	struct event_base *loop; // never runs: nothing is swept behind a test's back
	struct region region;
	struct publish publish; // only the configuration's view
	struct location *table;
	struct registrar *registrar;
};

// Where TMPDIR says; else in memory, if that can be.
static bool make_directory(struct rig_bindings *r, struct error *e)
{
	const char *const where[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};

	for (unsigned i = 0; i < 3; i++) {
		if (where[i] == NULL || snprintf(r->base, sizeof(r->base), "%s/spry-replay.XXXXXX",
		                                where[i]) >= (int)sizeof(r->base))
			continue;
		if (mkdtemp(r->base) != NULL)
			return true;
	}
	error_set(e, "no directory can be made in TMPDIR, /dev/shm or /tmp");
	return false;
}

struct rig_bindings *rig_bindings_create(const struct table_view *config, struct error *e)
{
	struct rig_bindings *r;

	if (config->count[TABLE_HOMES] == 0)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!make_directory(r, e)) {
		free(r);
		return NULL;
	}
	snprintf(r->dir, sizeof(r->dir), "%s/run", r->base);
	r->loop = event_base_new();
	r->publish.chain[ROOT_CONFIG].view = *config;
	r->publish.chain[ROOT_CONFIG].image = r; // there is one
	if (region_create(&r->region, r->dir, false, NULL, e) == 0)
		r->table = location_create(&r->region, SLOTS, NULL, NULL, e);
	// What is mapped stays, and nothing is left behind, however this ends.
	region_remove_files(r->dir);
	rmdir(r->dir);
	rmdir(r->base);
	if (r->table != NULL)
		r->registrar =
		        registrar_create(r->loop, r->table, r->region.root, &r->publish, NULL, e);
	if (r->registrar != NULL)
		return r;
	rig_bindings_destroy(r);
	return NULL;
}

void rig_bindings_destroy(struct rig_bindings *r)
{
	if (r == NULL)
		return;
	registrar_destroy(r->registrar);
	if (r->table != NULL)
		location_detach(r->table);
	if (r->region.root != NULL)
		region_detach(&r->region);
	event_base_free(r->loop);
	free(r);
}

struct location *rig_bindings_table(const struct rig_bindings *r)
{
	return r != NULL ? r->table : NULL;
}

struct registrar *rig_bindings_registrar(const struct rig_bindings *r)
{
	return r->registrar;
}

struct change {
	struct location *table;
	uint32_t seconds;
	bool legs;
};

static bool change_one(void *arg, const struct location_key *key,
        const struct location_contact *contacts, unsigned n)
{
	struct location_contact changed[LOCATION_CONTACTS_MAX];
	const struct change *c = arg;

	for (unsigned i = 0; i < n; i++) {
		changed[i] = contacts[i];
		changed[i].expires_s -= c->seconds;
		changed[i].registered_s -= c->seconds;
		if (c->legs)
			changed[i].leg = LEG_NONE;
	}
	return location_put(c->table, key, changed, n, NULL) == 0;
}

void rig_bindings_later(struct rig_bindings *r, uint32_t seconds)
{
	struct change c = {.table = r->table, .seconds = seconds};

	location_walk(r->table, 0, UINT64_MAX, change_one, &c);
}

void rig_bindings_legless(struct rig_bindings *r)
{
	struct change c = {.table = r->table, .legs = true};

	location_walk(r->table, 0, UINT64_MAX, change_one, &c);
}

static bool is_loading(void *arg)
{
	(void)arg;
	return true;
}

void rig_bindings_loading(struct rig_bindings *r, bool loading)
{
	registrar_journal(
	        r->registrar, (struct registrar_journal){.loading = loading ? is_loading : NULL});
}
