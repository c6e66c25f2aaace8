// Ethernet II with at most one IEEE 802.1Q tag.
#pragma once

#include "dataplane/base/str.h"

enum { ETH_HEADER = 14, ETH_TAG = 4, ETH_HEADER_MAX = ETH_HEADER + ETH_TAG };
enum eth_type { ETH_IPV4 = 0x0800, ETH_IPV6 = 0x86dd, ETH_8021Q = 0x8100, ETH_8021AD = 0x88a8 };

struct eth {
	const uint8_t *dst, *src;
	uint16_t type; // after the tag
	uint16_t vlan; // 0 = untagged (or only a priority tag)
	uint16_t header_len;
};

// False when the frame ends inside the header. A frame with a second tag keeps that tag's type: it
// is none of ours.
bool eth_parse(const uint8_t *frame, size_t len, struct eth *out);

// Whether the frame, of at least ETH_HEADER bytes, carries IPv4 without a tag.
static inline bool eth_is_ipv4(const uint8_t *frame)
{
	return frame[12] == ETH_IPV4 >> 8 && frame[13] == (ETH_IPV4 & 0xff);
}

// Writes the header that ends before `end`, returns its first byte. ETH_HEADER_MAX bytes of room.
uint8_t *eth_write(
        uint8_t *end, const uint8_t *dst, const uint8_t *src, uint16_t vlan, uint16_t type);
