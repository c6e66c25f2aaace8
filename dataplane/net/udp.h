// UDP (RFC 768; checksum rules of RFC 8200 §8.1).
#pragma once

#include "dataplane/net/ip.h"

enum { UDP_HEADER = 8 };

struct udp {
	uint16_t src_port, dst_port;
	uint16_t payload_len; // by the UDP length, which may be less than the IP payload
};

// False when the datagram is shorter than a header, or its length field is < 8 or over len.
bool udp_parse(const uint8_t *p, size_t len, struct udp *out);
// The usual packet in one step: IPv4 without options or fragments, a UDP datagram in it (behind
// IP_V4_HEADER bytes), and both headers in order. The datagram's length, addresses and ports
// filled; 0 when it is anything else: what it is, ip_parse and udp_parse say.
size_t udp_parse_usual(
        const uint8_t *p, size_t len, bool checksum_known, struct addr *src, struct addr *dst);
// Whether the checksum of a datagram of len bytes is right. 0 is "none" over IPv4 and wrong over
// IPv6.
bool udp_checksum_ok(const struct addr *src, const struct addr *dst, const uint8_t *p, size_t len);
// The checksum field for a datagram of len bytes (header with a zero checksum field, payload).
uint16_t udp_checksum(const struct addr *src, const struct addr *dst, const void *p, size_t len);
