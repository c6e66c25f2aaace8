// A commit, from tree to acknowledged: check, build, add to the kernel what is new, publish, wait,
// take away what is gone, write it down. Whatever fails on the way, nothing has changed.
#pragma once

#include "control/control.h"

// text: for the operator, one or more lines, empty when there is nothing to say.
typedef void (*commit_done_fn)(void *arg, bool ok, const char *text);

int commit_init(struct control *c, struct error *e);
void commit_fini(struct control *c);

// Commits `t` (taken over). `done` is called once, perhaps before this returns. `who` is NULL at
// boot (no history). confirm_s > 0: what ran before comes back after so many seconds unless
// another commit comes.
void commit_start(struct control *c, struct tree *t, const char *who, unsigned confirm_s,
        commit_done_fn done, void *arg);
// A `commit confirmed` waits: seconds left, else 0.
unsigned commit_confirm_left(const struct control *c);
// Keeps what runs: the waiting rollback is off.
void commit_confirm(struct control *c);
