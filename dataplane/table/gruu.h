// Globally routable user agent URIs (RFC 5627) of bindings that have an instance. The public one is
// the AoR with the instance in `gr`; a temporary one hides both in a token, so any node with the
// key opens it, and none has to remember it.
#pragma once

#include "dataplane/sip/token.h"
#include "dataplane/sip/uri.h"
#include "dataplane/sip/writer.h"
#include "dataplane/table/location.h"

#define GRUU_USER "gruu-" // user part of a temporary one: gruu-TOKEN

// ";pub-gruu=...;temp-gruu=..." as the binding's Contact in an answer has them; nothing when it has
// no instance. The temporary one is left out where the AoR is too long for a token.
void gruu_write(struct writer *out, const struct location_contact *c, struct token_ring *ring);

enum gruu_found {
	GRUU_ABSENT, // an AoR
	GRUU_FORGED, // looks like a temporary one of ours, and is not
	GRUU_PUBLIC, // the AoR is the URI's own
	GRUU_TEMPORARY,
};
struct gruu {
	struct str instance; // GRUU_PUBLIC: value of `gr`
	uint64_t id;         // GRUU_TEMPORARY: gruu_id() of its binding
	uint8_t aor_len;     // and its AoR
	char aor[TOKEN_AOR_MAX];
};
enum gruu_found gruu_open(struct token_ring *ring, const struct uri *u, struct gruu *out);
// Is the binding one that GRUU stands for? (A temporary one ends with its Call-ID, RFC 5627 §5.2.)
bool gruu_is(enum gruu_found kind, const struct gruu *g, const struct location_contact *c);
