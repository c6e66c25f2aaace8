// CSeq (RFC 3261 §20.16): "1*DIGIT LWS Method", number < 2^31 (§8.1.1.5).
#pragma once

#include "dataplane/sip/method.h"

struct cseq {
	uint32_t number;
	struct str method_name;
	enum method method;
};

bool cseq_parse(struct str value, struct cseq *out);
