// A binding as one line of text: what `spry location export` writes and `import` reads.
//
//   aor=alice@example.com contact=sip:alice@198.51.100.7:5062 expires=1795258800 q=0.5 leg=core ...
//
// Words NAME=VALUE in any order; those without a value are left out. Bytes that are no printable
// ASCII, blanks, quotes and backslashes are written \xHH, so that a line has blanks between words
// only. aor, contact and expires must be there.
//
//   aor           address of record            leg         name, or #id
//   contact       URI                          transport   UDP TCP TLS WS WSS SCTP
//   expires       seconds since 1970           flags       nat,outbound
//   registered    the same                     path        Route values
//   q             0 to 1, three decimals       instance    +sip.instance
//   received      address:port                 user_agent
//   call_id, cseq                              reg_id, methods (a bit mask)
//   params        of the Contact, from its ';'
//
// What is not there: the flow of a connection, which no other spry has.
#pragma once

#include "dataplane/base/error.h"
#include "dataplane/table/location.h"

enum { BINDING_TEXT_MAX = 4 * LOCATION_TEXT_MAX + 768 };

// Without NUL and end of line; BINDING_TEXT_MAX bytes of room. `leg` NULL: its id. offset_s is the
// wall clock - boot clock. 0: the texts are longer than a binding's may be.
size_t binding_text_write(
        const struct location_contact *c, const char *leg, int64_t offset_s, char *out);
// Views into room (line.len bytes of it). -1 with *e: which word it is. The times are not compared
// with the clock, the AoR is taken as it stands.
int binding_text_read(struct str line, int64_t offset_s, struct location_contact *out, char *room,
        struct error *e);
