// /proc/PID/stat and schedstat: see cpu_time.h.
#include "tools/bench/cpu_time.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIELD_PARENT = 4, FIELD_USER = 14, FIELD_SYSTEM = 15 }; // proc(5)

// The number at *at, which moves on to the next field.
static bool next_number(const char **at, uint64_t *out)
{
	char *end;

	*out = strtoull(*at, &end, 10);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

static bool parse_stat(const char *text, uint64_t field[static FIELD_SYSTEM + 1])
{
	// The name, in parentheses, may itself hold blanks and parentheses.
	const char *at = strrchr(text, ')');

	if (at == NULL || strlen(at) < 4)
		return false;
	at += 3; // the state, one letter
	for (int i = FIELD_PARENT; i <= FIELD_SYSTEM; i++)
		if (!next_number(&at, &field[i]))
			return false;
	return true;
}

bool cpu_time_parse(struct str stat, struct str schedstat, long ticks, struct cpu_time *out)
{
	uint64_t field[FIELD_SYSTEM + 1], ran;
	char text[1024];

	snprintf(text, sizeof(text), "%.*s", STR_ARG(stat));
	if (ticks <= 0 || !parse_stat(text, field))
		return false;
	*out = (struct cpu_time){
	        .user_ns = field[FIELD_USER] * (1000000000 / (uint64_t)ticks),
	        .system_ns = field[FIELD_SYSTEM] * (1000000000 / (uint64_t)ticks),
	        .parent = (pid_t)field[FIELD_PARENT],
	};
	out->total_ns = out->user_ns + out->system_ns;
	snprintf(text, sizeof(text), "%.*s", STR_ARG(schedstat));
	const char *at = text;
	if (next_number(&at, &ran) && ran > 0)
		out->total_ns = ran;
	return true;
}

static struct str read_proc(const char *pid, const char *name, char *out, size_t size)
{
	char path[64];
	FILE *f;
	size_t n = 0;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	if ((f = fopen(path, "re")) != NULL) {
		n = fread(out, 1, size, f);
		fclose(f);
	}
	return (struct str){out, n};
}

static bool account(const char *pid, struct cpu_time *out)
{
	char stat[1024], schedstat[128];

	return cpu_time_parse(read_proc(pid, "stat", stat, sizeof(stat)),
	        read_proc(pid, "schedstat", schedstat, sizeof(schedstat)), sysconf(_SC_CLK_TCK),
	        out);
}

bool cpu_time_of(pid_t pid, struct cpu_time *out)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", pid);
	return account(name, out);
}

static bool is_in(const struct cpu_time_family *f, pid_t pid)
{
	for (unsigned i = 0; i < f->n; i++)
		if (f->pid[i] == pid)
			return true;
	return false;
}

// One look at all processes; true when one was added.
static bool add_children(DIR *proc, struct cpu_time_family *f)
{
	const unsigned before = f->n;

	rewinddir(proc);
	for (struct dirent *d; (d = readdir(proc)) != NULL && f->n < CPU_TIME_FAMILY_MAX;) {
		const pid_t pid = (pid_t)strtol(d->d_name, NULL, 10);
		struct cpu_time *used = &f->used[f->n];

		if (pid <= 0 || is_in(f, pid) || !account(d->d_name, used) ||
		        !is_in(f, used->parent))
			continue;
		f->pid[f->n++] = pid;
	}
	return f->n > before;
}

void cpu_time_family(pid_t pid, struct cpu_time_family *out)
{
	DIR *proc = opendir("/proc");

	out->n = 0;
	if (cpu_time_of(pid, &out->used[0]))
		out->pid[out->n++] = pid;
	while (proc != NULL && out->n > 0 && add_children(proc, out))
		;
	if (proc != NULL)
		closedir(proc);
}

struct cpu_time cpu_time_busiest(
        const struct cpu_time_family *before, const struct cpu_time_family *after)
{
	struct cpu_time most = {0};

	for (unsigned i = 0; i < before->n; i++) {
		for (unsigned j = 0; j < after->n; j++) {
			const struct cpu_time *b = &before->used[i], *a = &after->used[j];

			if (before->pid[i] != after->pid[j] ||
			        a->total_ns - b->total_ns <= most.total_ns)
				continue;
			most = (struct cpu_time){a->total_ns - b->total_ns, a->user_ns - b->user_ns,
			        a->system_ns - b->system_ns, a->parent};
		}
	}
	return most;
}
