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

void nonce_write(
        struct hash_key key, uint64_t time_ms, uint32_t salt, const struct addr *to, char *out)
{
	uint64_t front = time_ms << SALT_BITS | (salt & ((1u << SALT_BITS) - 1));
	uint64_t half[2] = {front, make_tag(key, front, to)};

	for (unsigned i = 0; i < NONCE_LEN; i++) {
		unsigned digit = 0;

		for (unsigned bit = 6 * i; bit < 6 * i + 6; bit++)
			digit = digit << 1 |
			        (bit < 128 ? (unsigned)(half[bit / 64] >> (63 - bit % 64)) & 1 : 0);
		out[i] = alphabet[digit];
	}
}

// Value of a digit, 64 when it is none.
static unsigned digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (char_is_digit(c))
		return (unsigned)(c - '0') + 52;
	return c == '-' ? 62 : c == '_' ? 63 : 64;
}

bool nonce_read(struct hash_key key, struct str text, const struct addr *from, struct nonce *out)
{
	uint64_t half[2] = {0, 0};

	if (text.len != NONCE_LEN)
		return false;
	for (unsigned i = 0; i < NONCE_LEN; i++) {
		unsigned digit = digit_value(text.p[i]);

		if (digit > 63 || (i == NONCE_LEN - 1 && (digit & 15) != 0))
			return false;
		for (unsigned bit = 6 * i; bit < 6 * i + 6 && bit < 128; bit++)
			half[bit / 64] |= (uint64_t)(digit >> (5 - (bit - 6 * i)) & 1)
			                  << (63 - bit % 64);
	}
	if (make_tag(key, half[0], from) != half[1])
		return false;
	*out = (struct nonce){.time_ms = half[0] >> SALT_BITS,
	        .salt = (uint32_t)half[0] & ((1u << SALT_BITS) - 1),
	        .tag = half[1]};
	return true;
}
