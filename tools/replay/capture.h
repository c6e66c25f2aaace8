// Packet captures: frames out of a pcap or pcapng file (either byte order, Ethernet only), frames
// into a pcap file.
#pragma once

#include <stdio.h>

#include "dataplane/base/error.h"

// Is it one, by its first bytes?
bool capture_is(struct str file);

// Called with each frame in the file's order; the view is the file's. False ends the walk.
typedef bool (*capture_fn)(void *arg, struct str frame);
// -1 with an error that names the record and the byte, after the frames before it: damaged, cut
// short, another link type. *short_frames (may be NULL) = frames of which the capture holds only
// the beginning.
int capture_read(
        struct str file, capture_fn fn, void *arg, unsigned *short_frames, struct error *e);

// Writing: seconds count the frames, so that the same input makes the same file.
bool capture_begin(FILE *f);
bool capture_write(FILE *f, unsigned number, struct str frame);
