// Files, captures, directories: see input.h.
#include "tools/replay/input.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tools/replay/capture.h"

enum { INPUT_FILE_MAX = 1 << 30, INPUT_DEPTH_MAX = 32 };

static void failed(const struct input_to *to, const char *path, const char *what)
{
	char line[PATH_MAX + 600];

	snprintf(line, sizeof(line), "%s: %s", path, what);
	to->failed(to->arg, line);
}

// A heap copy of exactly that size, so that ASan sees the byte after it.
static void give(const struct input_to *to, const char *name, struct str bytes, bool frame)
{
	char *copy = malloc(bytes.len > 0 ? bytes.len : 1);

	if (copy == NULL) {
		failed(to, name, strerror(ENOMEM));
		return;
	}
	if (bytes.len > 0)
		memcpy(copy, bytes.p, bytes.len);
	to->take(
	        to->arg, &(struct input){.name = name, .bytes = {copy, bytes.len}, .frame = frame});
	free(copy);
}

struct frames {
	const struct input_to *to;
	const char *path;
	unsigned n;
};

static bool give_frame(void *arg, struct str frame)
{
	struct frames *f = arg;
	char name[PATH_MAX + 16];

	snprintf(name, sizeof(name), "%s#%u", f->path, ++f->n);
	give(f->to, name, frame, true);
	return true;
}

static void read_capture(const char *path, struct str file, const struct input_to *to)
{
	struct frames f = {to, path, 0};
	struct error e = {0};
	unsigned cut = 0;
	char text[96];

	if (capture_read(file, give_frame, &f, &cut, &e) != 0)
		failed(to, path, e.text);
	else if (f.n == 0)
		failed(to, path, "a capture without frames");
	if (cut == 0)
		return;
	snprintf(text, sizeof(text), "%u frames were cut by the capture's snap length", cut);
	failed(to, path, text);
}

static void read_file(const char *path, off_t size, const struct input_to *to)
{
	FILE *f = size <= INPUT_FILE_MAX ? fopen(path, "rb") : NULL;
	struct str file = {NULL, 0};
	char *bytes;

	if (f == NULL) {
		failed(to, path, size > INPUT_FILE_MAX ? "longer than 1 GiB" : strerror(errno));
		return;
	}
	bytes = malloc((size_t)size + 1);
	if (bytes != NULL)
		file = (struct str){bytes, fread(bytes, 1, (size_t)size, f)};
	if (bytes == NULL || ferror(f))
		failed(to, path, strerror(errno));
	else if (capture_is(file))
		read_capture(path, file, to);
	else
		give(to, path, file, false);
	free(bytes);
	fclose(f);
}

static void read_path(const char *path, const struct input_to *to, unsigned depth);

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_directory(const char *path, const struct input_to *to, unsigned depth)
{
	struct dirent **entry;
	int n = depth < INPUT_DEPTH_MAX ? scandir(path, &entry, visible, alphasort) : -1;
	char name[PATH_MAX];

	if (n < 0) {
		failed(to, path, depth < INPUT_DEPTH_MAX ? strerror(errno) : "too deep");
		return;
	}
	for (int i = 0; i < n; i++) {
		int len = snprintf(name, sizeof(name), "%s/%s", path, entry[i]->d_name);

		if (len < (int)sizeof(name))
			read_path(name, to, depth + 1);
		else
			failed(to, path, "a name in it is too long");
		free(entry[i]);
	}
	free(entry);
}

static void read_path(const char *path, const struct input_to *to, unsigned depth)
{
	struct stat st;

	if (stat(path, &st) != 0)
		failed(to, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		read_directory(path, to, depth);
	else if (S_ISREG(st.st_mode))
		read_file(path, st.st_size, to);
	else
		failed(to, path, "neither a file nor a directory");
}

void input_read(const char *path, const struct input_to *to)
{
	char name[PATH_MAX];
	int len = snprintf(name, sizeof(name), "%s", path);

	if (len >= (int)sizeof(name)) {
		failed(to, path, strerror(ENAMETOOLONG));
		return;
	}
	while (len > 1 && name[len - 1] == '/') // "folder/" is the folder
		name[--len] = '\0';
	read_path(name, to, 0);
}
