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
// Whether the checksum is right. 0 is "none" over IPv4 and wrong over IPv6.
bool udp_checksum_ok(const struct ip_header *ip, const uint8_t *p, const struct udp *u);
// The checksum field for a datagram of len bytes (header with a zero checksum field, payload).
uint16_t udp_checksum(const struct addr *src, const struct addr *dst, const void *p, size_t len);
