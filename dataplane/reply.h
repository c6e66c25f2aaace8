// The To tag of replies made here: policy knows an ACK to one of them by it.
#pragma once

#include "dataplane/sip/response.h"
#include "dataplane/worker.h"

enum { REPLY_TAG_LEN = RESPONSE_TAG_LEN };

// Writes REPLY_TAG_LEN bytes. The same for a request, its retransmissions and its ACK (RFC 3261
// §8.2.7).
void reply_tag(const struct worker *w, const struct packet *p, char *out);

// Where the reply to p goes, by which leg: fills target, transport and leg_out. False when none may
// be sent.
bool reply_target(struct packet *p);
