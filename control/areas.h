// The workers' shared areas as spryd has them mapped: mapped when a dataplane shows up, mapped anew
// when it was started again.
#pragma once

#include "dataplane/table/root.h"

struct areas {
	struct region *region;
	unsigned n;
	uint64_t boot;     // root.dataplane_boot they were mapped at
	uint64_t again_ns; // after a failure: not before
	unsigned failed;   // in a row
	uint64_t mapped;   // how often: who keeps what points into them looks whether it changed
	struct root_worker_area *area[ROOT_WORKERS_MAX];
};

// Maps them anew when another dataplane is there. Everybody who looks at them calls this.
void areas_refresh(struct areas *a);
void areas_clear(struct areas *a);
