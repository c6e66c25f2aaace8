// Processes that are measured: started on one core, with priority, and surely gone afterwards. Each
// is first of a process namespace of its own where that is allowed, so its descendants end with it,
// and it ends with us, whatever ends us. (One that reads /proc/PID of its own children can't be: a
// process namespace counts anew.)
#pragma once

#include <sys/types.h>

#include "dataplane/base/error.h"

struct child_plan {
	const char *const *argv; // the program and its words; NULL: `run` instead
	int (*run)(void *arg);   // its exit status is what it returns
	void *arg;
	int core;           // with priority and a process namespace; -1: a plain child
	bool talks;         // `in` and `out` of the child are ours; else:
	const char *log;    // file that gets what it says
	const char *errors; // file that gets its stderr; NULL: together with the rest
};

struct child {
	pid_t pid; // 0 = there is none
	int in;    // to its stdin, -1 without `talks`
	int out;   // its stdout, a terminal (so it does not hold lines back)
};

// 0, or -1 with *e set: also when the program cannot be executed.
int child_start(struct child *c, const struct child_plan *plan, struct error *e);
// False when it ended by itself.
bool child_alive(struct child *c);
// SIGTERM, and after `patience_ms` SIGKILL (0: at once). Closes what is open; fine when it is gone.
void child_end(struct child *c, unsigned patience_ms);
// The last line in the file a child wrote to, or "".
void child_last_words(const char *log, char out[static 200]);
// Whether a program ends with status 0; what it says goes to a file in `scratch`.
bool child_succeeds(const char *const *argv, const char *scratch);
// Where a program is (in PATH or an sbin): true with its path in `out`.
bool child_find(const char *program, char out[static 256]);

// Runs `run` in a process with a session of its own, which gets the signals INT, TERM and HUP sent
// to us (its handlers are those we have now), and returns its exit status. A session of its own,
// since the kernel may share cores out by session (sched_autogroup): its priority is raised, not
// that of the terminal we are called from.
int child_session(int (*run)(void *arg), void *arg);

// The calling thread on one core (-1: leave it) with the highest priority it may have, until
// child_unpin: `before` keeps what was.
struct child_place {
	unsigned char mask[128];
	int nice;
};
void child_pin(int core, struct child_place *before);
void child_unpin(const struct child_place *before);
