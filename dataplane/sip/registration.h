// What a REGISTER asks for (RFC 3261 §10, RFC 5626 §4, RFC 3840): its Contacts, taken apart. Shared
// by the registrar and by the workers, which answer the ones that change nothing but time.
#pragma once

#include "dataplane/sip/message.h"
#include "dataplane/sip/nameaddr.h"
#include "dataplane/sip/writer.h"

enum { REGISTRATION_Q_MAX = 1000 };
#define REGISTRATION_UNSAID UINT32_MAX

struct registration_contact {
	struct nameaddr name; // .star: all others are empty
	struct uri uri;
	uint32_t expires;    // seconds, REGISTRATION_UNSAID = no parameter
	uint16_t q;          // thousandths
	struct str instance; // +sip.instance without quotes, with its <>; empty = none
	uint32_t reg_id;     // 0 = none
	uint32_t methods;    // bit 1 << enum method; 0 = not said
};

// One Contact value. False on a syntax error, of the URI, q or reg-id too.
bool registration_contact(struct str value, struct registration_contact *out);
// All its other parameters, as they are to be given back: ";video;+g.x=\"y\"" (RFC 3840; RFC 4475
// §3.3.12).
void registration_params(const struct registration_contact *c, struct writer *out);
// Expires header field: seconds, REGISTRATION_UNSAID when it is not there. One that is no number
// counts as 3600 (RFC 3261 §10.2.1.1), one beyond 2^32-1 as 2^32-2.
uint32_t registration_expires(const struct message *m);
// Is the option tag among the values of that header (Supported, Require)?
bool registration_has_tag(const struct message *m, enum header_id id, struct str tag);
// Does the value of From begin as To does, up to the '>'? Then its URI is the same text. False says
// nothing.
bool registration_begins_as(const struct nameaddr *to, struct str from);
