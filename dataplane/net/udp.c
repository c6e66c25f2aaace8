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

// Words as they lie in the packet: what is before comes lower.
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is the lowest");
static const uint64_t usual_mask = 0xff3f0000000000ff; // more fragments, offset; version, length
static const uint64_t usual = 0x45;

// (Whole words, so that what is written can be read back in any width at once.)
static void put_v4(struct addr *a, uint32_t ip, uint16_t port)
{
	const uint64_t half[2] = {ip, 0};

	memcpy(a->ip, half, sizeof(half));
	a->port = port;
	a->family = ADDR_IPV4;
	a->reserved = 0;
}

size_t udp_parse_usual(
        const uint8_t *p, size_t len, bool checksum_known, struct addr *src, struct addr *dst)
{
	uint64_t first, second;
	uint32_t last;
	struct udp udp;

	if (len < IP_V4_HEADER + UDP_HEADER)
		return 0;
	memcpy(&first, p, sizeof(first));
	memcpy(&second, p + sizeof(first), sizeof(second));
	memcpy(&last, p + 16, sizeof(last));
	const size_t total = __builtin_bswap16((uint16_t)(first >> 16));
	if ((first & usual_mask) != usual || p[9] != IP_UDP || total < IP_V4_HEADER || total > len)
		return 0;
	const uint64_t sum = (first & UINT32_MAX) + (first >> 32) + (second & UINT32_MAX) +
	                     (second >> 32) + last;
	if (!checksum_known &&
	        ip_sum_fold((uint32_t)((sum & UINT16_MAX) + (sum >> 16))) != UINT16_MAX)
		return 0;
	if (!udp_parse(p + IP_V4_HEADER, total - IP_V4_HEADER, &udp))
		return 0;
	put_v4(src, (uint32_t)(second >> 32), udp.src_port);
	put_v4(dst, last, udp.dst_port);
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
