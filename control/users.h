// The table of users for the workers: those of the configuration and those of STATEDIR/users.mdb
// (control/user_file.h), made by a thread, since there may be millions, and published as the chain
// ROOT_USERS. Looks at the file twice a second and takes up what `spry user` changed. A user of the
// configuration goes before one of the file.
//
// What is wrong with the file takes nobody away: a damaged one, or one that went away, is an alarm,
// and the table of before stays. Only where there is none yet, what can be read is published.
#pragma once

#include <event2/event.h>

#include "control/publish.h"
#include "control/user_list.h"

struct users;

// `note` is empty, or a line for the operator with its end.
typedef void (*users_done_fn)(void *arg, const char *note);

struct users_status {
	bool busy;            // a table is being made or waits for the dataplane
	uint64_t rows;        // of the configuration
	uint64_t file;        // of the file
	uint64_t twice;       // in the file, and in the configuration too
	uint64_t damaged;     // records of the file left out
	uint64_t file_bytes;  // of the file
	uint64_t table_bytes; // of the image
	uint64_t made_ms;     // it took so long
	uint64_t generation;  // 0 = none yet
	uint64_t at_unix_s;   // when it was taken
	struct error problem; // empty text: none
};

struct users *users_create(
        struct event_base *base, struct publish *publish, const char *dir, struct error *e);
void users_destroy(struct users *u);

// The configuration has these users now (taken over). `done` (may be NULL) is called once, when the
// dataplane has them, or can't, or after 2 s.
void users_set(struct users *u, struct user_list *rows, users_done_fn done, void *arg);
void users_status(const struct users *u, struct users_status *out);
