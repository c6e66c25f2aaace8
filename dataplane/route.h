// The two halves of route(): where a request goes, where a response goes.
#pragma once

#include "dataplane/worker.h"

// NONE when target, leg_out and hop are filled.
enum verdict route_request(struct worker *w, struct packet *p);
enum verdict route_response(struct worker *w, struct packet *p);

// A request whose URI is of a registrar domain (route_binding.c): asks for the bindings
// (p->finding) and returns NONE, or settles what needs none.
enum verdict route_binding_ask(
        struct worker *w, struct packet *p, const struct home *home, const struct uri *u);
// The second half, when p->finding and the table's lines are (perhaps) in the cache.
enum verdict route_binding_find(struct worker *w, struct packet *p);
