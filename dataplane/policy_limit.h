// What a worker remembers of those it limits, and the checks of limits and sizes.
#pragma once

#include "dataplane/table/limit.h"
#include "dataplane/worker.h"

// Of one of n_workers. NULL when out of memory, or without random numbers.
struct policy_state *policy_state_create(unsigned n_workers);
void policy_state_destroy(struct policy_state *s);

// Before parse: everything a source or leg sends.
enum verdict policy_limit_early(struct worker *w, const struct packet *p);
// Behind it, requests. First by source, leg and all together; then, of who authenticated where he
// has to, by user: nobody uses up the rate of somebody else by his mere name.
enum verdict policy_limit_request(struct worker *w, struct packet *p);
enum verdict policy_limit_user(struct worker *w, struct packet *p);
// One more by that limit, for a pattern that hands p to it.
enum verdict policy_limit_take(struct worker *w, struct packet *p, const struct limit *l);
// Sizes, of requests and responses.
enum verdict policy_sanity(const struct worker *w, struct packet *p);

// A source answered what was sent to it: forged sources can't use up its share any more.
void policy_limit_proven(struct worker *w, const struct addr *src);
// May p be answered? Sources that have not proved their address get so many answers only, the
// others a hundred times as many: once it is known, somebody else may write it into his packets
// (RELIABILITY A8).
bool policy_limit_reply(struct worker *w, const struct packet *p);
