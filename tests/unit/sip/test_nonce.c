// Nonces: what was written comes back for its address and key, and for no other.
#include "dataplane/sip/nonce.h"
#include "tests/unit/sip/view.h"

static const struct hash_key key = {1, 2};

static struct addr address(const char *text)
{
	struct addr a;

	assert_true(addr_parse(str_of(text), &a));
	return a;
}

static void it_comes_back(void **state)
{
	static const struct {
		uint64_t time_ms;
		uint32_t salt;
		const char *to;
	} rows[] = {
	        {0, 0, "192.0.2.1:5060"},
	        {1, 1, "[2001:db8::1]:1"},
	        {(1ull << 40) - 1, 0xffffff, "255.1.1.1:65535"},
	        {0x123456789a, 0xabcdef, "192.0.2.9:5062"},
	};
	char text[NONCE_LEN];

	(void)state;
	for (unsigned i = 0; i < unit_rows(rows); i++) {
		struct addr a = address(rows[i].to);
		struct nonce n;

		nonce_write(key, rows[i].time_ms, rows[i].salt, &a, text);
		assert_true(
		        nonce_read(key, view_at_edge(0, (struct str){text, NONCE_LEN}), &a, &n));
		assert_int_equal(n.time_ms, rows[i].time_ms);
		assert_int_equal(n.salt, rows[i].salt);
	}
}

static void no_other_is_taken(void **state)
{
	struct addr a = address("192.0.2.1:5060"), b;
	char text[NONCE_LEN + 1];
	struct str s = {text, NONCE_LEN};
	struct nonce n;

	(void)state;
	nonce_write(key, 1234567, 99, &a, text);
	text[NONCE_LEN] = 'A';
	assert_true(nonce_read(key, s, &a, &n));
	for (size_t len = 0; len <= NONCE_LEN + 1; len++)
		assert_int_equal(
		        nonce_read(key, (struct str){text, len}, &a, &n), len == NONCE_LEN);
	b = address("192.0.2.2:5060");
	assert_false(nonce_read(key, s, &b, &n));
	b = address("192.0.2.1:5061");
	assert_false(nonce_read(key, s, &b, &n));
	assert_false(nonce_read((struct hash_key){1, 3}, s, &a, &n));
	// each digit counts, and no other byte is one
	for (unsigned i = 0; i < NONCE_LEN; i++) {
		char kept = text[i];

		for (unsigned c = 0; c < 256; c++) {
			text[i] = (char)c;
			assert_int_equal(nonce_read(key, s, &a, &n), (char)c == kept);
		}
		text[i] = kept;
	}
}

// The 128 bits as digits of six bits, bit by bit.
static void digits_of(const uint64_t half[2], char out[NONCE_LEN])
{
	static const char alphabet[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (unsigned i = 0; i < NONCE_LEN; i++) {
		unsigned digit = 0;

		for (unsigned bit = 6 * i; bit < 6 * i + 6; bit++)
			digit = digit << 1 |
			        (bit < 128 ? (unsigned)(half[bit / 64] >> (63 - bit % 64)) & 1 : 0);
		out[i] = alphabet[digit];
	}
}

static void it_is_base64url(void **state)
{
	struct addr a = address("192.0.2.1:5060");
	char text[NONCE_LEN], plain[NONCE_LEN];
	uint64_t x = 88172645463325252u;
	struct nonce n;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		nonce_write(key, x >> 24, (uint32_t)x & 0xffffff, &a, text);
		assert_true(nonce_read(key, (struct str){text, NONCE_LEN}, &a, &n));
		assert_int_equal(n.time_ms, x >> 24);
		assert_int_equal(n.salt, x & 0xffffff);
		digits_of((uint64_t[]){x, n.tag}, plain);
		assert_memory_equal(text, plain, NONCE_LEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_comes_back),
	        cmocka_unit_test(no_other_is_taken),
	        cmocka_unit_test(it_is_base64url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
