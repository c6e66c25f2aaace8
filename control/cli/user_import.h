// Users from comma-separated values. The first line names the columns, in any order: name and realm
// (or name alone, as name@realm), and password or any of ha1-md5, ha1-sha256, ha1-sha512-256; also
// as Kamailio's subscriber table calls them (username, domain, ha1, ha1_sha256). Others are passed
// over.
#pragma once

#include "control/user_file.h"

struct user_import {
	const char *name; // of the file, for messages
	int fd;           // taken over
	bool skip_bad;    // rows that are wrong are left out; else nothing is imported
};

// All rows into f, which is not committed. -1: something was wrong, and was said on standard error.
int user_import(
        struct user_file *f, const struct user_import *from, uint64_t *users, uint64_t *bad);
