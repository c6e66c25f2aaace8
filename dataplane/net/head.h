// What stands before every datagram that leaves from one address by one next hop, made once:
// Ethernet, IP and UDP headers with all that does not change, and its share of their checksums.
#pragma once

#include <rte_mbuf.h>

#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"

enum {
	HEAD_MAX = ETH_HEADER_MAX + IP_V6_HEADER + UDP_HEADER,
	HEAD_BYTES = (HEAD_MAX + 7) / 8 * 8,
};

struct head {
	uint8_t bytes[HEAD_BYTES]; // the headers end where it ends
	uint8_t family;
	uint16_t len;               // of the headers
	uint32_t ip_sum;            // IPv4's, but for destination, length and id
	uint32_t udp_sum;           // UDP's, but for destination, length and payload
	uint64_t ol_flags, offload; // of the mbuf
};

struct head_way {
	const struct addr *src; // address and port
	const uint8_t *src_mac, *dst_mac;
	uint16_t vlan;
	uint8_t dscp;
	bool device_ip, device_udp; // the device writes that checksum
};
void head_make(struct head *h, const struct head_way *way);

// Puts the headers before the UDP payload that the buffer (of one segment, with all its headroom)
// holds. `dst` is of the source's family.
void head_put(const struct head *h, struct rte_mbuf *m, const struct addr *dst, uint16_t id);
