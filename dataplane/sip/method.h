// SIP methods (RFC 3261 §7.1 and the extensions in the IANA registry). Names are case-sensitive.
#pragma once

#include "dataplane/base/str.h"

#define method_rows(X)            \
	X(OTHER, "")              \
	X(INVITE, "INVITE")       \
	X(ACK, "ACK")             \
	X(BYE, "BYE")             \
	X(CANCEL, "CANCEL")       \
	X(REGISTER, "REGISTER")   \
	X(OPTIONS, "OPTIONS")     \
	X(PRACK, "PRACK")         \
	X(SUBSCRIBE, "SUBSCRIBE") \
	X(NOTIFY, "NOTIFY")       \
	X(PUBLISH, "PUBLISH")     \
	X(INFO, "INFO")           \
	X(REFER, "REFER")         \
	X(MESSAGE, "MESSAGE")     \
	X(UPDATE, "UPDATE")

enum method {
#define X(id, name) METHOD_##id,
	method_rows(X)
#undef X
	        METHOD_COUNT,
};

// METHOD_OTHER for a token that is no known method.
enum method method_parse(struct str token);
struct str method_name(enum method m);
