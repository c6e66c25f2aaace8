// Legs: our local SIP addresses (the term is Net::SIP's).
#pragma once

#include "dataplane/table/table.h"

enum { LEGS_MAX = 64, LEG_SLOTS = 256, LEG_NONE = 0xffff };

enum leg_flag {
	LEG_RECORD_ROUTE = 1, // stay in the path of dialogs (default)
	// contact-rewrite on: Contacts that came in by this leg are hidden when they leave by
	// another one, the original sealed in a URI parameter
	LEG_CONTACT_PARAM = 2,
	LEG_CONTACT_USER = 4, // contact-rewrite user: sealed in the user part instead
	LEG_LOOP_DETECT = 8,  // 482 (RFC 3261 §16.3 step 4)
	LEG_TRUSTED = 16,
	LEG_AUTH_REGISTER = 32,     // REGISTER for our domains needs a password
	LEG_AUTH_ALL = 64,          // every request does
	LEG_OVERLOAD_CONTROL = 128, // clients there are told our load (RFC 7339)
	LEG_STRIP_IN = 1024,        // identities asserted by this side are taken out
	LEG_STRIP_OUT = 2048,       // it sees none that others assert
};

struct leg {
	char name[32];
	uint16_t id;       // leg_id(name): the same on every node, after every commit
	uint8_t port;      // index into setup.port
	uint8_t transport; // enum transport
	uint16_t vlan;     // 0 = untagged
	uint16_t flags;    // enum leg_flag
	uint8_t dscp;      // of packets sent
	uint8_t sent_by_len;
	uint8_t max_breadth; // most of a request that came in (RFC 5393), 0 = not looked at
	uint8_t reserved;
	struct addr local;
	char sent_by[64]; // host:port as it stands in Via, Record-Route and Contact
};

static inline struct str leg_sent_by(const struct leg *l)
{
	return (struct str){l->sent_by, l->sent_by_len};
}

// Stable id of a name.
uint16_t leg_id(struct str name);
// -1 when full, the name's id collides with another leg's, or (port, vlan, local, transport) is
// taken.
int leg_add(struct table_builder *b, const struct leg *l, struct error *e);
bool leg_check(const struct table_view *v, struct error *e);

// The leg with that local address (ip, port, transport), or NULL; what arrives on another port or
// vlan than the leg's is not for it.
const struct leg *leg_at(const struct table_view *v, uint8_t port, uint16_t vlan,
        const struct addr *local, uint8_t transport);
// By id, or NULL.
const struct leg *leg_by_id(const struct table_view *v, uint16_t id);
// Whether host:port (port 0 = the transport's default) is one of our legs' addresses or sent-by:
// how own Route, own Request-URI and own Via are known. *leg (may be NULL) is set. host's port is
// not looked at. host_text is matched with sent-by where host is no leg's address (IPv6 with or
// without brackets); TRANSPORT_NONE matches every transport.
bool leg_is_own(const struct table_view *v, const struct addr *host, struct str host_text,
        uint16_t port, uint8_t transport, const struct leg **leg);
static inline uint16_t leg_index(const struct table_view *v, const struct leg *l)
{
	return (uint16_t)(l - (const struct leg *)v->rows[TABLE_LEGS]);
}
