// The shared region of spryd and spry-dp (DESIGN §2): bytes, not objects; offsets, never pointers;
// nothing in it is a lock. Either process may die at any instant: each field has one writer.
//
//   DIR/root      this page: who runs, which generation is wanted, which one is running
//   DIR/gen-C-N   generation N of chain C: an immutable table image (table/table.h)
//   DIR/location  registered bindings (table/location.h)
//   DIR/bench     orders to and figures of a load generator (table/bench.h)
//   DIR/worker-W  punt, inject and event ring and the stats of worker W (struct root_worker_area)
//
// DIR is DIR/huge on a hugetlbfs spry mounts for itself where pages can be had (for the worker
// areas and the location table), else the tmpfs directory itself.
#pragma once

#include <stdatomic.h>

#include "dataplane/base/error.h"
#include "dataplane/table/hits.h"
#include "dataplane/table/ring.h"
#include "dataplane/table/heard.h"
#include "dataplane/table/stats.h"

#define ROOT_MAGIC "SPRYROOT"
#define ROOT_WORKER_MAGIC "SPRYWORK"
enum {
	ROOT_LAYOUT = 6, // of everything in the region; another one is refused on attach
	ROOT_WORKERS_MAX = 64,
	ROOT_PORTS_MAX = 16,
};

// Tables come in chains with their own generations: what the operator configured, what the kernel
// knows of routes and neighbours (changes far more often), and users (there may be millions).
enum root_chain { ROOT_CONFIG, ROOT_NEXTHOP, ROOT_USERS, ROOT_CHAINS };

// By what a port chooses the worker of a datagram (receive side scaling).
enum root_rss { ROOT_RSS_NONE, ROOT_RSS_ADDRESSES, ROOT_RSS_PORTS };

// spry-dp writes, control reads: what a port turned out to be.
struct root_port {
	char name[32];
	char driver[32];
	uint8_t mac[6];
	uint16_t mtu;
	uint32_t speed_mbps; // 0 = unknown
	uint8_t link_up;
	uint8_t started;
	uint16_t n_queues;
	uint8_t rss; // enum root_rss
	uint8_t reserved[7];
	uint64_t missed, errors, no_buffer; // rte_eth_stats imissed, ierrors, rx_nombuf
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
};

enum steer_state { STEER_HERE, STEER_SPREAD, STEER_HOME };

struct root_worker {
	// A quiescent point a turn: grows while the worker lives.
	_Alignas(64) _Atomic uint64_t epoch;
	_Atomic uint64_t beat_ns; // CLOCK_MONOTONIC, about every millisecond
	uint16_t core;
	uint8_t adaptive;
	uint8_t steer, steer_state; // enum setup_steer, steer_state
	uint16_t steer_away;        // 1024ths of its queues' Call-IDs that other workers handle
	uint16_t busy;              // per mille of the last span
};
_Static_assert(sizeof(struct root_worker) == 64, "a cache line a worker");

struct root {
	char magic[8];
	uint32_t layout;
	uint32_t bytes; // sizeof(struct root)

	// control writes
	_Alignas(64) _Atomic uint64_t wanted[ROOT_CHAINS]; // newest published generation, 0 = none
	_Atomic uint32_t control_pid;
	_Atomic uint64_t control_beat_ns;

	// spry-dp writes. A chain's generation n is settled when acknowledged == n (all workers use
	// it, none uses an older one) or refused == n (nothing changed; refused_text says why).
	_Alignas(64) _Atomic uint64_t acknowledged[ROOT_CHAINS];
	_Atomic uint64_t refused[ROOT_CHAINS];
	char refused_text[ROOT_CHAINS][480];
	_Atomic uint32_t dataplane_pid;
	_Atomic uint64_t dataplane_beat_ns;
	_Atomic uint64_t dataplane_boot;     // counts starts of spry-dp
	_Atomic uint32_t n_workers, n_ports; // 0 until the dataplane runs
	uint64_t tsc_hz;
	uint32_t no_huge; // 1 when EAL runs without huge pages
	char scan[16];    // scanner in use
	struct root_port port[ROOT_PORTS_MAX];
	struct root_worker worker[ROOT_WORKERS_MAX];
};

