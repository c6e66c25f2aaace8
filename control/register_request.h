// A REGISTER taken apart and judged (RFC 3261 §10.3 steps 1 to 5): pure functions on one message.
#pragma once

#include "dataplane/sip/aor.h"
#include "dataplane/sip/cseq.h"
#include "dataplane/sip/registration.h"
#include "dataplane/sip/token.h"
#include "dataplane/sip/via.h"
#include "dataplane/table/home.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/location.h"

enum { REGISTER_PATH_MAX = 2048, REGISTER_PARAMS_MAX = 4096, REGISTER_UNSUPPORTED_MAX = 256 };

// What it is answered, besides the bindings.
struct register_answer {
	uint16_t status; // 0 = go on
	struct str reason;
	uint32_t min_expires;   // 423
	bool retry;             // 503: Retry-After
	struct str unsupported; // 420: option tags
};

// Who sent it, and what is known of us. Filled by the caller.
struct register_source {
	const struct table_view *view; // running configuration
	const struct leg *leg;         // it came by
	struct token_ring *tokens;     // for GRUUs
	struct addr src;
	uint32_t now_s;
};

struct register_request {
	struct register_source source;
	struct via via;
	unsigned n_vias;
	struct cseq cseq;
	struct nameaddr to, from;
	struct uri to_uri;
	struct str call_id;
	const struct domain *domain;
	const struct home *home;
	struct str aor; // in aor_text
	bool star;
	unsigned n_contacts;
	struct registration_contact contact[LOCATION_CONTACTS_MAX];
	struct str params[LOCATION_CONTACTS_MAX]; // of each, in params_text
	uint32_t expires;                         // header field
	bool supports_path, supports_gruu, outbound;
	struct str path;         // all values in one list, in path_text
	struct addr path_target; // of the topmost, family ADDR_NONE when that is a name
	struct register_answer answer;

	// what is not cleared before it is filled
	struct message message;
	char aor_text[AOR_MAX], path_text[REGISTER_PATH_MAX], params_text[REGISTER_PARAMS_MAX];
	char unsupported_text[REGISTER_UNSUPPORTED_MAX];
};

// Takes `bytes` apart into q (whose source is set). False: it must be answered with q->answer; or
// not at all, when q->message has no usable Via. Views point into bytes.
bool register_parse(struct register_request *q, struct str bytes);
// Did the sender prove who he is, or is he vouched for? Others get no more bytes back than
// RESPONSE_RATIO times what they sent (RELIABILITY A8).
static inline bool register_verified(const struct register_request *q)
{
	return (q->source.leg->flags & (LEG_TRUSTED | LEG_AUTH_REGISTER | LEG_AUTH_ALL)) != 0;
}
// Whether the answer can be built and sent.
static inline bool register_answerable(const struct register_request *q)
{
	return q->via.all.p != NULL && q->call_id.len > 0;
}
