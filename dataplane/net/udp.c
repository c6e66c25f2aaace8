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

static struct addr ipv4_addr(uint32_t ip, uint16_t port)
{
	struct addr a = {.port = port, .family = ADDR_IPV4};

	memcpy(a.ip, &ip, sizeof(ip));
	return a;
}

size_t udp_parse_usual(
        const uint8_t *p, size_t len, bool checksum_known, struct addr *src, struct addr *dst)
{
	const uint32_t fixed = 0xff3f0000; // more fragments, and the offset
	uint32_t word[IP_V4_HEADER / 4];
	uint64_t sum = 0;
	struct udp udp;

	if (len < IP_V4_HEADER + UDP_HEADER || p[0] != 0x45 || p[9] != IP_UDP)
		return 0;
	memcpy(word, p, sizeof(word));
	for (unsigned i = 0; i < IP_V4_HEADER / 4; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	const size_t total = udp_u16(p + 2);
	if ((word[1] & fixed) != 0 || total < IP_V4_HEADER || total > len ||
	        (!checksum_known && ip_sum_fold((uint32_t)sum) != 0xffff) ||
	        !udp_parse(p + IP_V4_HEADER, total - IP_V4_HEADER, &udp))
		return 0;
	*src = ipv4_addr(word[3], udp.src_port);
	*dst = ipv4_addr(word[4], udp.dst_port);
	return (size_t)udp.payload_len + UDP_HEADER;
}

bool udp_checksum_ok(const struct addr *src, const struct addr *dst, const uint8_t *p, size_t len)
{
	if (p[6] == 0 && p[7] == 0)
		return src->family == ADDR_IPV4;
	return ip_sum_fold(ip_upper_sum(src, dst, IP_UDP, p, len)) == 0xffff;
}

uint16_t udp_checksum(const struct addr *src, const struct addr *dst, const void *p, size_t len)
{
	const uint16_t checksum = (uint16_t)~ip_sum_fold(ip_upper_sum(src, dst, IP_UDP, p, len));

	return checksum != 0 ? checksum : 0xffff;
}