// Shared with control: one per worker, made by spry-dp. The rings' memory follows their headers.
enum {
	ROOT_PUNT_BYTES = 1 << 20,
	ROOT_INJECT_BYTES = 1 << 20,
	ROOT_EVENT_BYTES = 1 << 16,
};
#define ROOT_RING_BYTES(bytes) (sizeof(struct ring_memory) + (bytes))
struct root_worker_area {
	char magic[8];
	uint32_t layout;
	uint32_t worker;
	uint64_t rows;             // stats_layout() of its maker
	struct stats stats;        // worker writes
	struct hit hits[HITS_MAX]; // worker writes
	// Each a struct ring_memory with its data: ring_attach(&ring, area->punt, ROOT_PUNT_BYTES).
	_Alignas(64) uint8_t punt[ROOT_RING_BYTES(ROOT_PUNT_BYTES)];     // worker -> control
	_Alignas(64) uint8_t inject[ROOT_RING_BYTES(ROOT_INJECT_BYTES)]; // control -> worker
	_Alignas(64) uint8_t event[ROOT_RING_BYTES(ROOT_EVENT_BYTES)];   // worker -> control
	_Alignas(64) struct heard heard;                                 // worker writes
};

_Static_assert(offsetof(struct root_worker_area, stats) % 64 == 0 &&
                       offsetof(struct root_worker_area, punt) % 64 == 0 &&
                       offsetof(struct root_worker_area, inject) % 64 == 0 &&
                       offsetof(struct root_worker_area, event) % 64 == 0 &&
                       offsetof(struct root_worker_area, heard) % 64 == 0,
        "no cache line of two writers");

// A process's handle on the region.
struct region {
	char dir[256];      // tmpfs directory
	char huge_dir[256]; // hugetlbfs mount of the worker areas, or the same as dir
	struct root *root;
};

// Default DIR: $SPRY_RUN, else /run/spry.
const char *region_default_dir(void);

// Control's side: makes DIR (0750) and the root page if they are not there, mounts a hugetlbfs at
// DIR/huge when `want_huge` and pages can be had (otherwise *huge_error says why not, and tmpfs is
// used; its text is empty when there is nothing to say), checks magic, layout and size of what is
// there. An old layout is refused (-1, error says what to do).
int region_create(struct region *r, const char *dir, bool want_huge, struct error *huge_error,
        struct error *e);
// The dataplane's side: attaches to what control made; -1 with ENOENT in errno when there is
// nothing.
int region_attach(struct region *r, const char *dir, struct error *e);
void region_detach(struct region *r);
// Control, on a clean stop without a dataplane running: removes files, mount and directory.
void region_remove(struct region *r);

// Maps the area of a worker; with `create` (spry-dp only) makes it when it is not there or damaged.
// NULL with error; errno is ENOENT when it is not there. A restarted spry-dp (root.dataplane_boot
// grew) may have made a new area: control then maps it again.
struct root_worker_area *region_worker(
        struct region *r, unsigned worker, bool create, struct error *e);
void region_worker_unmap(struct root_worker_area *a);

// Writes generation n of a chain: temporary file, then rename. The image is complete
// (table_finish).
int region_write_generation(struct region *r, enum root_chain chain, uint64_t n, const void *image,
        size_t len, struct error *e);
// Reads a private copy (malloc) of generation n: what is validated can't be changed any more by the
// other process. *len is set. NULL with error.
void *region_read_generation(
        struct region *r, enum root_chain chain, uint64_t n, size_t *len, struct error *e);
// Reads the first bytes of generation n only. False when it has not so many.
bool region_peek_generation(
        struct region *r, enum root_chain chain, uint64_t n, void *head, size_t len);
// Removes generation n, when it is there.
void region_remove_generation(struct region *r, enum root_chain chain, uint64_t n);
// Removes every generation of a chain older than n.
void region_drop_generations(struct region *r, enum root_chain chain, uint64_t n);
