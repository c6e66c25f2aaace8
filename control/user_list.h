// Users of the configuration, their passwords read and hashed: what a commit checks before anything
// changes.
#pragma once

#include "config/tree.h"
#include "dataplane/table/user.h"

struct user_row {
	char *name; // name@realm; malloc'ed
	struct str user, realm;
	struct user_secret secret;
};

struct user_list {
	struct user_row *row;
	size_t n;
};

// Splits "name@realm" at its last @. False when there is none, or a part is empty.
bool user_split(struct str text, struct str *user, struct str *realm);
// All hashes of a password. False when libcrypto fails.
bool user_hash_password(struct digest *d, struct str user, struct str realm, struct str password,
        struct user_secret *out);

// -1 with the user and why: a file cannot be read or is open to others, nothing is said of a
// password. With `lenient` (what ran before must run again) such a user is logged and left out.
int user_list_read(struct user_list *l, const struct tree *t, bool lenient, struct error *e);
void user_list_clear(struct user_list *l);
// -1 out of memory.
int user_list_build(const struct user_list *l, struct table_builder *b, struct error *e);
