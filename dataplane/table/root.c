// The shared region's files: the root page, the worker areas and the hugetlbfs they like to live
// on. Every file is made complete under a temporary name (one fixed name each, so that a killed
// maker leaves at most one) and then renamed: who finds a name finds a whole file.
#include "dataplane/table/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dataplane/table/region.h"

const char *region_default_dir(void)
{
	const char *dir = getenv("SPRY_RUN");

	return dir != NULL && dir[0] != 0 ? dir : "/run/spry";
}

bool region_path(char *path, const char *dir, const char *format, unsigned number)
{
	char name[32];
	int len;

	snprintf(name, sizeof(name), format, number);
	len = snprintf(path, REGION_PATH_MAX, "%s/%s", dir, name);
	return len > 0 && len < REGION_PATH_MAX;
}

void *region_map(const char *path, size_t len, size_t *size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	void *memory = NULL;

	*size = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (size_t)st.st_size;
		if (*size >= len)
			memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return memory == MAP_FAILED ? NULL : memory;
}

// What root makes (spry-dp) belongs to who owns the directory: spryd is not root for long.
static int give_to_owner(int fd, const char *path)
{
	char dir[REGION_PATH_MAX];
	struct stat st;

	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (geteuid() != 0 || stat(dir, &st) != 0 || st.st_uid == 0)
		return 0;
	return fchown(fd, st.st_uid, st.st_gid);
}

void *region_map_new(const char *path, size_t len)
{
	unlink(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	void *memory = MAP_FAILED;

	if (fd < 0)
		return NULL;
	// fallocate takes the pages now: a full file system is an error here, not a SIGBUS later.
	if (give_to_owner(fd, path) == 0 && ftruncate(fd, (off_t)len) == 0 &&
	        fallocate(fd, 0, 0, (off_t)len) == 0)
		memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int saved = errno;
	close(fd);
	if (memory == MAP_FAILED)
		unlink(path);
	errno = saved;
	return memory == MAP_FAILED ? NULL : memory;
}

bool region_is_hugetlbfs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == (__typeof__(fs.f_type))HUGETLBFS_MAGIC;
}

static int root_check(const struct root *root, const char *path, size_t size, struct error *e)
{
	if (root == NULL)
		return error_set(e, "%s: %zu bytes, too short for this program's root page (%zu)",
		        path, size, sizeof(*root));
	if (memcmp(root->magic, ROOT_MAGIC, sizeof(root->magic)) != 0)
		return error_set(e, "%s: not a region of spry: remove it and start again", path);
	if (root->layout != ROOT_LAYOUT || root->bytes != sizeof(*root) || size != sizeof(*root))
		return error_set(e,
		        "%s: layout %u of %u bytes, this program has layout %u of %zu bytes: stop "
		        "spry-dp and spryd of the other version, remove the directory and start again",
		        path, root->layout, root->bytes, ROOT_LAYOUT, sizeof(*root));
	return 0;
}

// Maps DIR/root. -1 with errno ENOENT when it is not there.
static int root_open(struct region *r, struct error *e)
{
	char path[REGION_PATH_MAX];
	size_t size;

	if (!region_path(path, r->dir, "root", 0))
		return error_set(e, "%s: path too long", r->dir);
	errno = 0;
	r->root = region_map(path, sizeof(*r->root), &size);
	if (r->root == NULL && errno != 0) {
		int saved = errno;
		error_set(e, "%s: %s", path, strerror(saved));
		errno = saved;
		return -1;
	}
	if (root_check(r->root, path, size, e) != 0) {
		region_detach(r);
		errno = EINVAL;
		return -1;
	}
	return 0;
}

static int root_make(struct region *r, struct error *e)
{
	char path[REGION_PATH_MAX], name[REGION_PATH_MAX];

	if (!region_path(path, r->dir, "tmp-root", 0) || !region_path(name, r->dir, "root", 0))
		return error_set(e, "%s: path too long", r->dir);
	struct root *root = region_map_new(path, sizeof(*root));
	if (root == NULL)
		return error_set(e, "%s: %s", path, strerror(errno));
	memcpy(root->magic, ROOT_MAGIC, sizeof(root->magic));
	root->layout = ROOT_LAYOUT;
	root->bytes = sizeof(*root);
	munmap(root, sizeof(*root));
	if (rename(path, name) != 0)
		return error_set(e, "%s: %s", name, strerror(errno));
	return root_open(r, e);
}

static int dirs_set(struct region *r, const char *dir, struct error *e)
{
	memset(r, 0, sizeof(*r));
	if ((size_t)snprintf(r->dir, sizeof(r->dir), "%s", dir) >= sizeof(r->dir) - sizeof("/huge"))
		return error_set(e, "%s: path too long", dir);
	memcpy(r->huge_dir, r->dir, sizeof(r->dir));
	return 0;
}

// Where worker areas go once a hugetlbfs is mounted.
static void huge_dir_find(struct region *r)
{
	char path[REGION_PATH_MAX];

	if (region_path(path, r->dir, "huge", 0) && region_is_hugetlbfs(path))
		memcpy(r->huge_dir, path, sizeof(r->huge_dir));
}

int region_create(struct region *r, const char *dir, bool want_huge, struct error *huge_error,
        struct error *e)
{
	struct stat st;

	if (huge_error != NULL)
		*huge_error = (struct error){.line = 0};
	if (dirs_set(r, dir, e) != 0)
		return -1;
	if (mkdir(dir, 0750) != 0 && errno != EEXIST)
		return error_set(e, "%s: %s", dir, strerror(errno));
	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return error_set(e, "%s: not a directory", dir);
	if (root_open(r, e) != 0 && (errno != ENOENT || root_make(r, e) != 0))
		return -1;
	if (want_huge)
		region_huge_mount(r, &st, huge_error);
	huge_dir_find(r);
	if (e != NULL)
		e->text[0] = 0;
	return 0;
}

int region_attach(struct region *r, const char *dir, struct error *e)
{
	if (dirs_set(r, dir, e) != 0) {
		errno = EINVAL;
		return -1;
	}
	if (root_open(r, e) != 0)
		return -1;
	huge_dir_find(r);
	return 0;
}

void region_detach(struct region *r)
{
	if (r->root != NULL)
		munmap(r->root, sizeof(*r->root));
	r->root = NULL;
}
