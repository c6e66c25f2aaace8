// Transports of SIP: name to id and back, default ports.
#include "dataplane/sip/transport.h"

static const struct {
	struct str name;
	uint16_t port;
} rows[TRANSPORT_COUNT] = {
#define X(id, name, port) [TRANSPORT_##id] = {{name, sizeof(name) - 1}, port},
        transport_rows(X)
#undef X
};

enum transport transport_parse(struct str name)
{
	if (name.len == 0)
		return TRANSPORT_NONE;
	for (int i = TRANSPORT_NONE + 1; i < TRANSPORT_OTHER; i++) {
		if (str_eq_nocase(rows[i].name, name))
			return (enum transport)i;
	}
	return TRANSPORT_OTHER;
}

struct str transport_name(enum transport t)
{
	return rows[t].name;
}

uint16_t transport_port(enum transport t)
{
	return rows[t].port;
}
