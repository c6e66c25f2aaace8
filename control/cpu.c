// Cores by sched_getaffinity and the lists in /sys/devices/system/cpu.
#include "control/cpu.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "config/type.h"

enum { CPU_MAX = 1024, LIST_MAX = 4096 };

uint16_t cpu_last(void)
{
	cpu_set_t set;
	uint16_t last = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	for (uint16_t i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &set))
			last = i;
	}
	return last;
}

// A list of the kernel, trimmed into text; empty when there is none.
static struct str read_list(const char *path, char text[LIST_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, LIST_MAX) : 0;

	if (fd >= 0)
		close(fd);
	return str_trim((struct str){text, n > 0 ? (size_t)n : 0});
}

// How many of the cores are in the list, from the first; *known false when it can't be read.
static unsigned count_listed(struct str list, const uint16_t *cores, unsigned n, bool *known)
{
	uint16_t listed[CPU_MAX];
	int n_listed = type_cores(list, listed, CPU_MAX);
	unsigned i = 0;

	*known = n_listed >= 0;
	for (; i < n; i++) {
		int k = 0;

		while (k < n_listed && listed[k] != cores[i])
			k++;
		if (k >= n_listed)
			break;
	}
	return i;
}

int cpu_check_online(const uint16_t *cores, unsigned n, struct error *e)
{
	char text[LIST_MAX];
	struct str list = read_list("/sys/devices/system/cpu/online", text);
	bool known;
	unsigned good = count_listed(list, cores, n, &known);

	if (!known || good == n)
		return 0;
	return error_set(
	        e, "there is no core %u online (cores %.*s are)", cores[good], STR_ARG(list));
}

bool cpu_isolated(const uint16_t *cores, unsigned n)
{
	char text[LIST_MAX];
	bool known;

	return count_listed(read_list("/sys/devices/system/cpu/isolated", text), cores, n,
	               &known) == n &&
	       known && n > 0;
}
