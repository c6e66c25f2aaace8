// Nonces: 5 bytes of time, 3 of salt, 8 of tag, in big endian.
#include "dataplane/sip/nonce.h"

enum { SALT_BITS = 24 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint64_t make_tag(struct hash_key key, uint64_t front, const struct addr *a)
{
	struct hash_state h;

	hash_start_24(&h, key);
	hash_add(&h, "nonce", 5);
	hash_add(&h, &front, sizeof(front));
	hash_add(&h, a, sizeof(*a));
	return hash_end(&h);
}

// 128 bits as digits of 6, the last with 4 bits of nothing: ten, one of both halves, ten, one.
void nonce_write(
        struct hash_key key, uint64_t time_ms, uint32_t salt, const struct addr *to, char *out)
{
	const uint64_t front = time_ms << SALT_BITS | (salt & ((1u << SALT_BITS) - 1));
	const uint64_t tag = make_tag(key, front, to);

	for (unsigned i = 0; i < 10; i++) {
		out[i] = alphabet[front >> (58 - 6 * i) & 63];
		out[11 + i] = alphabet[tag >> (56 - 6 * i) & 63];
	}
	out[10] = alphabet[(front & 15) << 2 | tag >> 62];
	out[21] = alphabet[(tag & 3) << 4];
}

// Value of a digit, 64 when it is none.
// clang-format off
static const uint8_t digit_value[256] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
	64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
};
// clang-format on

bool nonce_read(struct hash_key key, struct str text, const struct addr *from, struct nonce *out)
{
	uint64_t front = 0, tag = 0;
	unsigned digit[NONCE_LEN], all = 0;

	if (text.len != NONCE_LEN)
		return false;
	for (unsigned i = 0; i < NONCE_LEN; i++) {
		digit[i] = digit_value[(uint8_t)text.p[i]];
		all |= digit[i];
	}
	if (all > 63 || (digit[21] & 15) != 0)
		return false;
	for (unsigned i = 0; i < 10; i++) {
		front = front << 6 | digit[i];
		tag = tag << 6 | digit[11 + i];
	}
	front = front << 4 | digit[10] >> 2;
	tag = (uint64_t)(digit[10] & 3) << 62 | tag << 2 | digit[21] >> 4;
	if (make_tag(key, front, from) != tag)
		return false;
	*out = (struct nonce){.time_ms = front >> SALT_BITS,
	        .salt = (uint32_t)front & ((1u << SALT_BITS) - 1),
	        .tag = tag};
	return true;
}
