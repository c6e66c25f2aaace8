// The hugetlbfs spry mounts for its worker areas, and the removal of the whole region.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "dataplane/table/region.h"

#define HUGE_FREE "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"

// Free huge pages of 2 MB, -1 when the kernel has none of that size.
static long free_pages(void)
{
	char text[32];
	int fd = open(HUGE_FREE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -1;
	text[len] = 0;
	return strtol(text, NULL, 10);
}

int region_huge_mount(struct region *r, const struct stat *dir, struct error *e)
{
	char path[REGION_PATH_MAX], options[96];

	if (!region_path(path, r->dir, "huge", 0))
		return error_set(e, "%s: path too long", r->dir);
	if (region_is_hugetlbfs(path))
		return 0;
	long pages = free_pages();
	if (pages < 0)
		return error_set(e, "no huge pages of 2 MB on this machine");
	if (pages == 0)
		return error_set(e,
		        "no huge page of 2 MB is free (sysctl vm.nr_hugepages): worker areas are on "
		        "ordinary pages");
	if (mkdir(path, 0750) != 0 && errno != EEXIST)
		return error_set(e, "%s: %s", path, strerror(errno));
	snprintf(options, sizeof(options), "mode=0750,pagesize=2M,uid=%u,gid=%u", dir->st_uid,
	        dir->st_gid);
	if (mount("spry", path, "hugetlbfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0) {
		int saved = errno;
		rmdir(path);
		return error_set(e, "%s: mount hugetlbfs: %s", path, strerror(saved));
	}
	return 0;
}

void region_huge_unmount(struct region *r)
{
	char path[REGION_PATH_MAX];

	if (!region_path(path, r->dir, "huge", 0))
		return;
	if (region_is_hugetlbfs(path)) {
		region_remove_files(path);
		// Lazy when somebody still has an area mapped: the pages go with the last one.
		if (umount2(path, 0) != 0)
			umount2(path, MNT_DETACH);
	}
	rmdir(path);
}

static bool is_ours(const char *name)
{
	static const char *const words[] = {"root", "tmp-root", "gen-", "tmp-gen-", "worker-",
	        "tmp-worker-", "location", "tmp-location", "bench", "tmp-bench"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		bool prefix = words[i][len - 1] == '-';

		if (prefix ? strncmp(name, words[i], len) == 0 : strcmp(name, words[i]) == 0)
			return true;
	}
	return false;
}

void region_remove_files(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL)
		if (is_ours(entry->d_name))
			unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
}

void region_remove(struct region *r)
{
	char path[REGION_PATH_MAX];

	// The root page first: nobody attaches to half a region.
	if (region_path(path, r->dir, "root", 0))
		unlink(path);
	region_detach(r);
	region_huge_unmount(r);
	region_remove_files(r->dir);
	rmdir(r->dir); // stays when others (a socket) have files in it
}
