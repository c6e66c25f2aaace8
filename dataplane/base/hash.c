// SipHash-c-d (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
#include "dataplane/base/hash.h"

#include <endian.h>

static inline uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void round_once(struct hash_state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void take_word(struct hash_state *s, uint64_t word)
{
	s->v3 ^= word;
	round_once(s);
	if (s->rounds == 2)
		round_once(s);
	s->v0 ^= word;
}

// Little endian, 0 to 8 bytes, by loads that may overlap: the same bits twice do no harm.
static inline uint64_t load_bytes(const uint8_t *p, size_t n)
{
	uint32_t low, high;

	if (n == 0)
		return 0;
	if (n < 4)
		return p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
	memcpy(&low, p, 4);
	memcpy(&high, p + n - 4, 4);
	return le32toh(low) | (uint64_t)le32toh(high) << 8 * (n - 4);
}

static void start(struct hash_state *s, struct hash_key key, int rounds)
{
	s->v0 = key.k0 ^ 0x736f6d6570736575u;
	s->v1 = key.k1 ^ 0x646f72616e646f6du;
	s->v2 = key.k0 ^ 0x6c7967656e657261u;
	s->v3 = key.k1 ^ 0x7465646279746573u;
	s->tail = 0;
	s->len = 0;
	s->rounds = rounds;
}

void hash_start_13(struct hash_state *s, struct hash_key key)
{
	start(s, key, 1);
}

void hash_start_24(struct hash_state *s, struct hash_key key)
{
	start(s, key, 2);
}

// Adds a word behind the `held` bits of the tail.
static inline void add_word(struct hash_state *s, uint64_t word, unsigned held)
{
	take_word(s, s->tail | word << held);
	s->tail = word >> 1 >> (63 - held);
}

void hash_add(struct hash_state *s, const void *p, size_t len)
{
	// A copy in registers: the compiler can't know that p does not point into *s.
	struct hash_state h = *s;
	const uint8_t *b = p;
	unsigned held = 8 * (h.len & 7);
	uint64_t word;

	h.len += len;
	for (; len >= 8; b += 8, len -= 8) {
		memcpy(&word, b, 8);
		add_word(&h, le64toh(word), held);
	}
	word = load_bytes(b, len);
	if (held + 8 * len >= 64)
		add_word(&h, word, held);
	else
		h.tail |= word << held;
	*s = h;
}

void hash_add_nocase(struct hash_state *s, struct str text)
{
	char lower[64];

	while (text.len > 0) {
		size_t n = text.len < sizeof(lower) ? text.len : sizeof(lower);

		for (size_t i = 0; i < n; i++)
			lower[i] = char_lower(text.p[i]);
		hash_add(s, lower, n);
		text = str_skip(text, n);
	}
}

void hash_add_str(struct hash_state *s, struct str text)
{
	add_word(s, text.len, 8 * (s->len & 7));
	s->len += 8;
	hash_add(s, text.p, text.len);
}

uint64_t hash_end(struct hash_state *s)
{
	take_word(s, s->tail | s->len << 56);
	s->v2 ^= 0xff;
	for (int i = 0; i < s->rounds + 2; i++)
		round_once(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t hash_13(struct hash_key key, const void *p, size_t len)
{
	struct hash_state s;

	start(&s, key, 1);
	hash_add(&s, p, len);
	return hash_end(&s);
}

uint64_t hash_24(struct hash_key key, const void *p, size_t len)
{
	struct hash_state s;

	start(&s, key, 2);
	hash_add(&s, p, len);
	return hash_end(&s);
}
