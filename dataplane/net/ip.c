// IPv4 and IPv6 headers, read and written byte by byte: no alignment is assumed. Never looks past
// the length given.
#include "dataplane/net/ip.h"

#include "dataplane/net/sum.h"

enum extension {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_DESTINATION = 60,
};

// of IPv4
enum option {
	OPTION_END = 0,
	OPTION_NOTHING = 1,
	OPTION_LOOSE_ROUTE = 0x83,
	OPTION_STRICT_ROUTE = 0x89,
};

static uint16_t ip_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void ip_put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

uint32_t ip_sum(const void *p, size_t len, uint32_t sum)
{
	return sum + sum_end(sum_bytes(sum_start(), p, len), sum_steps(len));
}

uint16_t ip_sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

// What a pseudo header has beside its addresses.
static uint32_t pseudo_rest(uint8_t protocol, uint32_t len)
{
	return __builtin_bswap16((uint16_t)(len >> 16)) + __builtin_bswap16((uint16_t)len) +
	       ((uint32_t)protocol << 8);
}

uint32_t ip_pseudo_sum(
        const struct addr *src, const struct addr *dst, uint8_t protocol, uint32_t len)
{
	return sum_end(sum_add(sum_start(), sum_pair(src->ip, dst->ip)), 1) +
	       pseudo_rest(protocol, len);
}

uint32_t ip_upper_sum(
        const struct addr *src, const struct addr *dst, uint8_t protocol, const void *p, size_t len)
{
	const struct sum s = sum_add(sum_start(), sum_pair(src->ip, dst->ip));

	return sum_end(sum_bytes(s, p, len), 1 + sum_steps(len)) +
	       pseudo_rest(protocol, (uint32_t)len);
}

static void ip_addr(struct addr *a, uint8_t family, const uint8_t *p)
{
	*a = (struct addr){.family = family};
	memcpy(a->ip, p, family == ADDR_IPV4 ? 4 : 16);
}

// False when an option runs out of the header, or is a source route: the sender says there which
// way the answer takes, and who it seems to come from (RFC 7126 §4.3, §4.4).
static bool ip_options_ok(const uint8_t *p, size_t len)
{
	for (size_t at = 0; at < len && p[at] != OPTION_END;) {
		if (p[at] == OPTION_NOTHING) {
			at++;
			continue;
		}
		if (p[at] == OPTION_LOOSE_ROUTE || p[at] == OPTION_STRICT_ROUTE || len - at < 2 ||
		        p[at + 1] < 2 || p[at + 1] > len - at)
			return false;
		at += p[at + 1];
	}
	return true;
}

static enum ip_result ip_parse_v4(
        const uint8_t *p, size_t len, bool checksum_known, struct ip_header *out)
{
	if (len < IP_V4_HEADER)
		return IP_BAD;
	const size_t header = (size_t)(p[0] & 0x0f) * 4;
	const size_t total = ip_u16(p + 2);
	const uint16_t fragment = ip_u16(p + 6);

	ip_addr(&out->src, ADDR_IPV4, p + 12);
	ip_addr(&out->dst, ADDR_IPV4, p + 16);
	out->protocol = p[9];
	out->fragment_offset = (uint16_t)((fragment & 0x1fff) * 8);
	out->fragment_more = (fragment & 0x2000) != 0;
	out->fragment = out->fragment_more || out->fragment_offset != 0;
	out->fragment_id = ip_u16(p + 4);
	if (header < IP_V4_HEADER || total < header || total > len)
		return IP_BAD;
	if (!checksum_known && ip_sum_fold(ip_sum(p, header, 0)) != 0xffff)
		return IP_BAD;
	if (header > IP_V4_HEADER && !ip_options_ok(p + IP_V4_HEADER, header - IP_V4_HEADER))
		return IP_BAD;
	out->header_len = (uint16_t)header;
	out->payload_len = (uint16_t)(total - header);
	return IP_OK;
}

// Looks at one extension header of type *next at p + *at; moves both on.
static enum ip_result ip_extension(
        const uint8_t *p, size_t total, uint8_t *next, size_t *at, struct ip_header *out)
{
	const uint8_t *h = p + *at;

	if (total - *at < 8)
		return IP_BAD;
	const size_t size = *next == EXTENSION_FRAGMENT ? IP_V6_FRAGMENT : 8 * ((size_t)h[1] + 1);

	if (size > total - *at)
		return IP_BAD;
	if (*next == EXTENSION_ROUTING && h[2] == 0)
		return IP_BAD; // RFC 5095
	if (*next == EXTENSION_ROUTING && h[3] != 0)
		return IP_OTHER;
	if (*next == EXTENSION_FRAGMENT) {
		out->fragment_offset = ip_u16(h + 2) & 0xfff8;
		out->fragment_more = (h[3] & 1) != 0;
		// An atomic fragment (RFC 6946) is a whole packet.
		out->fragment = out->fragment_more || out->fragment_offset != 0;
		out->fragment_id = (uint32_t)ip_u16(h + 4) << 16 | ip_u16(h + 6);
	}
	*next = h[0];
	*at += size;
	return IP_OK;
}

