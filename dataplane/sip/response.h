// The part of a response that its request gives it (RFC 3261 §8.2.6): what the workers' replies and
// the registrar's answers have in common. Stateless: the same request gets the same bytes.
#pragma once

#include "dataplane/base/hash.h"
#include "dataplane/sip/cseq.h"
#include "dataplane/sip/message.h"
#include "dataplane/sip/oc.h"
#include "dataplane/sip/token.h"
#include "dataplane/sip/via.h"
#include "dataplane/sip/writer.h"

enum {
	RESPONSE_TAG_LEN = 21, // "spry-" and 16 digits
	RESPONSE_RATIO = 2,    // bytes out for a byte in, at most (RELIABILITY rule 6)
	RESPONSE_END_LEN = 21, // of what response_write_end() writes
};

// What of a request its response is made of. Fields of a faulty request that are not understood are
// empty; it is given back as it came.
struct response {
	const struct message *request;
	const struct via *via; // topmost; all.p == NULL when unusable
	struct addr src;       // where the request came from
	struct str call_id, from_tag, to_tag;
	uint32_t cseq;
	bool to_known;         // To could be read: a tag may be put behind it
	bool faulty;           // the request is: fields with a NUL are left out
	const struct oc *load; // to tell a client that asks for it; NULL = none
};

// Key of the To tags, the same for every node with the same first token key.
struct hash_key response_tag_key(const struct token_key *first);
// Writes RESPONSE_TAG_LEN bytes. The same for a request, its retransmissions and its ACK (RFC 3261
// §8.2.7).
void response_tag(struct hash_key key, const struct response *r, char *out);

// Start line, Vias (source noted in the topmost), From, To (with the tag), Call-ID, CSeq.
// `reason` empty = the status' own. The caller adds fields, and response_write_end.
void response_write(struct writer *out, const struct response *r, struct hash_key key,
        uint16_t status, struct str reason);
// "Name: value more" CR LF.
void response_write_field(struct writer *out, enum header_id id, struct str value, struct str more);
// All fields of that id as they came.
void response_write_copies(struct writer *out, const struct message *m, enum header_id id);
// "Date: Thu, 01 Jan 1970 00:00:00 GMT", of seconds since then.
void response_write_date(struct writer *out, uint64_t unix_s);
void response_write_end(struct writer *out);
