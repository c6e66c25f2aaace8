// The file of the location table: made complete under a temporary name, checked when attached.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "dataplane/table/location_memory.h"

// Half of the words are used when all slots are: two choices without displacement then fill no pair
// of buckets (1 in 10^10 insertions), and buckets are a twentieth of the memory.
static uint64_t buckets_for(uint64_t n)
{
	return n / (LOCATION_WORDS / 2) + LOCATION_WORDS;
}

// hugetlbfs maps whole huge pages only, and tmpfs does not mind.
static uint64_t bytes_for(uint64_t n, uint64_t n_buckets)
{
	const uint64_t page = REGION_HUGE_PAGE;

	return (LOCATION_HEADER + n_buckets * sizeof(struct location_bucket) + n * LOCATION_SLOT +
	               page - 1) &
	       ~(page - 1);
}

static bool sizes_fit(const struct location_header *h, uint64_t size)
{
	return h->n > 0 && h->n <= LOCATION_SLOTS_MAX && h->n_buckets == buckets_for(h->n) &&
	       h->bytes == bytes_for(h->n, h->n_buckets) && h->bytes == size;
}

static int header_check(
        const struct location_header *h, const char *path, size_t size, struct error *e)
{
	if (memcmp(h->magic, LOCATION_MAGIC, sizeof(h->magic)) != 0)
		return error_set(e, "%s: not a location table: remove it and start again", path);
	if (h->layout != ROOT_LAYOUT || h->slot != LOCATION_SLOT)
		return error_set(e,
		        "%s: layout %u with slots of %u bytes, this program has layout %u of %u "
		        "bytes: remove the file and start again (the journal has the bindings)",
		        path, h->layout, h->slot, ROOT_LAYOUT, LOCATION_SLOT);
	if (!sizes_fit(h, size))
		return error_set(e, "%s: damaged: remove it and start again", path);
	return 0;
}

static struct location *handle_make(struct location_header *h, size_t size, struct error *e)
{
	struct location *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		error_set(e, "out of memory");
		munmap(h, size);
		errno = ENOMEM;
		return NULL;
	}
	l->header = h;
	l->n = h->n;
	l->n_buckets = h->n_buckets;
	l->bytes = size;
	memcpy(l->hash_key, h->hash_key, sizeof(l->hash_key));
	l->buckets = (struct location_bucket *)(void *)((char *)h + LOCATION_HEADER);
	l->slots = (struct location_slot *)(void *)(l->buckets + l->n_buckets);
	// Huge pages of tmpfs where they are on offer (shmem_enabled=advise): fewer TLB misses.
	madvise(h, size, MADV_HUGEPAGE);
	// What was checked may have been changed meanwhile.
	if (l->n > LOCATION_SLOTS_MAX || l->n_buckets != buckets_for(l->n) || l->n == 0 ||
	        bytes_for(l->n, l->n_buckets) != size) {
		error_set(e, "the location table changed while it was opened");
		location_detach(l);
		errno = EINVAL;
		return NULL;
	}
	return l;
}

static struct location *file_open(const char *dir, struct error *e)
{
	char path[REGION_PATH_MAX];
	struct location_header *h;
	size_t size;

	if (!region_path(path, dir, "location", 0)) {
		error_set(e, "%s: path too long", dir);
		errno = ENAMETOOLONG;
		return NULL;
	}
	errno = 0;
	h = region_map(path, REGION_HUGE_PAGE, &size);
	if (h != NULL) { // now all of it
		munmap(h, REGION_HUGE_PAGE);
		h = region_map(path, size, &size);
	}
	if (h == NULL) {
		int saved = errno != 0 ? errno : EINVAL;

		error_set(e, "%s: %s", path,
		        errno != 0 ? strerror(errno) : "damaged: remove it and start again");
		errno = saved;
		return NULL;
	}
	if (header_check(h, path, size, e) == 0)
		return handle_make(h, size, e);
	munmap(h, size);
	errno = EINVAL;
	return NULL;
}

static struct location *file_make(const char *dir, uint64_t n, struct error *e)
{
	const uint64_t n_buckets = buckets_for(n), bytes = bytes_for(n, n_buckets);
	char path[REGION_PATH_MAX], name[REGION_PATH_MAX];

	if (!region_path(path, dir, "tmp-location", 0) || !region_path(name, dir, "location", 0)) {
		error_set(e, "%s: path too long", dir);
		return NULL;
	}
	struct location_header *h = region_map_new(path, bytes);
	if (h == NULL) {
		error_set(e, "%s: %s (%llu MB for %llu slots)", name, strerror(errno),
		        (unsigned long long)(bytes >> 20), (unsigned long long)n);
		return NULL;
	}
	memcpy(h->magic, LOCATION_MAGIC, sizeof(h->magic));
	h->layout = ROOT_LAYOUT;
	h->slot = LOCATION_SLOT;
	h->n = n;
	h->n_buckets = n_buckets;
	h->bytes = bytes;
	if (getrandom(h->hash_key, sizeof(h->hash_key), 0) == (ssize_t)sizeof(h->hash_key) &&
	        rename(path, name) == 0)
		return handle_make(h, bytes, e);
	error_set(e, "%s: %s", name, strerror(errno));
	munmap(h, bytes);
	unlink(path);
	return NULL;
}

// Both places: a table stays where it was made, also when pages came or went since.
static struct location *open_anywhere(struct region *r, struct error *e)
{
	struct location *l = file_open(r->huge_dir, e);

	if (l == NULL && errno == ENOENT && strcmp(r->dir, r->huge_dir) != 0)
		l = file_open(r->dir, e);
	return l;
}

struct location *location_create(
        struct region *r, uint64_t n, uint64_t *records, uint64_t *leaked, struct error *e)
{
	struct error none;

	if (e == NULL)
		e = &none;
	*e = (struct error){.line = 0};
	if (n == 0 || n > LOCATION_SLOTS_MAX) {
		error_set(e, "location table of %llu slots: 1 to %llu are possible",
		        (unsigned long long)n, (unsigned long long)LOCATION_SLOTS_MAX);
		return NULL;
	}
	struct location *l = open_anywhere(r, e);
	if (l == NULL && errno != ENOENT)
		return NULL;
	if (l == NULL)
		l = file_make(r->huge_dir, n, e);
	if (l == NULL && strcmp(r->dir, r->huge_dir) != 0)
		l = file_make(r->dir, n, e);
	if (l == NULL)
		return NULL;
	if (location_recover(l, e) != 0) {
		location_detach(l);
		return NULL;
	}
	location_reclaim(l, r->root, now_ns());
	*e = (struct error){.line = 0};
	if (l->n != n)
		error_set(e,
		        "the location table has %llu slots and keeps them (%llu are configured): "
		        "another size takes a stop of spry-dp and spryd",
		        (unsigned long long)l->n, (unsigned long long)n);
	if (records != NULL)
		*records = l->writer->records;
	if (leaked != NULL)
		*leaked = l->writer->leaked;
	return l;
}

struct location *location_attach(struct region *r, struct error *e)
{
	return open_anywhere(r, e);
}

void location_detach(struct location *l)
{
	if (l == NULL)
		return;
	location_writer_free(l->writer);
	munmap(l->header, l->bytes);
	free(l);
}
