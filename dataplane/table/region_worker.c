// Worker areas: rings and counters of a worker, on huge pages where there are any left.
#include <errno.h>
#include <string.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/table/region.h"

// Mapped length: hugetlbfs maps whole huge pages only, and tmpfs does not mind.
static size_t area_bytes(void)
{
	size_t page = REGION_HUGE_PAGE;

	return (sizeof(struct root_worker_area) + page - 1) & ~(page - 1);
}

static bool area_check(const struct root_worker_area *a, unsigned worker)
{
	return memcmp(a->magic, ROOT_WORKER_MAGIC, sizeof(a->magic)) == 0 &&
	       a->layout == ROOT_LAYOUT && a->rows == stats_layout() && a->worker == worker &&
	       ring_check(a->punt, ROOT_PUNT_BYTES) && ring_check(a->inject, ROOT_INJECT_BYTES) &&
	       ring_check(a->event, ROOT_EVENT_BYTES);
}

static struct root_worker_area *area_open(const char *dir, unsigned worker, struct error *e)
{
	char path[REGION_PATH_MAX];
	size_t size;

	if (!region_path(path, dir, "worker-%u", worker)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	errno = 0;
	struct root_worker_area *a = region_map(path, area_bytes(), &size);
	if (a != NULL && area_check(a, worker))
		return a;
	int saved = a != NULL || errno == 0 ? EINVAL : errno;
	if (a != NULL)
		munmap(a, area_bytes());
	error_set(e, "%s: %s", path,
	        saved == EINVAL ? "damaged, or of another version" : strerror(saved));
	errno = saved;
	return NULL;
}

static struct root_worker_area *area_make(const char *dir, unsigned worker, struct error *e)
{
	char path[REGION_PATH_MAX], name[REGION_PATH_MAX];

	if (!region_path(path, dir, "tmp-worker-%u", worker) ||
	        !region_path(name, dir, "worker-%u", worker)) {
		error_set(e, "%s: path too long", dir);
		return NULL;
	}
	struct root_worker_area *a = region_map_new(path, area_bytes());
	if (a == NULL) {
		error_set(e, "%s: %s", path, strerror(errno));
		return NULL;
	}
	memcpy(a->magic, ROOT_WORKER_MAGIC, sizeof(a->magic));
	a->layout = ROOT_LAYOUT;
	a->worker = worker;
	a->rows = stats_layout();
	ring_init(a->punt, ROOT_PUNT_BYTES);
	ring_init(a->inject, ROOT_INJECT_BYTES);
	ring_init(a->event, ROOT_EVENT_BYTES);
	if (rename(path, name) == 0)
		return a;
	error_set(e, "%s: %s", name, strerror(errno));
	munmap(a, area_bytes());
	unlink(path);
	return NULL;
}

struct root_worker_area *region_worker(
        struct region *r, unsigned worker, bool create, struct error *e)
{
	bool huge = strcmp(r->dir, r->huge_dir) != 0;

	if (worker >= ROOT_WORKERS_MAX) {
		error_set(e, "worker %u is over %u", worker, ROOT_WORKERS_MAX - 1);
		errno = EINVAL;
		return NULL;
	}
	// Both places: an area stays where it was made, also when pages came or went since.
	struct root_worker_area *a = area_open(r->huge_dir, worker, e);
	if (a == NULL && huge)
		a = area_open(r->dir, worker, e);
	if (a == NULL && create)
		a = area_make(r->huge_dir, worker, e);
	if (a == NULL && create && huge)
		a = area_make(r->dir, worker, e);
	return a;
}

void region_worker_unmap(struct root_worker_area *a)
{
	if (a != NULL)
		munmap(a, area_bytes());
}
