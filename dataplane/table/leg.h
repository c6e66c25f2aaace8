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

// Writes it to `at`, which has room for the longest, and returns its end.
static inline char *leg_put_sent_by(char *at, const struct leg *l)
{
	memcpy(at, l->sent_by, sizeof(l->sent_by));
	return at + l->sent_by_len;
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

// Bits of table_view.leg_hosts: of an address, and of a name by its ends and length.
static inline unsigned leg_host_bit(uint64_t mix)
{
	_Static_assert(TABLE_HOSTS == 512, "a bit is the top nine");
	return (unsigned)(mix * 0x9e3779b97f4a7c15u >> 55);
}

static inline unsigned leg_address_bit(const struct addr *a)
{
	uint64_t half[2];

	memcpy(half, a->ip, sizeof(half));
	return leg_host_bit(half[0] ^ (half[1] << 29 | half[1] >> 35));
}

static inline unsigned leg_name_bit(struct str name)
{
	const uint64_t first = (uint8_t)(name.p[0] | 0x20);
	const uint64_t last = (uint8_t)(name.p[name.len - 1] | 0x20);

	return leg_host_bit(name.len << 16 | first << 8 | last);
}

// Sets the bits, in a view whose rows are checked.
void leg_hosts_fill(struct table_view *v);

static inline bool leg_host_may_be(const struct table_view *v, unsigned bit)
{
	return (v->leg_hosts[bit / 64] >> bit % 64 & 1) != 0;
}

// Whether host:port (port 0 = the transport's default) is one of our legs' addresses or sent-by:
// how own Route, own Request-URI and own Via are known. `host` is host_text as an address (its port
// is not looked at), of family ADDR_NONE for a name; host_text may be empty beside an address, else
// it is matched with sent-by too (IPv6 with or without brackets). *leg (may be NULL) is set, to the
// one with that address before those with that sent-by; TRANSPORT_NONE matches every transport.
bool leg_own_row(const struct table_view *v, const struct addr *host, struct str host_text,
        uint16_t port, uint8_t transport, const struct leg **leg);
static inline bool leg_is_own(const struct table_view *v, const struct addr *host,
        struct str host_text, uint16_t port, uint8_t transport, const struct leg **leg)
{
	if (host->family == ADDR_NONE && host_text.len == 0)
		return false;
	return leg_host_may_be(v, host->family != ADDR_NONE ? leg_address_bit(host)
	                                                    : leg_name_bit(host_text)) &&
	       leg_own_row(v, host, host_text, port, transport, leg);
}

// Whether it is the IP address of a leg.
bool leg_ip_row(const struct table_view *v, const struct addr *ip);
static inline bool leg_has_ip(const struct table_view *v, const struct addr *ip)
{
	return leg_host_may_be(v, leg_address_bit(ip)) && leg_ip_row(v, ip);
}

static inline uint16_t leg_index(const struct table_view *v, const struct leg *l)
{
	return (uint16_t)(l - (const struct leg *)v->rows[TABLE_LEGS]);
}
