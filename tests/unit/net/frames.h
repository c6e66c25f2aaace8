// Frames for tests, made byte by byte without the code under test.
#pragma once

#include "dataplane/base/addr.h"

enum { FRAMES_MAX = 9000 };

struct frame {
	size_t len;
	uint8_t byte[FRAMES_MAX];
};

static inline void frame_put(struct frame *f, const void *p, size_t n)
{
	memcpy(f->byte + f->len, p, n);
	f->len += n;
}

static inline void frame_put16(struct frame *f, unsigned v)
{
	const uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	frame_put(f, b, 2);
}

// RFC 1071, the plain way.
static inline uint16_t frame_sum(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline struct addr frame_addr(const char *text)
{
	struct addr a = {0};

	addr_parse(str_of(text), &a);
	return a;
}

static inline void frame_ethernet(
        struct frame *f, const uint8_t *dst, const uint8_t *src, unsigned vlan, unsigned type)
{
	frame_put(f, dst, 6);
	frame_put(f, src, 6);
	if (vlan != 0) {
		frame_put16(f, 0x8100);
		frame_put16(f, vlan);
	}
	frame_put16(f, type);
}

// IPv4 header of a packet that carries n bytes; `fragment` = flags and offset field.
static inline void frame_ipv4(struct frame *f, const struct addr *src, const struct addr *dst,
        unsigned n, unsigned fragment)
{
	const size_t at = f->len;

	frame_put16(f, 0x4500);
	frame_put16(f, 20 + n);
	frame_put16(f, 0x1234);
	frame_put16(f, fragment);
	frame_put16(f, 0x4011); // TTL 64, UDP
	frame_put16(f, 0);
	frame_put(f, src->ip, 4);
	frame_put(f, dst->ip, 4);
	const uint16_t sum = (uint16_t)~frame_sum(f->byte + at, 20, 0);
	f->byte[at + 10] = (uint8_t)(sum >> 8);
	f->byte[at + 11] = (uint8_t)sum;
}

static inline void frame_ipv6(
        struct frame *f, const struct addr *src, const struct addr *dst, unsigned n, unsigned next)
{
	frame_put16(f, 0x6000);
	frame_put16(f, 0);
	frame_put16(f, n);
	frame_put16(f, next << 8 | 64);
	frame_put(f, src->ip, 16);
	frame_put(f, dst->ip, 16);
}

// UDP header and payload with a right checksum.
static inline void frame_udp(struct frame *f, const struct addr *src, const struct addr *dst,
        const void *text, unsigned n)
{
	const size_t at = f->len, ip = src->family == ADDR_IPV4 ? 4 : 16;
	uint32_t sum;

	frame_put16(f, src->port);
	frame_put16(f, dst->port);
	frame_put16(f, n + 8);
	frame_put16(f, 0);
	frame_put(f, text, n);
	sum = frame_sum(src->ip, ip, 17 + n + 8);
	sum = frame_sum(dst->ip, ip, sum);
	sum = (uint16_t)~frame_sum(f->byte + at, n + 8, sum);
	f->byte[at + 6] = (uint8_t)(sum >> 8);
	f->byte[at + 7] = (uint8_t)sum;
}
