// Ethernet II with at most one IEEE 802.1Q tag.
#include "dataplane/net/eth.h"

static uint16_t eth_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

bool eth_parse(const uint8_t *frame, size_t len, struct eth *out)
{
	if (len < ETH_HEADER)
		return false;
	*out = (struct eth){.dst = frame,
	        .src = frame + 6,
	        .type = eth_u16(frame + 12),
	        .header_len = ETH_HEADER};
	if (out->type != ETH_8021Q)
		return true;
	if (len < ETH_HEADER_MAX)
		return false;
	out->vlan = eth_u16(frame + 14) & 0x0fff;
	out->type = eth_u16(frame + 16);
	out->header_len = ETH_HEADER_MAX;
	return true;
}

uint8_t *eth_write(
        uint8_t *end, const uint8_t *dst, const uint8_t *src, uint16_t vlan, uint16_t type)
{
	uint8_t *p = end - (vlan != 0 ? ETH_HEADER_MAX : ETH_HEADER);

	memcpy(p, dst, 6);
	memcpy(p + 6, src, 6);
	if (vlan != 0) {
		p[12] = ETH_8021Q >> 8;
		p[13] = ETH_8021Q & 0xff;
		p[14] = (uint8_t)(vlan >> 8 & 0x0f);
		p[15] = (uint8_t)vlan;
	}
	end[-2] = (uint8_t)(type >> 8);
	end[-1] = (uint8_t)type;
	return p;
}
