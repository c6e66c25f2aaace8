// Marks as text: eight digits at a time in a 64-bit word.
#include "dataplane/generator/mark.h"

static const uint64_t mark_bytes = 0x0101010101010101;

uint64_t mark_hex(uint32_t n)
{
	uint64_t x = __builtin_bswap32(n); // the highest byte is written first

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x >> 4 | x << 8) & 0x0f0f0f0f0f0f0f0f;
	const uint64_t letter = (x + 6 * mark_bytes) >> 4 & mark_bytes;

	return x + '0' * mark_bytes + letter * ('a' - '0' - 10);
}

static uint32_t mark_unhex(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	x = (x & 15 * mark_bytes) + 9 * (x >> 6 & mark_bytes);
	x = (x << 4 | x >> 8) & 0x00ff00ff00ff00ff;
	x = (x | x >> 8) & 0x0000ffff0000ffff;
	x = x | x >> 16;
	return __builtin_bswap32((uint32_t)x);
}

uint64_t mark_decimal(char first, uint32_t n)
{
	const uint64_t halves = n / 10000 | (uint64_t)(n % 10000) << 32;
	const uint64_t hundreds = halves * 10486 >> 20 & 0x0000007f0000007f;
	const uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
	const uint64_t tens = pairs * 103 >> 10 & 0x000f000f000f000f;
	const uint64_t digits = tens | (pairs - 10 * tens) << 8;

	return ((digits + '0' * mark_bytes) & ~(uint64_t)0xff) | (uint8_t)first;
}

// Not for secrets: that nothing but our own, unaltered marks pass by chance.
static uint64_t mark_check(uint64_t what, uint64_t tsc, uint32_t call, uint64_t key)
{
	uint64_t h = (what ^ key) * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 32 ^ tsc << 24 ^ call) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 29 ^ key) * UINT64_C(0x94d049bb133111eb);
	return h >> 40;
}

void mark_digits(const struct mark *m, uint64_t key, uint64_t out[5])
{
	const uint64_t what = m->sequence << 24 | (uint64_t)(m->kind & 15) << 20 |
	                      (uint64_t)(m->worker & 15) << 16 | m->index;
	const uint64_t tsc = m->tsc & (((uint64_t)1 << 40) - 1);
	const uint64_t when = tsc << 24 | mark_check(what, tsc, m->call, key);

	out[0] = mark_hex((uint32_t)(what >> 32));
	out[1] = mark_hex((uint32_t)what);
	out[2] = mark_hex((uint32_t)(when >> 32));
	out[3] = mark_hex((uint32_t)when);
	out[4] = mark_hex(m->call);
}

bool mark_read(const char *p, uint64_t key, struct mark *out)
{
	const uint64_t what = (uint64_t)mark_unhex(p + 1) << 32 | mark_unhex(p + 9);
	const uint64_t when = (uint64_t)mark_unhex(p + 17) << 32 | mark_unhex(p + 25);

	*out = (struct mark){.sequence = what >> 24,
	        .tsc = when >> 24,
	        .call = mark_unhex(p + 33),
	        .index = (uint16_t)what,
	        .kind = what >> 20 & 15,
	        .worker = what >> 16 & 15};
	return p[0] == MARK_CHAR && mark_check(what, out->tsc, out->call, key) == (when & 0xffffff);
}
