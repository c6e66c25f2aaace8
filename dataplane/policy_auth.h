// What a worker remembers of those who authenticate, and the challenges in its replies.
#pragma once

#include "dataplane/sip/digest.h"
#include "dataplane/worker.h"

// Of one of n_workers. NULL when out of memory, or without random numbers or hashes.
struct auth_state *auth_state_create(unsigned n_workers);
void auth_state_destroy(struct auth_state *a);

// Does this request prove who sent it, where it has to? Fills p->realm.
enum verdict policy_auth(struct worker *w, struct packet *p);

// The WWW- or Proxy-Authenticate fields of the reply to p: one an algorithm, in the operator's
// order (RFC 8760 §2.4). Room: POLICY_CHALLENGES_MAX. 0 when p's verdict is none that challenges.
enum { POLICY_CHALLENGES_MAX = DIGEST_ALGORITHMS * (DIGEST_CHALLENGE_MAX + 32) };
size_t policy_auth_challenges(const struct worker *w, const struct packet *p, char *out);

// Do these credentials answer a challenge of ours? Then they are for nobody behind us.
bool policy_auth_is_ours(const struct packet *p, struct str credentials);
