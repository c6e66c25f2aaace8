// The canonical form of an address-of-record: what a binding is filed under, whatever way its user
// and the callers spell it (RFC 3261 §10.3 step 5, §19.1.4; RFC 3966 §5.1.1).
//
//   "sips:%61lice:secret@EXAMPLE.com.:5061;x=y"     alice@example.com
//   "sip:+49-(89)-1234;ext=5@example.com;user=phone"  +49891234@example.com
//   "sip:j.doe@example.com;user=phone" (no number)    j.doe@example.com
//   "tel:+49-89-1234;phone-context=x"               +49891234
#pragma once

#include "dataplane/sip/uri.h"

enum { AOR_MAX = 512 };

// Writes it to out (AOR_MAX bytes of room). STR_NONE when the URI has no user, is of another
// scheme, or is too long.
struct str aor_write(const struct uri *u, char *out);
// The same of what a person writes: "sip:Alice@Example.com", "alice@example.com", "+49-89-1234".
struct str aor_parse(struct str text, char *out);
