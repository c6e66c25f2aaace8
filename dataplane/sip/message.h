// A SIP message as views into the bytes received (RFC 3261 §7): start line and header index, made
// in one scan. Values are parsed on demand by their own files (via, uri, nameaddr, cseq ...).
#pragma once

#include "dataplane/sip/header.h"
#include "dataplane/sip/method.h"

// One row a limit (RELIABILITY rule 12).
enum {
	MESSAGE_BYTES_MAX = 65535,
	MESSAGE_HEADERS_MAX = 256,
	MESSAGE_LINES_MAX = 1024, // of the head, folded ones included; beyond: TOO_MANY_HEADERS
	MESSAGE_VALUES_MAX = 256, // of a list header that is walked, in all its fields
};

enum { HEADER_NONE = 0xffff }; // "no such header" in first[] and next

// One header field. Offsets count from message.bytes.p.
struct header {
	uint16_t start;     // first byte of the name
	uint16_t name_len;  // without white space and colon
	uint16_t value;     // first byte of the value, white space skipped
	uint16_t value_len; // trailing white space and CRLF cut; may contain folds (CRLF SP)
	uint16_t end;       // one past the CRLF that ends the field
	uint16_t next;      // index of the next field with the same id, or HEADER_NONE
	uint16_t id;        // enum header_id
};

// What is wrong with a message, first fault found. The text goes into the 4xx's reason phrase.
// `status` is what a request gets; responses with a fault are dropped.
#define message_fault_rows(X)                                                      \
	X(NONE, 0, "OK")                                                           \
	X(NOT_SIP, 0, "Not SIP") /* never answered */                              \
	X(START_LINE, 400, "Bad Start Line")                                       \
	X(VERSION, 505, "Version Not Supported")                                   \
	X(LINE_END, 400, "Bare CR or LF")                                          \
	X(HEADER, 400, "Bad Header Field") /* no colon, empty or bad name, NUL */  \
	X(TRUNCATED, 400, "No Empty Line After Headers")                           \
	X(TOO_MANY_HEADERS, 400, "Too Many Header Fields")                         \
	X(TOO_LARGE, 513, "Message Too Large")                                     \
	X(DUPLICATE, 400, "Duplicate Header Field")                                \
	X(MISSING, 400, "Missing Header Field") /* Via, From, To, Call-ID, CSeq */ \
	X(CONTENT_LENGTH, 400, "Bad Content-Length")

enum message_fault {
#define X(id, status, text) MESSAGE_##id,
	message_fault_rows(X)
#undef X
	        MESSAGE_FAULT_COUNT,
};

struct message {
	struct str bytes; // from the start line on (leading CRLFs skipped), to the end of body
	bool is_request;
	enum method method;    // requests
	uint16_t status;       // responses: 100..699
	bool version_odd_case; // "sip/2.0": accepted, written "SIP/2.0" when forwarded
	struct str version;
	struct str method_name; // requests
	struct str request_uri; // requests
	struct str reason;      // responses, may be empty
	uint16_t header_start;  // offset of the first header field
	uint16_t body_start;    // offset of the first byte after the empty line
	struct str body; // cut to Content-Length; all the rest when there is none (RFC 3261 §18.3)
	uint16_t n_headers;
	uint16_t first[HEADER_COUNT]; // index of the first field of that id, or HEADER_NONE
	struct header header[MESSAGE_HEADERS_MAX];
};

// True when message_parse() would say NOT_SIP, by a few looks at the first line: neither a version
// nor a SIP or telephone URI is in it. False says nothing. (RELIABILITY A34: noise has to cost
// little.)
bool message_is_noise(struct str datagram);

// Parses a whole datagram (or a whole framed stream message). On a fault the index still holds what
// was understood before it, so that a reply can be built; *fault_at (may be NULL) is its offset.
// The scan is the one chosen by scan_init().
enum message_fault message_parse(struct str datagram, struct message *m, uint16_t *fault_at);

uint16_t message_fault_status(enum message_fault f);
struct str message_fault_text(enum message_fault f);

static inline struct str header_value(const struct message *m, const struct header *h)
{
	return (struct str){m->bytes.p + h->value, h->value_len};
}

// The first field with that id, or NULL; the next one with the same id, or NULL.
static inline const struct header *message_first(const struct message *m, enum header_id id)
{
	return m->first[id] == HEADER_NONE ? NULL : &m->header[m->first[id]];
}

static inline const struct header *message_next(const struct message *m, const struct header *h)
{
	return h->next == HEADER_NONE ? NULL : &m->header[h->next];
}

// Value of the first field with that id, or STR_NONE.
static inline struct str message_value(const struct message *m, enum header_id id)
{
	const struct header *h = message_first(m, id);
	return h != NULL ? header_value(m, h) : STR_NONE;
}

// Walks the values of a LIST header over all its fields and commas (quotes and <> respected).
struct value_iter {
	const struct message *m;
	const struct header *field; // of the current value
	struct str rest;            // of the field, after the current value
	struct str value;           // current value, white space trimmed
	uint16_t index;             // of the current value, from 0
	bool bad; // unbalanced quote or bracket, an empty element, too many of them
};

void value_iter_start(struct value_iter *it, const struct message *m, enum header_id id);
// False at the end or when bad is set.
bool value_iter_next(struct value_iter *it);
