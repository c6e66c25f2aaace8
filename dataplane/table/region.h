// Between the files of the shared region (root.c, region_huge.c, region_worker.c,
// region_generation.c).
#pragma once

#include <sys/stat.h>

#include "dataplane/table/root.h"

enum { REGION_PATH_MAX = 256, REGION_HUGE_PAGE = 2 << 20 };

// path = dir/name, the name with its number (`format` has at most one %u). False when too long.
bool region_path(char *path, const char *dir, const char *format, unsigned number);

// Maps the first len bytes of a file, *size is the whole. NULL with errno, or when it is shorter.
void *region_map(const char *path, size_t len, size_t *size);
// Makes a file of len zero bytes in the place of any other of that name, and maps it.
void *region_map_new(const char *path, size_t len);

bool region_is_hugetlbfs(const char *path);
// Mounts a hugetlbfs at DIR/huge, owned like DIR, unless one is there. -1 with the reason.
int region_huge_mount(struct region *r, const struct stat *dir, struct error *e);
void region_huge_unmount(struct region *r);
// Removes the region's files (and no others) of a directory.
void region_remove_files(const char *dir);
