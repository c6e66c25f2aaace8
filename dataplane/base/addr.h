// IP addresses with a port: the form every table, message and ring uses.
#pragma once

#include "dataplane/base/str.h"

enum addr_family {
	ADDR_NONE = 0,
	ADDR_IPV4 = 4,
	ADDR_IPV6 = 6,
};

// Flat and comparable with memcmp: unused bytes are zero. ip is in network order (IPv4 in the first
// four bytes), port in host order, 0 = not given.
struct addr {
	uint8_t ip[16];
	uint16_t port;
	uint8_t family;
	uint8_t reserved;
};

enum { ADDR_TEXT_MAX = 56 }; // "[ffff:...:255.255.255.255]:65535" and NUL

static inline bool addr_eq_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static inline bool addr_eq(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline size_t addr_ip_len(const struct addr *a)
{
	return a->family == ADDR_IPV4 ? 4 : 16;
}

// An IPv4 dotted quad (four decimals, no leading zeros, no inet_aton forms), or an IPv6 address
// without brackets (RFC 4291 §2.2; no zone id; RFC 5118 §4.10's third colon tolerated).
// Sets family and ip, port 0. Returns false and leaves *out alone when it is neither.
bool addr_parse_ip(struct str s, struct addr *out);

// The same for IPv4 alone.
bool addr_parse_ipv4(struct str s, struct addr *out);

// "IP", "IP:PORT", "[IPv6]" or "[IPv6]:PORT". Port 1..65535; missing = 0.
bool addr_parse(struct str s, struct addr *out);

// Text without port, IPv6 without brackets (as in received=), lower case, RFC 5952.
// Writes at most ADDR_TEXT_MAX bytes with NUL, returns the length.
size_t addr_format_ip(const struct addr *a, char *text);

// "IP", or "[IPv6]", with ":PORT" when the port is not 0 (as in a SIP host part).
size_t addr_format(const struct addr *a, char *text);

// Where nothing may be sent to and nothing comes from: unspecified, broadcast, multicast, loopback,
// 0/8, 240/4 (RELIABILITY A10, A12).
bool addr_is_unicast(const struct addr *a);

// Addresses that mean something inside a network only: RFC 1918, RFC 6598, RFC 4193, link-local.
bool addr_is_private(const struct addr *a);
