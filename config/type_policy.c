// The types of policy settings: networks and ports.
#include "config/type.h"

bool type_network(struct str word, struct addr *out, unsigned *len)
{
	size_t slash = str_find(word, '/');
	struct addr a;
	uint64_t bits;

	if (!addr_parse_ip(str_head(word, slash), &a))
		return false;
	bits = addr_ip_len(&a) * 8;
	if (slash < word.len && !str_decimal(str_skip(word, slash + 1), bits, &bits))
		return false;
	for (size_t bit = bits; bit < addr_ip_len(&a) * 8; bit++)
		a.ip[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	*out = a;
	*len = (unsigned)bits;
	return true;
}

bool type_ports(struct str word, uint16_t *first, uint16_t *last)
{
	size_t dash = str_find(word, '-');
	uint64_t low, high;

	if (!str_decimal(str_head(word, dash), UINT16_MAX, &low))
		return false;
	high = low;
	if (dash < word.len && !str_decimal(str_skip(word, dash + 1), UINT16_MAX, &high))
		return false;
	*first = (uint16_t)low;
	*last = (uint16_t)high;
	return low <= high;
}
