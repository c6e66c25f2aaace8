// UDP header and checksum. Checksum fields are kept in the byte order they have in the packet.
#include "dataplane/net/udp.h"

static uint16_t udp_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

bool udp_parse(const uint8_t *p, size_t len, struct udp *out)
{
	if (len < UDP_HEADER)
		return false;
	const size_t length = udp_u16(p + 4);

	if (length < UDP_HEADER || length > len)
		return false;
	out->src_port = udp_u16(p);
	out->dst_port = udp_u16(p + 2);
	out->payload_len = (uint16_t)(length - UDP_HEADER);
	return true;
}

bool udp_checksum_ok(const struct ip_header *ip, const uint8_t *p, const struct udp *u)
{
	const uint32_t len = (uint32_t)u->payload_len + UDP_HEADER;

	if (p[6] == 0 && p[7] == 0)
		return ip->src.family == ADDR_IPV4;
	return ip_sum_fold(ip_sum(p, len, ip_pseudo_sum(&ip->src, &ip->dst, IP_UDP, len))) ==
	       0xffff;
}

uint16_t udp_checksum(const struct addr *src, const struct addr *dst, const void *p, size_t len)
{
	const uint32_t sum = ip_sum(p, len, ip_pseudo_sum(src, dst, IP_UDP, (uint32_t)len));
	const uint16_t checksum = (uint16_t)~ip_sum_fold(sum);

	return checksum != 0 ? checksum : 0xffff;
}
