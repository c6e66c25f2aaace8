// The credentials store for very many users: STATEDIR/users.mdb (LMDB), written by `spry user`,
// read by spryd. It holds hashes of passwords (HA1), never passwords.
//
// Key: name@realm, the realm in lower case. Value: u32 checksum of what follows and of the key
// (SipHash-2-4, zero key: against damage, not against people), u8 version, u8 hashes it has (bit 1
// << enum digest_algorithm), u16 0, the hashes.
//
// Who writes holds an exclusive lock on STATEDIR/users.lock, who reads a shared one; it ends with
// its process. A change is one transaction: whatever dies, the file is as before or as after.
// Nobody gives LMDB a file that control/store_scan.h did not find sound.
#pragma once

#include "dataplane/base/error.h"
#include "dataplane/table/user.h"

enum {
	USER_FILE_NAME_MAX = 127, // of a user, without the realm
	USER_FILE_KEY_MAX = USER_FILE_NAME_MAX + 1 + DIGEST_REALM_MAX,
};

// Is that a user the store takes: as a `user` row of the configuration? The canonical key goes to
// `out` (USER_FILE_KEY_MAX + 1), *realm_at is where its realm begins.
bool user_file_key(struct str name, struct str realm, char *out, size_t *realm_at);

// One user; views hold during the call. False = stop.
typedef bool (*user_file_fn)(
        void *arg, struct str name, struct str realm, const struct user_secret *s);

struct user_file_found {
	uint64_t users;   // handed over
	uint64_t damaged; // records left out: checksum, length, version
	uint64_t bytes;   // of the file
};

enum user_file_state {
	USER_FILE_SOUND,
	USER_FILE_MISSING, // no such file: no users
	USER_FILE_BUSY,    // somebody writes
	USER_FILE_DAMAGED, // what could be read was handed over; the error says what is wrong
	USER_FILE_FAILED,  // cannot be read at all
};

// All users in no order. Never waits.
enum user_file_state user_file_read(const char *dir, user_file_fn fn, void *arg,
        struct user_file_found *found, struct error *e);

// Opened for changes, or for reading in order. One transaction from open to commit.
struct user_file;
// NULL with the reason: damaged, or not to be opened. Waits while others use it. With `anew` what
// is there is not looked at: the transaction begins with an empty file in its place.
struct user_file *user_file_open(const char *dir, bool write, bool anew, struct error *e);
// Forgets what was not committed.
void user_file_close(struct user_file *f);
// 0; -1 with the reason, and nothing can be committed.
int user_file_put(
        struct user_file *f, struct str key, const struct user_secret *s, struct error *e);
// 0; 1 there is no such user; -1 with the reason.
int user_file_delete(struct user_file *f, struct str key, struct error *e);
// Users in order whose key begins with `prefix`.
int user_file_each(
        struct user_file *f, struct str prefix, user_file_fn fn, void *arg, struct error *e);
uint64_t user_file_count(struct user_file *f);
int user_file_commit(struct user_file *f, struct error *e);
