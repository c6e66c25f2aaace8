// The SIP corpus that lies beside the project: SPRY_CORPUS, else ../shared/corpus. It is not part
// of the repository; tests that find none say so and are skipped.
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dataplane/base/str.h"

typedef void (*corpus_fn)(const char *path, struct str bytes, void *arg);

static inline const char *corpus_root(void)
{
	const char *root = getenv("SPRY_CORPUS");

	return root != NULL ? root : "../shared/corpus";
}

// Calls fn with every file of up to 65535 bytes under `path`. Returns how many there were.
static inline unsigned corpus_walk(const char *path, corpus_fn fn, void *arg)
{
	static char bytes[65535];
	unsigned n = 0;
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		char name[4096];
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >=
		                (int)sizeof(name) ||
		        stat(name, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			n += corpus_walk(name, fn, arg);
		} else if (S_ISREG(st.st_mode) && st.st_size <= (off_t)sizeof(bytes)) {
			FILE *f = fopen(name, "rb");

			if (f == NULL)
				continue;
			fn(name, (struct str){bytes, fread(bytes, 1, sizeof(bytes), f)}, arg);
			fclose(f);
			n++;
		}
	}
	closedir(dir);
	return n;
}
