// Answers STUN binding requests (RFC 5389 §7.3.1): header, XOR-MAPPED-ADDRESS, FINGERPRINT.
#include "dataplane/stun.h"

enum {
	STUN_HEADER = 20,
	STUN_BINDING_REQUEST = 0x0001,
	STUN_BINDING_SUCCESS = 0x0101,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_FINGERPRINT = 0x8028,
	STUN_FINGERPRINT_BYTES = 8,
};

static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

// CRC-32 of ITU V.42, bit by bit: keepalives are rare and short.
static uint32_t crc32(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320 & (0 - (crc & 1)));
	}
	return ~crc;
}

// Length of a whole request's attributes is right; *fingerprint says whether the last is a
// FINGERPRINT.
static bool attributes_ok(const uint8_t *p, size_t len, bool *fingerprint)
{
	size_t at = STUN_HEADER;

	*fingerprint = false;
	while (at < len) {
		if (len - at < 4)
			return false;
		unsigned type = get16(p + at);
		size_t size = 4 + ((get16(p + at + 2) + 3u) & ~3u);
		if (size > len - at)
			return false;
		*fingerprint = type == STUN_FINGERPRINT && size == STUN_FINGERPRINT_BYTES;
		at += size;
	}
	return true;
}

static bool fingerprint_ok(const uint8_t *p, size_t len)
{
	uint8_t want[4];

	put32(want, crc32(p, len - STUN_FINGERPRINT_BYTES) ^ 0x5354554e);
	return memcmp(want, p + len - 4, 4) == 0;
}

bool stun_is_request(struct str datagram)
{
	const uint8_t *p = (const uint8_t *)datagram.p;
	bool fingerprint;

	return datagram.len >= STUN_HEADER && get16(p) == STUN_BINDING_REQUEST &&
	       memcmp(p + 4, cookie, sizeof(cookie)) == 0 &&
	       get16(p + 2) == datagram.len - STUN_HEADER &&
	       attributes_ok(p, datagram.len, &fingerprint) &&
	       (!fingerprint || fingerprint_ok(p, datagram.len));
}

size_t stun_answer(struct str request, const struct addr *src, char *out, size_t room)
{
	const uint8_t *in = (const uint8_t *)request.p;
	size_t ip_len = addr_ip_len(src), n = STUN_HEADER + 8 + ip_len;
	uint8_t *p = (uint8_t *)out;
	bool fingerprint;

	attributes_ok(in, request.len, &fingerprint);
	if (room < n + (fingerprint ? STUN_FINGERPRINT_BYTES : 0))
		return 0;
	put16(p, STUN_BINDING_SUCCESS);
	put16(p + 2, (unsigned)(n - STUN_HEADER + (fingerprint ? STUN_FINGERPRINT_BYTES : 0)));
	memcpy(p + 4, in + 4, 16); // cookie and transaction id
	put16(p + 20, STUN_XOR_MAPPED_ADDRESS);
	put16(p + 22, (unsigned)(4 + ip_len));
	p[24] = 0;
	p[25] = src->family == ADDR_IPV4 ? 1 : 2;
	put16(p + 26, src->port ^ (unsigned)get16(cookie));
	for (size_t i = 0; i < ip_len; i++)
		p[28 + i] = src->ip[i] ^ in[4 + i];
	if (fingerprint) {
		put16(p + n, STUN_FINGERPRINT);
		put16(p + n + 2, 4);
		put32(p + n + 4, crc32(p, n) ^ 0x5354554e);
		n += STUN_FINGERPRINT_BYTES;
	}
	return n;
}
