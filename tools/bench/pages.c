// By the sysctl vm.nr_hugepages.
#include "tools/bench/pages.h"

#include <stdio.h>

#define PAGES_SYSCTL "/proc/sys/vm/nr_hugepages"
#define PAGES_FREE "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"

static long had = -1; // pages before, -1 = nothing was changed

static long read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long n = -1;

	if (f != NULL && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f != NULL)
		fclose(f);
	return n;
}

static void write_number(long n)
{
	FILE *f = fopen(PAGES_SYSCTL, "we");

	if (f != NULL) {
		fprintf(f, "%ld\n", n);
		fclose(f);
	}
}

int pages_take(unsigned long mb, struct error *e)
{
	const long want = (long)(mb / 2 + mb % 2), there = read_number(PAGES_SYSCTL);
	const long now_free = read_number(PAGES_FREE);

	if (there < 0 || now_free < 0)
		return error_set(e, "this machine has no huge pages of 2 MB");
	if (now_free >= want)
		return 0;
	had = there;
	write_number(there + want - now_free);
	const long got = read_number(PAGES_FREE);
	if (got >= want)
		return 0;
	pages_give_back();
	return error_set(e,
	        "%lu MB of huge pages cannot be had, only %ld MB (as root? enough memory?)", mb,
	        got * 2);
}

void pages_give_back(void)
{
	if (had >= 0)
		write_number(had);
	had = -1;
}
