// What the operator configured: the candidate everybody edits, the running configuration, and the
// history of commits on disk. Knows nothing of the dataplane: commit.c asks it for trees and tells
// it what became of them.
//
//   STATEDIR/commit-SERIAL.conf  the last 50 commits ("rollback N"); first line says who and when
//   STATEDIR/running.conf        what runs now; kept while the shared region lives
//   STATEDIR/confirm.conf        what to go back to while a `commit confirmed` waits
#pragma once

#include "config/tree.h"

enum {
	STATE_HISTORY = 50, // rollback 1..50; 0 is what runs
};

struct state_commit {
	uint64_t serial;
	char *header; // "2026-11-21T08:00:00Z root (uid 0, pid 17)"
	char *text;   // with secrets
};

struct state {
	char dir[200];
	char file[256]; // where `save` writes
	struct tree *running, *candidate;
	struct state_commit commit[STATE_HISTORY + 1]; // [0] is the newest: what runs
	unsigned n_commits;
	uint64_t serial;
	char editor[64]; // who changed the candidate last, empty when nobody did since the last
	                 // commit
	bool dirty;      // candidate may differ from running
};

// Reads the history. `file` is the configuration file's name.
int state_init(struct state *s, const char *dir, const char *file, struct error *e);
void state_fini(struct state *s);

// Reads a configuration text into a new tree; NULL with line and column. Not checked
// (config/check.h).
struct tree *state_parse(const char *text, size_t len, const char *name, struct error *e);
struct tree *state_read_file(const char *path, struct error *e);

// What runs after a crash: the configuration to go back to when a `commit confirmed` was pending
// (*rolled_back set; the mark stays until state_confirm_end, once that runs), else the one
// committed last. NULL when there is none.
struct tree *state_recover(struct state *s, bool *rolled_back, struct error *e);

// Writes down what is to run, before it does: with no room for it a commit is refused, not
// forgotten by the next crash. state_ran() of the same tree puts it in force, state_ahead_end
// forgets it.
int state_ahead(struct state *s, const struct tree *t, struct error *e);
void state_ahead_end(struct state *s);

// `t` (taken over) runs now. Candidate becomes a copy of it unless keep_candidate. With `who` it is
// a commit of the history, without it is the boot. An error means it could not be written down; it
// runs all the same.
int state_ran(
        struct state *s, struct tree *t, const char *who, bool keep_candidate, struct error *e);

// A `commit confirmed` waits: what runs now is what to go back to. state_confirm_end forgets it.
int state_confirm_begin(struct state *s, struct error *e);
void state_confirm_end(struct state *s);
// The tree to go back to, NULL when nothing waits.
struct tree *state_confirm_tree(struct state *s, struct error *e);

// Edits of the candidate; words as in tree.h.
int state_set(struct state *s, const struct str *words, unsigned n, struct error *e);
int state_delete(struct state *s, const struct str *words, unsigned n, struct error *e);
// Candidate = running.
int state_discard(struct state *s, struct error *e);
// Candidate = the configuration n commits ago (0 = running).
int state_rollback(struct state *s, unsigned n, struct error *e);
// Does the candidate differ from running?
bool state_differs(struct state *s);
// Notes who edits; returns the name of another one who edited before, or NULL.
const char *state_edit(struct state *s, const char *who, char *other, size_t room);
// That one has gone: what was edited stays, but there is nobody to beware of.
void state_edit_end(struct state *s, const char *who);

// Writes what runs to the file it was read from.
int state_save(struct state *s, struct error *e);
