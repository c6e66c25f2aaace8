// The messages the kernel-path peers of spry-bench get, and what must be true of one that came
// through them. Each message knows its number (in the Call-ID), so what arrives is compared with
// what was sent: a proxy that corrupts is caught, not only counted.
#pragma once

#include "dataplane/base/str.h"

enum {
	BLAST_LISTEN_PORT = 5060, // the peer
	BLAST_SEND_PORT = 5070,   // who calls
	BLAST_SINK_PORT = 5090,   // who is called
	BLAST_INVITE_LEN = 550,   // each INVITE has exactly this length
	BLAST_MESSAGE_MAX = 1024,
};

// What the peer has to have done to an INVITE.
enum blast_expect {
	BLAST_SAME = 1 << 0,         // not a byte changed
	BLAST_FORWARDED = 1 << 1,    // one more Via, Max-Forwards less by one
	BLAST_RECORD_ROUTE = 1 << 2, // is in the way of what follows
	BLAST_BINDING = 1 << 3,      // the Request-URI is what the user registered
	BLAST_REST = 1 << 4,         // the bytes from the From header on are as they were
};

// Writes INVITE number `index` to `user`, returns its length (BLAST_INVITE_LEN).
size_t blast_invite(char out[static BLAST_MESSAGE_MAX], uint32_t index, uint32_t user);
// Writes a REGISTER of `user` (also its number), its Contact at BLAST_SINK_PORT; returns its
// length.
size_t blast_register(char out[static BLAST_MESSAGE_MAX], uint32_t user, uint32_t cseq);
// The number of a message that came back, answer or request.
bool blast_index(struct str message, uint32_t *index);
// NULL, or what is wrong with `got`, which was sent as `sent` (by blast_invite).
const char *blast_check(struct str got, struct str sent, unsigned expect);
