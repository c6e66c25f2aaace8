// IPv4 (options skipped) and IPv6 (extension headers walked, RFC 8200 §4) headers.
#pragma once

#include "dataplane/base/addr.h"

enum { IP_V4_HEADER = 20, IP_V6_HEADER = 40, IP_V6_FRAGMENT = 8, IP_EXTENSIONS_MAX = 8 };
enum ip_protocol { IP_UDP = 17 };

enum ip_result {
	IP_OK,
	IP_BAD,   // version, lengths, checksum, options, source routes, extension headers
	IP_OTHER, // sound, but not for a UDP reader: other headers, a routing header with hops left
};

struct ip_header {
	struct addr src, dst; // port 0; family ADDR_NONE when the header is too short to say
	uint8_t protocol;     // of the payload; of the first fragment's, for fragments
	uint16_t header_len;  // up to the payload, extension headers included
	uint16_t payload_len; // by the header, link padding excluded
	bool fragment;
	bool fragment_more;
	uint16_t fragment_offset; // bytes
	uint32_t fragment_id;
};

// Looks at the packet at p. `checksum_known` = the device already found the IPv4 header checksum
// right. On IP_BAD whatever was understood before the fault is filled in.
enum ip_result ip_parse(const uint8_t *p, size_t len, bool checksum_known, struct ip_header *out);

// Whether `protocol` is an IPv6 extension header ip_parse walks: on IP_BAD, what it carries is not
// known.
bool ip_is_extension(const struct ip_header *h);

// One's complement sum (RFC 1071) of the pseudo header of an upper layer packet of len bytes, and
// of that and the packet, of at most 65535 bytes.
uint32_t ip_pseudo_sum(
        const struct addr *src, const struct addr *dst, uint8_t protocol, uint32_t len);
uint32_t ip_upper_sum(const struct addr *src, const struct addr *dst, uint8_t protocol,
        const void *p, size_t len);
// One's complement sum of at most 65535 bytes, to go on with `sum` (below 1 << 30); folded to 16
// bits by ip_sum_fold.
uint32_t ip_sum(const void *p, size_t len, uint32_t sum);
uint16_t ip_sum_fold(uint32_t sum);

// What to write. `more` and `offset` for fragments (id then must be unique per src, dst).
struct ip_out {
	const struct addr *src, *dst;
	uint8_t protocol;
	uint8_t dscp;
	bool fragment, more;
	uint16_t offset;
	uint32_t id;
	uint16_t payload_len;
	bool checksum; // IPv4: write it (false = the device will)
};
// Bytes of the headers ip_write puts.
static inline uint16_t ip_header_len(uint8_t family, bool fragment)
{
	if (family == ADDR_IPV4)
		return IP_V4_HEADER;
	return fragment ? IP_V6_HEADER + IP_V6_FRAGMENT : IP_V6_HEADER;
}
// Writes the headers that end before `end`, returns their first byte. TTL 64, DF clear.
uint8_t *ip_write(uint8_t *end, const struct ip_out *o);
