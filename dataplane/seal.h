// What we write into other people's messages to find our way back, and know it again: the branch of
// our Via, the `spry` parameter of our Record-Route and of hidden Contacts (DESIGN §3,
// sip/token.h).
#pragma once

#include "dataplane/sip/branch.h"
#include "dataplane/worker.h"

#define SEAL_COOKIE BRANCH_COOKIE
#define SEAL_PARAM "spry" // ;spry=TOKEN
#define SEAL_USER "spry-" // spry-TOKEN.user

// Whether the URI's host and port are one of our legs' (its transport parameter aside: a message
// for our address is ours, however it came).
bool seal_own_uri(const struct worker *w, const struct uri *u, const struct leg **leg);

// p->request_hash: what decides the way (RFC 3261 §16.6 step 8, RFC 5393 §4.2.2), which is also
// what a request, its CANCEL and the ACK to its non-2xx have in common, the top Via aside. Half of
// it is the loop part of our branch.
uint64_t seal_request(const struct worker *w, const struct packet *p);
// Fills that, and p->branch_hash: the transaction part, of p->request_hash and the top Via
// (§16.11), of all requests among them.
void seal_requests(const struct worker *w, struct packet *const *p, unsigned n);

// Branch of our Via on the request p sent to p->target: "z9hG4bK" and token. Room: SEAL_BRANCH_MAX.
// 0 when it can't be sealed.
enum { SEAL_BRANCH_MAX = sizeof(SEAL_COOKIE) + TOKEN_TEXT_MAX };
size_t seal_branch(struct worker *w, const struct packet *p, char *out);
// Opens the branch of a Via of ours in p. `peer` is who the request was sent to, and so the only
// one its response may come from (RELIABILITY A11).
bool seal_open_branch(struct worker *w, const struct packet *p, const struct via *v,
        const struct addr *peer, struct token *out);

// Token of a Record-Route value: good for its own Call-ID only. `flow` is where requests that come
// back by it must go, NULL = to their Request-URI. Room: TOKEN_TEXT_MAX.
struct seal_route {
	uint16_t leg_in, leg_out;
	const struct addr *flow;
};
size_t seal_route(
        struct worker *w, const struct packet *p, const struct seal_route *route, char *out);
// Token of a Contact: the host and port it hides, and the leg they are behind. 0 when the host is
// a name of more than TOKEN_NAME_MAX bytes.
size_t seal_contact(struct worker *w, uint16_t leg, const struct uri *hidden, char *out);

// The token a URI of ours carries.
enum seal_found { SEAL_ABSENT, SEAL_FORGED, SEAL_OPEN };
enum seal_found seal_open_route(
        struct worker *w, const struct packet *p, const struct uri *u, struct token *out);
// *cut is what to take out of the URI when the address is put back (";spry=TOKEN", or "spry-TOKEN."
// of the user part, with '@' when nothing else is in it).
enum seal_found seal_open_contact(
        struct worker *w, const struct uri *u, struct token *out, struct str *cut);
