// Generations as files: written beside and renamed, read into private memory.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/table/region.h"

// No image is nearly that large (a user takes about 120 bytes); a file that is was not written by
// control.
static const size_t GENERATION_BYTES_MAX = (size_t)8 << 30;

static bool generation_path(char *path, const struct region *r, unsigned chain, uint64_t n)
{
	int len = snprintf(
	        path, REGION_PATH_MAX, "%s/gen-%u-%llu", r->dir, chain, (unsigned long long)n);

	return len > 0 && len < REGION_PATH_MAX;
}

static bool write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_all(int fd, char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

int region_write_generation(struct region *r, enum root_chain chain, uint64_t n, const void *image,
        size_t len, struct error *e)
{
	char path[REGION_PATH_MAX], name[REGION_PATH_MAX];

	if (n == 0 || !region_path(path, r->dir, "tmp-gen-%u", chain) ||
	        !generation_path(name, r, chain, n))
		return error_set(e, "generation 0, or path too long");
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	bool good = write_all(fd, image, len);
	int saved = errno;
	good = close(fd) == 0 && good;
	if (good && rename(path, name) == 0)
		return 0;
	error_set(e, "%s: %s", name, strerror(good ? errno : saved));
	unlink(path);
	return -1;
}

void *region_read_generation(
        struct region *r, enum root_chain chain, uint64_t n, size_t *len, struct error *e)
{
	char path[REGION_PATH_MAX];
	struct stat st;
	char *image = NULL;

	if (!generation_path(path, r, chain, n)) {
		error_set(e, "%s: path too long", r->dir);
		return NULL;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		error_set(e, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	        (size_t)st.st_size > GENERATION_BYTES_MAX) {
		error_set(e, "%s: no file, empty or too large", path);
	} else {
		// Images are whole multiples of 64; another length fails table_open.
		size_t room = ((size_t)st.st_size + 63) & ~(size_t)63;

		*len = (size_t)st.st_size;
		image = aligned_alloc(64, room);
		if (image == NULL || !read_all(fd, image, *len)) {
			error_set(e, "%s: out of memory or shorter than it was", path);
			free(image);
			image = NULL;
		}
	}
	close(fd);
	return image;
}

bool region_peek_generation(
        struct region *r, enum root_chain chain, uint64_t n, void *head, size_t len)
{
	char path[REGION_PATH_MAX];
	int fd = generation_path(path, r, chain, n)
	                 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
	                 : -1;
	bool good = fd >= 0 && read_all(fd, head, len);

	if (fd >= 0)
		close(fd);
	return good;
}

void region_remove_generation(struct region *r, enum root_chain chain, uint64_t n)
{
	char path[REGION_PATH_MAX];

	if (generation_path(path, r, chain, n))
		(void)unlink(path);
}

void region_drop_generations(struct region *r, enum root_chain chain, uint64_t n)
{
	char prefix[32];
	DIR *d = opendir(r->dir);
	struct dirent *entry;

	if (d == NULL)
		return;
	size_t len = (size_t)snprintf(prefix, sizeof(prefix), "gen-%u-", chain);
	while ((entry = readdir(d)) != NULL) {
		struct str rest = str_skip(str_of(entry->d_name), len);
		char *end;

		if (strncmp(entry->d_name, prefix, len) != 0 || rest.len == 0 ||
		        !char_is_digit(rest.p[0]))
			continue;
		unsigned long long number = strtoull(rest.p, &end, 10);
		if (*end == 0 && number < n)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}
