// Contacts of one side never show on the other (DESIGN §3, legs): hidden in a token when they leave
// by another leg, put back when they come home.
#pragma once

#include "dataplane/worker.h"

// The URI with the hidden address in place of ours and without the token (`cut`, from
// seal_open_contact); the text lives as long as the list. STR_NONE when there is no room.
struct str contact_restored(
        struct edit_list *l, const struct uri *u, const struct token *t, struct str cut);

// The URI of the first Contact, parsed once; NULL when there is none, or it has none.
const struct uri *contact_first(struct packet *p);

// Adds what has to change in the Contacts of p, which leaves by p->leg_out.
void contact_rewrite(struct worker *w, struct packet *p);
