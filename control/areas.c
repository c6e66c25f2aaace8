// The workers' shared areas as spryd has them mapped: see areas.h.
#include "control/areas.h"

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

enum { AREAS_PATIENCE = 10, AREAS_AGAIN_NS = 100000000 };

void areas_clear(struct areas *a)
{
	for (unsigned i = 0; i < a->n; i++)
		region_worker_unmap(a->area[i]);
	a->n = 0;
}

void areas_refresh(struct areas *a)
{
	const struct root *root = a->region->root;
	uint64_t boot = atomic_load(&root->dataplane_boot);
	uint32_t n = atomic_load(&root->n_workers);
	struct error e = {0};

	// 0 while a dataplane starts: the old ones still tell what was.
	if (n == 0 || n > ROOT_WORKERS_MAX || (n == a->n && boot == a->boot))
		return;
	if (now_ns() < a->again_ns)
		return;
	areas_clear(a);
	for (; a->n < n; a->n++) {
		a->area[a->n] = region_worker(a->region, a->n, false, &e);
		if (a->area[a->n] == NULL) {
			areas_clear(a);
			// A dataplane that just starts makes them; later than that it is a fault.
			if (a->failed++ == AREAS_PATIENCE)
				log_error("no messages and counters of the workers: %s", e.text);
			a->again_ns = now_ns() + AREAS_AGAIN_NS;
			return;
		}
	}
	a->boot = boot;
	a->failed = 0;
	a->mapped++;
}
