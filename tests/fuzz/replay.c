// Stands in for libFuzzer where it is not built: gives a target every file under the directories
// named, whole, cut at every length and with single bytes changed (deterministic). So each compiler
// and each run of the tests goes through the targets.
#include "tests/fuzz/oracle.h"

#include <dirent.h>

enum { REPLAY_MAX = 65535, REPLAY_CUTS = 2000, REPLAY_CHANGES = 4000 };

static unsigned n_files, n_inputs;

// A heap copy of exactly that size, so that ASan sees the byte after it.
static void give(const char *bytes, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	n_inputs++;
}

static void replay_file(const char *path)
{
	static const char interesting[] = "\r\n\t :,;<>\"\\@=/[]09aZ\x7f\xff";
	static char bytes[REPLAY_MAX];
	uint32_t seed = 20261121;
	FILE *f = fopen(path, "rb");
	size_t size;

	if (f == NULL)
		return;
	size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	n_files++;
	give(bytes, size);
	for (size_t cut = 0; cut < size && cut < REPLAY_CUTS; cut++)
		give(bytes, cut);
	for (unsigned i = 0; size > 0 && i < REPLAY_CHANGES; i++) {
		size_t at;
		char old;

		seed = seed * 1664525 + 1013904223;
		at = (seed >> 8) % size;
		old = bytes[at];
		// The terminating NUL is one of the interesting bytes.
		bytes[at] = interesting[(seed >> 3) % sizeof(interesting)];
		give(bytes, size);
		// Most changes are taken back; the others add up.
		if (i % 50 != 49)
			bytes[at] = old;
	}
}

static void replay_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		char name[4096];
		int n = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);

		if (entry->d_name[0] != '.' && n < (int)sizeof(name))
			replay_file(name);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay_directory(argv[i]);
	printf("%u files, %u inputs\n", n_files, n_inputs);
	if (n_files == 0) {
		fprintf(stderr, "no seeds found\n");
		return 1;
	}
	return 0;
}
