// Answers challenges in the messages of a test: "{auth USER PASSWORD WORD...}" becomes credentials
// for the last challenge that left. Words change them:
//   md5 | sha-256 | sha-512-256  algorithm (default: the first offered)
//   nc=N cnonce=TEXT             (default 1 and "c")
//   realm=TEXT nonce=TEXT uri=TEXT   instead of the challenge's and the Request-URI
//   noqop                        as RFC 2069
#pragma once

#include "dataplane/base/str.h"

// Remembers the challenges of a message that left.
void credentials_learn(struct str message);
// The message with all {auth ...} replaced; length, 0 when there is no room or nothing to answer.
size_t credentials_fill(struct str message, char *out, size_t room);
