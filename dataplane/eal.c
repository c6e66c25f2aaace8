// EAL's arguments. Everything that can be wrong is looked for before EAL is asked, since its own
// messages speak of neither ports nor the configuration.
#include "dataplane/eal.h"

#include <dirent.h>
#include <rte_eal.h>
#include <rte_log.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dataplane/base/log.h"
#include "dataplane/dataplane.h"

enum {
	EAL_ARGS_MAX = 16 + 2 * SETUP_PORTS_MAX,
	EAL_LCORES_TEXT = 1024 + 16 * SETUP_CORES_MAX,
	EAL_BASE_MB = 48, // drivers, heap, twins
};

size_t eal_frame_room(const struct setup *s)
{
	size_t room = 0;

	for (unsigned i = 0; i < s->n_ports; i++)
		room = RTE_MAX(room, port_frame_room(&s->port[i]));
	return room;
}

static int eal_check_cores(const struct setup *s, struct error *e)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return error_set(e, "can't read which cores may be used");
	for (unsigned i = 0; i < s->n_cores; i++)
		if (s->core[i] >= CPU_SETSIZE || !CPU_ISSET(s->core[i], &allowed))
			return error_set(e,
			        "worker core %u: this process may use %d cores, not that one; see "
			        "nproc and taskset -p %d, then: set worker cores ...",
			        s->core[i], CPU_COUNT(&allowed), getpid());
	return 0;
}

int eal_check(const struct dataplane *dp, struct error *e)
{
	if (dp->setup.n_cores == 0)
		return error_set(e, "the configuration has no worker core; set worker cores ...");
	for (unsigned i = 0; i < dp->setup.n_ports; i++)
		if (port_check(&dp->setup.port[i], e) < 0)
			return -1;
	return eal_check_cores(&dp->setup, e);
}

// Megabytes of free huge pages of all sizes.
static uint64_t eal_free_huge_mb(void)
{
	static const char base[] = "/sys/kernel/mm/hugepages";
	uint64_t mb = 0;
	struct dirent *d;
	DIR *dir = opendir(base);

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		char path[sizeof(base) + 300];
		unsigned long kb, pages = 0;

		if (sscanf(d->d_name, "hugepages-%lukB", &kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", base, d->d_name);
		FILE *f = fopen(path, "re");
		if (f != NULL && fscanf(f, "%lu", &pages) == 1)
			mb += pages * kb / 1024;
		if (f != NULL)
			fclose(f);
	}
	if (dir != NULL)
		closedir(dir);
	return mb;
}

static uint64_t eal_need_mb(const struct setup *s)
{
	const uint64_t worker = worker_memory_need(s, eal_frame_room(s));

	return EAL_BASE_MB + s->n_cores * ((worker >> 20) + 1);
}

static bool eal_use_huge(const struct setup *s)
{
	const uint64_t need = eal_need_mb(s), have = eal_free_huge_mb();

	if (s->huge && have >= need)
		return true;
	if (s->huge)
		log_warning("huge pages: %llu MB free, %llu MB needed; going on with 4 kB pages, "
		            "which costs TLB misses on every packet (more CPU a message) and "
		            "physical ports don't work; echo %llu > /proc/sys/vm/nr_hugepages",
		        (unsigned long long)have, (unsigned long long)need,
		        (unsigned long long)(need / 2 + 1));
	else
		log_warning("huge pages are off (set memory huge off): TLB misses on every packet "
		            "cost CPU");
	return false;
}

// "0@(0,1),1@0,2@1": the main lcore floats over every allowed core, a worker owns one.
static void eal_lcores(const struct setup *s, char *text, size_t room)
{
	const char *separator = "0@(";
	cpu_set_t allowed;
	size_t n = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned core = 0; core < CPU_SETSIZE && n < room - 16; core++)
		if (CPU_ISSET(core, &allowed)) {
			n += (size_t)snprintf(text + n, room - n, "%s%u", separator, core);
			separator = ",";
		}
	n += (size_t)snprintf(text + n, room - n, ")");
	for (unsigned i = 0; i < s->n_cores && n < room - 16; i++)
		n += (size_t)snprintf(text + n, room - n, ",%u@%u", i + 1, s->core[i]);
}

int eal_start(struct dataplane *dp, struct error *e)
{
	static char lcores[EAL_LCORES_TEXT], memory[24];
	const struct setup *s = &dp->setup;
	char *argv[EAL_ARGS_MAX] = {"spry-dp", "--log-level=5", "--log-level=lib.eal:4",
	        "--no-telemetry", "--main-lcore=0", "--lcores", lcores};
	int argc = 7;
	bool pci = false, one_file = false;

	eal_lcores(s, lcores, sizeof(lcores));
	dp->no_huge = !eal_use_huge(s);
	if (dp->no_huge) {
		snprintf(memory, sizeof(memory), "%llu", (unsigned long long)eal_need_mb(s));
		argv[argc++] = "--no-huge";
		argv[argc++] = "--no-shconf"; // no files, no lock: more than one may run
		argv[argc++] = "-m";
		argv[argc++] = memory;
	} else {
		argv[argc++] = "--in-memory";
	}
	for (unsigned i = 0; i < s->n_ports; i++)
		one_file |= strstr(s->port[i].device, "zero-copy=yes") != NULL;
	if (one_file) // net_memif shares packet memory by its file
		argv[argc++] = "--single-file-segments";
	for (unsigned i = 0; i < s->n_ports; i++)
		if (port_is_pci(s->port[i].device)) {
			argv[argc++] = "-a";
			argv[argc++] = dp->setup.port[i].device;
			pci = true;
		}
	if (!pci)
		argv[argc++] = "--no-pci";
	rte_openlog_stream(stderr); // not syslog
	if (rte_eal_init(argc, argv) < 0)
		return error_set(e, "DPDK does not start; see the log of spry-dp");
	return 0;
}
