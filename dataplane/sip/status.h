// Status codes and their reason phrases (RFC 3261 §21, IANA registry).
#pragma once

#include "dataplane/base/str.h"

// "Not Found" for 404; the phrase of the class ("Client Error") for a code without its own row.
struct str status_reason(uint16_t status);
