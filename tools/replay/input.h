// What a person names on the command line: files with one message each, captures, directories of
// both.
#pragma once

#include "dataplane/base/error.h"

struct input {
	const char *name; // the path; of a frame "path#number"
	struct str bytes; // a copy of exactly that size
	bool frame;       // an Ethernet frame, else the message
};

// What to do with them. `failed` is told what cannot be read, one line that names it.
struct input_to {
	void (*take)(void *arg, const struct input *in);
	void (*failed)(void *arg, const char *line);
	void *arg;
};

// A file, or all files under a directory (sorted by name, those that begin with a dot left out).
void input_read(const char *path, const struct input_to *to);
