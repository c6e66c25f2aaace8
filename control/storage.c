// Small files that must be whole or not there: see storage.h.
#include "control/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORAGE_MAX (64u << 20)

static int write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

// The rename must be on disk too.
void storage_sync_directory_of(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir ? 1 : 0] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

// Keeps errno for the caller.
static int at_fault(struct error *e, const char *path, int why)
{
	error_set(e, "%s: %s", path, strerror(why));
	errno = why;
	return -1;
}

int storage_write(const char *path, const void *bytes, size_t len, mode_t mode, struct error *e)
{
	char temporary[PATH_MAX];
	int fd, saved;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return error_set(e, "%s: name too long", path);
	(void)unlink(temporary); // what a killed writer left
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return at_fault(e, temporary, errno);
	if (write_all(fd, bytes, len) != 0 || fsync(fd) != 0) {
		saved = errno;
		close(fd);
		(void)unlink(temporary);
		return at_fault(e, temporary, saved);
	}
	close(fd);
	if (rename(temporary, path) != 0) {
		saved = errno;
		(void)unlink(temporary);
		return at_fault(e, path, saved);
	}
	storage_sync_directory_of(path);
	return 0;
}

int storage_rename(const char *from, const char *to)
{
	if (rename(from, to) != 0)
		return -1;
	storage_sync_directory_of(to);
	return 0;
}

char *storage_read(const char *path, size_t *len, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	size_t room = 4096, used = 0;
	char *text = NULL, *grown;
	ssize_t n;

	if (fd < 0) {
		saved = errno;
		error_set(e, "%s: %s", path, strerror(saved));
		errno = saved;
		return NULL;
	}
	for (;;) {
		grown = used + 1 >= room || text == NULL ? realloc(text, room *= 2) : text;
		if (grown == NULL)
			break;
		text = grown;
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0) {
			close(fd);
			text[used] = '\0';
			*len = used;
			return text;
		}
		if (n < 0)
			break;
		used += (size_t)n;
		if (used > STORAGE_MAX) {
			errno = EFBIG;
			break;
		}
	}
	saved = errno;
	close(fd);
	free(text);
	error_set(e, "%s: %s", path, strerror(saved));
	errno = saved;
	return NULL;
}

int storage_directory(const char *path, mode_t mode, struct error *e)
{
	char part[PATH_MAX];
	struct stat st;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return error_set(e, "%s: name too long", path);
	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(part, 0755);
		*p = '/';
	}
	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return error_set(e, "%s: %s", path, strerror(errno));
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return error_set(e, "%s: not a directory", path);
	return 0;
}
