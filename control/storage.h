// Small files that must be whole or not there: written to a temporary name, fsync, rename.
#pragma once

#include "dataplane/base/error.h"

#include <sys/types.h>

// Replaces `path` with len bytes. -1 with errno and an error that names the path.
int storage_write(const char *path, const void *bytes, size_t len, mode_t mode, struct error *e);
// Gives a file written by storage_write another name, on disk too. Needs no room.
int storage_rename(const char *from, const char *to);
// What was made, renamed or removed in the directory of that file is so on disk too.
void storage_sync_directory_of(const char *path);
// The whole file (malloc, NUL-terminated, at most 64 MB). NULL with errno set and an error.
char *storage_read(const char *path, size_t *len, struct error *e);
// Makes a directory when it is not there (parents too).
int storage_directory(const char *path, mode_t mode, struct error *e);
