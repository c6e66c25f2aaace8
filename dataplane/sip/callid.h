// The Call-ID of a datagram before it is parsed: to choose who parses it.
#pragma once

#include "dataplane/base/str.h"

// The value of the first Call-ID field, STR_NONE when there is none with a value. Of every message
// that message_parse() takes, and whose Call-ID is visible characters, it is the same view as
// message_value(CALL_ID); of anything else, always the same for the same bytes.
struct str callid_find(struct str datagram);