static bool is_extension(uint8_t next)
{
	return next == EXTENSION_ROUTING || next == EXTENSION_FRAGMENT ||
	       next == EXTENSION_DESTINATION || next == EXTENSION_HOP_BY_HOP;
}

bool ip_is_extension(const struct ip_header *h)
{
	return h->dst.family == ADDR_IPV6 && is_extension(h->protocol);
}

static enum ip_result ip_parse_v6(const uint8_t *p, size_t len, struct ip_header *out)
{
	if (len < IP_V6_HEADER)
		return IP_BAD;
	const size_t total = IP_V6_HEADER + (size_t)ip_u16(p + 4);
	size_t at = IP_V6_HEADER;
	uint8_t next = p[6];

	ip_addr(&out->src, ADDR_IPV6, p + 8);
	ip_addr(&out->dst, ADDR_IPV6, p + 24);
	out->protocol = next;
	if (total > len)
		return IP_BAD;
	for (unsigned n = 0; !out->fragment; n++) {
		if (!is_extension(next))
			break;
		if (n == IP_EXTENSIONS_MAX || (next == EXTENSION_HOP_BY_HOP && n > 0))
			return IP_BAD;
		const enum ip_result r = ip_extension(p, total, &next, &at, out);
		if (r != IP_OK)
			return r;
		out->protocol = next;
	}
	out->header_len = (uint16_t)at;
	out->payload_len = (uint16_t)(total - at);
	return IP_OK;
}

enum ip_result ip_parse(const uint8_t *p, size_t len, bool checksum_known, struct ip_header *out)
{
	*out = (struct ip_header){0};
	if (len == 0)
		return IP_BAD;
	if (p[0] >> 4 == 4)
		return ip_parse_v4(p, len, checksum_known, out);
	if (p[0] >> 4 == 6)
		return ip_parse_v6(p, len, out);
	return IP_BAD;
}

static uint8_t *ip_write_v4(uint8_t *end, const struct ip_out *o)
{
	uint8_t *p = end - IP_V4_HEADER;

	p[0] = 0x45;
	p[1] = (uint8_t)(o->dscp << 2);
	ip_put16(p + 2, IP_V4_HEADER + (unsigned)o->payload_len);
	ip_put16(p + 4, o->id);
	ip_put16(p + 6, (o->more ? 0x2000u : 0) | o->offset / 8u);
	p[8] = 64;
	p[9] = o->protocol;
	ip_put16(p + 10, 0);
	memcpy(p + 12, o->src->ip, 4);
	memcpy(p + 16, o->dst->ip, 4);
	if (o->checksum) {
		const uint16_t sum = (uint16_t)~ip_sum_fold(ip_sum(p, IP_V4_HEADER, 0));
		memcpy(p + 10, &sum, 2);
	}
	return p;
}

static uint8_t *ip_write_v6(uint8_t *end, const struct ip_out *o)
{
	uint8_t *h = end - IP_V6_FRAGMENT;
	uint8_t *p = end - ip_header_len(ADDR_IPV6, o->fragment);

	if (o->fragment) {
		h[0] = o->protocol;
		h[1] = 0;
		ip_put16(h + 2, o->offset | (o->more ? 1u : 0));
		ip_put16(h + 4, o->id >> 16);
		ip_put16(h + 6, o->id);
	}
	p[0] = (uint8_t)(0x60 | o->dscp >> 2);
	p[1] = (uint8_t)(o->dscp << 6);
	ip_put16(p + 2, 0);
	ip_put16(p + 4, (unsigned)o->payload_len + (o->fragment ? IP_V6_FRAGMENT : 0));
	p[6] = o->fragment ? EXTENSION_FRAGMENT : o->protocol;
	p[7] = 64;
	memcpy(p + 8, o->src->ip, 16);
	memcpy(p + 24, o->dst->ip, 16);
	return p;
}

uint8_t *ip_write(uint8_t *end, const struct ip_out *o)
{
	return o->dst->family == ADDR_IPV4 ? ip_write_v4(end, o) : ip_write_v6(end, o);
}
