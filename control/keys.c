// The kept key ring: see keys.h. One line a key: "EPOCH 64-hex-digits" (MAC key, then cipher key).
#include "control/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "control/storage.h"

enum { KEYS_SECRET = sizeof(struct hash_key) + 16, KEYS_PATH = 256 };

static int hex_digit(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_line(struct str line, struct token_key *key)
{
	size_t space = str_find(line, ' ');
	struct str hex = str_skip(line, space + 1);
	uint8_t secret[KEYS_SECRET];
	uint64_t epoch;

	if (!str_decimal(str_head(line, space), 15, &epoch) || hex.len != 2 * KEYS_SECRET)
		return false;
	for (size_t i = 0; i < KEYS_SECRET; i++) {
		int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		secret[i] = (uint8_t)(high << 4 | low);
	}
	*key = (struct token_key){.epoch = (uint8_t)epoch, .usable = 1};
	memcpy(&key->mac, secret, sizeof(key->mac));
	memcpy(key->cipher, secret + sizeof(key->mac), sizeof(key->cipher));
	return true;
}

static int parse(struct str text, struct token_key keys[TOKEN_KEYS_MAX], unsigned *n)
{
	*n = 0;
	while (text.len > 0) {
		size_t end = str_find(text, '\n');

		if (*n == TOKEN_KEYS_MAX || !read_line(str_head(text, end), &keys[*n]))
			return -1;
		++*n;
		text = str_skip(text, end + 1);
	}
	return *n > 0 ? 0 : -1;
}

static int make(
        const char *path, struct token_key keys[TOKEN_KEYS_MAX], unsigned *n, struct error *e)
{
	uint8_t secret[KEYS_SECRET];
	char text[2 * KEYS_SECRET + 8];
	int at;

	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret))
		return error_set(e, "no random numbers from the kernel: %s", strerror(errno));
	at = snprintf(text, sizeof(text), "0 ");
	for (size_t i = 0; i < KEYS_SECRET; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%02x", secret[i]);
	text[at++] = '\n';
	if (storage_write(path, text, (size_t)at, 0600, e) != 0)
		return -1;
	return parse((struct str){text, (size_t)at}, keys, n);
}

int keys_load(const char *dir, struct token_key keys[TOKEN_KEYS_MAX], unsigned *n, struct error *e)
{
	char path[KEYS_PATH];
	size_t len;
	char *text;
	int rc;

	snprintf(path, sizeof(path), "%s/token.keys", dir);
	text = storage_read(path, &len, e);
	if (text == NULL)
		return errno == ENOENT ? make(path, keys, n, e) : -1;
	rc = parse((struct str){text, len}, keys, n);
	explicit_bzero(text, len);
	free(text);
	return rc == 0 ? 0
	               : error_set(e,
	                         "%s: damaged (remove it to make a new key: dialogs in progress end)",
	                         path);
}
