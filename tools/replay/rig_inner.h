// Inside of the rig with the real worker: for its own files, the benchmark
// and the fuzz target of frames only.
#pragma once

#include <rte_ring.h>

#include "dataplane/dataplane.h"
#include "tools/replay/rig.h"

enum { RIG_PORTS_MAX = SETUP_PORTS_MAX, RIG_FRAME_MAX = 65535, RIG_TURNS = 8 };

struct rig_registrar;

struct rig {
	struct dataplane dp;
	uint8_t behind; // level of the worker's load; 0 = as it is
	struct rte_ring *to_port[RIG_PORTS_MAX], *from_port[RIG_PORTS_MAX];
	struct rte_mempool *frames, *large; // up to 2 KB; longer
	struct root_worker_area *area;
	struct rig_registrar *registrar; // NULL = no domain registers
	struct stats before;
	rig_watch_fn watch;
	void *watch_arg;
};

static inline const struct table_view *rig_config(const struct rig *r)
{
	return &atomic_load(&r->dp.running[ROOT_CONFIG])->view;
}

static inline const struct leg *rig_leg(const struct rig *r, struct str name)
{
	return leg_by_id(rig_config(r), leg_id(name));
}

// A frame as the peer would send it to the leg, or as it stands; NULL when it does not fit.
struct rte_mbuf *rig_frame_make(struct rte_mempool *pool, const struct rig *r, const struct leg *l,
        const struct addr *from, struct str bytes);
struct rte_mbuf *rig_frame_copy(
        struct rte_mempool *pool, const struct rig *r, const struct leg *l, struct str frame);
// What left by a port, taken apart again. What is wrong with it, or NULL.
const char *rig_frame_read(
        const struct rig *r, uint8_t port, const struct rte_mbuf *m, struct rig_result *out);

// control's registrar on a table of its own, on the worker's rings.
struct rig_registrar *rig_registrar_create(struct rig *r, struct error *e);
void rig_registrar_destroy(struct rig_registrar *g);
// Does what control does with what the worker handed up since: answers REGISTERs; datagrams whose
// next hop has no link address leave as if it had one (out says where). True when something was
// handed back to the worker.
bool rig_control_turn(struct rig *r, struct rig_result *out);
