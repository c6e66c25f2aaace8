// Reads an LMDB file without LMDB, and believes nothing in it. LMDB follows what its pages say: one
// flipped bit in a page's head sends it anywhere. So before a file is given to LMDB every page in
// use is looked at here: tree, lengths, free list. It reads leaves in the order of the file, so a
// cold disk gives all records at its full speed.
//
// The format is that of LMDB 0.9 (data version 1) on a 64-bit little endian machine, one unnamed
// database.
#pragma once

#include "dataplane/base/error.h"

struct store_scan {
	uint64_t pages;   // looked at, of
	uint64_t total;   // pages of the file; both grow while it runs, for progress
	uint64_t records; // handed over
	uint64_t faults;  // of the structure
	struct error why; // the first one
};

// One record; views hold during the call. False = stop here.
typedef bool (*store_scan_fn)(void *arg, struct str key, struct str value);

// Calls fn for all records that can be reached in spite of faults. 0 = the file is sound (or
// empty), -1 = it is not, or cannot be read: *s says why.
int store_scan(int fd, store_scan_fn fn, void *arg, struct store_scan *s);
