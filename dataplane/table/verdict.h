// Every way out of the pipeline is a row here: no anonymous drop (DESIGN §1.7). To add a reason to
// refuse: add a row, and the `return` that uses it. The rows make the enum, the counters, the
// status code of the reply and the lines of `show counters` and `show drops`.
#pragma once

#include <stdint.h>

// received = sum over all ways (checked by `show counters` and by a test).
#define way_rows(X)               \
	X(FORWARDED, "forwarded") \
	X(REPLIED, "replied")     \
	X(ABSORBED, "absorbed")   \
	X(PUNTED, "punted")       \
	X(KERNEL, "kernel")       \
	X(DROPPED, "dropped")

enum way {
#define X(id, name) WAY_##id,
	way_rows(X)
#undef X
	        WAY_COUNT,
};

// X(id, way, status, name, what an operator reads). A row whose way is REPLIED leaves as a SIP
// reply with that status; where no reply may be sent (ACK, response, no usable Via, reply budget)
// the same row is counted as DROPPED. Status 0 on a REPLIED row: the answer is not SIP (STUN).
#define verdict_rows(X)                                                                            \
	X(NONE, DROPPED, 0, "none", "still in the pipeline")                                       \
	X(FORWARDED, FORWARDED, 0, "forwarded", "sent on to its next hop")                         \
	X(TO_KERNEL, KERNEL, 0, "to-kernel", "not SIP to a leg: handed to the kernel twin")        \
	X(FRAGMENT, ABSORBED, 0, "fragment", "fragment kept until its datagram is complete")       \
	X(KEEPALIVE, ABSORBED, 0, "keepalive", "CRLF or NUL keepalive")                            \
	X(OWN_ACK, ABSORBED, 0, "own-ack", "ACK to a reply made here")                             \
	X(PONG, ABSORBED, 0, "pong", "answer to an OPTIONS that keeps a NAT open")                 \
	X(STUN, REPLIED, 0, "stun", "STUN binding request answered")                               \
	X(OPTIONS, REPLIED, 200, "options", "OPTIONS to the proxy itself")                         \
	X(REGISTER, PUNTED, 0, "register", "REGISTER handed to the registrar")                     \
	X(REFRESHED, REPLIED, 200, "refreshed", "REGISTER that changed only the time")             \
	X(RESOLVING, PUNTED, 0, "resolving",                                                       \
	        "held by control until the next hop's link address is known")                      \
	/* below SIP */                                                                            \
	X(BAD_ETHERNET, DROPPED, 0, "bad-ethernet", "frame too short or not for this port")        \
	X(BAD_IP, DROPPED, 0, "bad-ip", "IP header, length or checksum wrong")                     \
	X(BAD_UDP, DROPPED, 0, "bad-udp", "UDP length or checksum wrong")                          \
	X(BAD_SOURCE, DROPPED, 0, "bad-source", "source address or port nobody may have")          \
	X(BAD_FRAGMENT, DROPPED, 0, "bad-fragment", "overlapping, tiny or too many fragments")     \
	X(NO_BUFFER, DROPPED, 0, "no-buffer", "packet memory exhausted")                           \
	X(KERNEL_FULL, DROPPED, 0, "kernel-full", "kernel twin's queue full")                      \
	X(NO_TABLES, DROPPED, 0, "no-tables", "no configuration yet")                              \
	/* policy_source, before parse */                                                          \
	X(ACL_DROP, DROPPED, 0, "acl-drop", "source refused by an acl rule")                       \
	X(LIMIT_SOURCE, DROPPED, 0, "limit-source",                                                \
	        "over a limit that needs no SIP (rate of a source)")                               \
	X(STEER_FULL, DROPPED, 0, "steer-full",                                                    \
	        "the worker its Call-ID is steered to takes no more")                              \
	/* parse */                                                                                \
	X(NOT_SIP, DROPPED, 0, "not-sip", "not a SIP message")                                     \
	X(BAD_MESSAGE, REPLIED, 400, "bad-message", "syntax of start line or header fields")       \
	X(BAD_LENGTH, REPLIED, 400, "bad-length", "Content-Length wrong")                          \
	X(DUPLICATE_HEADER, REPLIED, 400, "duplicate-header", "single-valued header field twice")  \
	X(MISSING_HEADER, REPLIED, 400, "missing-header", "mandatory header field missing")        \
	X(BAD_VIA, REPLIED, 400, "bad-via", "topmost Via unusable")                                \
	X(BAD_FROM_TO, REPLIED, 400, "bad-from-to", "From or To unusable")                         \
	X(BAD_CSEQ, REPLIED, 400, "bad-cseq", "CSeq unusable or not the request's method")         \
	X(UNKNOWN_METHOD, REPLIED, 501, "unknown-method",                                          \
	        "method nobody knows, too long or not the one in CSeq")                            \
	X(BAD_URI, REPLIED, 400, "bad-uri", "Request-URI unusable")                                \
	X(BAD_ROUTE, REPLIED, 400, "bad-route", "Route, Record-Route or Contact unusable")         \
	X(BAD_VERSION, REPLIED, 505, "bad-version", "SIP version other than 2.0")                  \
	X(TOO_LARGE, REPLIED, 513, "too-large", "message over a limit")                            \
	X(BAD_RESPONSE, DROPPED, 0, "bad-response", "response with a fault")                       \
	/* policy */                                                                               \
	X(PATTERN, DROPPED, 0, "pattern", "request matched a pattern that drops")                  \
	X(PATTERN_REFUSED, REPLIED, 403, "pattern-refused",                                        \
	        "request matched a pattern that rejects")                                          \
	X(SANITY, REPLIED, 513, "sanity", "larger than `set sanity` allows")                       \
	X(LIMIT, DROPPED, 0, "limit", "request over a limit")                                      \
	X(LIMIT_REFUSED, REPLIED, 503, "limit-refused", "request over a limit that answers")       \
	X(OVERLOAD, DROPPED, 0, "overload", "new request to a worker that is behind")              \
	X(OVERLOAD_REFUSED, REPLIED, 503, "overload-refused",                                      \
	        "new request to a worker that is behind, answered")                                \
	/* policy_auth */                                                                          \
	X(AUTH_REQUIRED, REPLIED, 401, "auth-required", "no credentials for our realm")            \
	X(AUTH_STALE, REPLIED, 401, "auth-stale",                                                  \
	        "nonce too old, of another address, or its count was used")                        \
	X(AUTH_WRONG, REPLIED, 401, "auth-wrong", "wrong password, or no such user")               \
	X(AUTH_UNREADY, REPLIED, 503, "auth-unready", "no table of users yet")                     \
	X(AUTH_LIMIT, DROPPED, 0, "auth-limit",                                                    \
	        "too many wrong passwords from that source, for that user or in all")              \
	X(AUTH_IDENTITY, REPLIED, 403, "auth-identity",                                            \
	        "From (REGISTER: To) is not the user who authenticated")                           \
	/* route */                                                                                \
	X(BAD_SCHEME, REPLIED, 416, "bad-scheme", "Request-URI scheme not supported")              \
	X(BAD_EXTENSION, REPLIED, 420, "bad-extension", "Proxy-Require not supported")             \
	X(TOO_MANY_HOPS, REPLIED, 483, "too-many-hops", "Max-Forwards is 0")                       \
	X(TOO_BROAD, REPLIED, 440, "too-broad", "Max-Breadth is 0")                                \
	X(LOOP, REPLIED, 482, "loop", "message was here before, unchanged")                        \
	X(NOT_FOUND, REPLIED, 404, "not-found", "no route for the Request-URI")                    \
	X(NO_USER, REPLIED, 404, "no-user", "nobody registered by that address-of-record")         \
	X(NOT_REGISTERED, REPLIED, 480, "not-registered", "known user without a live binding")     \
	X(FLOW_FAILED, REPLIED, 430, "flow-failed",                                                \
	        "the leg a binding was made by (RFC 5626) is gone")                                \
	X(REGISTRAR_BUSY, REPLIED, 503, "registrar-busy",                                          \
	        "ring to the registrar full, or control not alive")                                \
	X(REJECTED, REPLIED, 403, "rejected", "refused by configuration (reject N)")               \
	X(UNRESOLVED, REPLIED, 478, "unresolved", "target is a name no domain row knows")          \
	X(NO_TRANSPORT, REPLIED, 503, "no-transport",                                              \
	        "no leg for the target's transport or family")                                     \
	X(NO_MEMBER, REPLIED, 503, "no-member", "group without a usable member")                   \
	X(NO_NEXTHOP, REPLIED, 503, "no-nexthop", "no kernel route to the target")                 \
	X(BAD_TOKEN, REPLIED, 403, "bad-token", "sealed token forged, altered or of another key")  \
	X(VIA_NOT_OURS, DROPPED, 0, "via-not-ours", "response whose topmost Via is not ours")      \
	X(FORGED_RESPONSE, DROPPED, 0, "forged-response",                                          \
	        "response with a branch not sealed here")                                          \
	X(BAD_TARGET, DROPPED, 0, "bad-target", "would be sent to an address nobody may have")     \
	/* rewrite and tx */                                                                       \
	X(TOO_MANY_EDITS, REPLIED, 513, "too-many-edits", "more changes than the edit list holds") \
	X(NEIGHBOUR_UNKNOWN, DROPPED, 0, "neighbour-unknown",                                      \
	        "link address unknown and control could not hold it")                              \
	X(TX_FULL, DROPPED, 0, "tx-full", "port took no more packets")                             \
	X(PORT_DOWN, DROPPED, 0, "port-down", "outgoing port has no link or is gone")

enum verdict {
#define X(id, way, status, name, text) VERDICT_##id,
	verdict_rows(X)
#undef X
	        VERDICT_COUNT,
};

struct verdict_row {
	const char *name;
	const char *text;
	uint16_t status;
	uint8_t way;
};
extern const struct verdict_row verdict_row[VERDICT_COUNT];
extern const char *const way_name[WAY_COUNT];
