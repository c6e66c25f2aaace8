// Digest access authentication (RFC 3261 §22, RFC 7616, RFC 8760): credentials read, their response
// computed and compared, challenges written. Quality of protection is "auth" only (or none, with
// MD5: RFC 2069).
#pragma once

#include "dataplane/base/str.h"

enum digest_algorithm {
	DIGEST_MD5,
	DIGEST_SHA256,
	DIGEST_SHA512_256,
	DIGEST_ALGORITHMS, // how many; in credentials: one we do not know
};

enum {
	DIGEST_BYTES_MAX = 32,       // longest hash
	DIGEST_CHALLENGE_MAX = 512,  // room for one challenge
	DIGEST_REALM_MAX = 255,      // bytes of a realm we challenge with
	DIGEST_CREDENTIALS_MAX = 16, // fields of credentials looked at in one message
};

size_t digest_bytes(enum digest_algorithm a); // 16 or 32
struct str digest_name(enum digest_algorithm a);
// DIGEST_ALGORITHMS when it is none of ours. Any case.
enum digest_algorithm digest_find(struct str name);

// libcrypto's hashes made ready for one thread. NULL when out of memory or libcrypto has not all of
// them.
struct digest;
struct digest *digest_create(void);
void digest_destroy(struct digest *d);

// Views into the field, without quotes, escapes in them left as they are (RFC 7616 §3.4: they are
// hashed so).
struct digest_credentials {
	struct str username, realm, nonce, uri, response;
	struct str cnonce, nc, qop; // empty without qop
	uint32_t count;             // nc as a number; 0 without qop
	enum digest_algorithm algorithm;
};

// Value of an Authorization or Proxy-Authorization field. False when it is of another scheme,
// malformed, says one thing twice, lacks something, or asks for what we do not have (auth-int; no
// qop with anything but MD5). Parameters nobody knows are passed over.
bool digest_parse(struct str value, struct digest_credentials *out);

// H(user:realm:password) into `out` (DIGEST_BYTES_MAX). False when libcrypto fails.
bool digest_ha1(struct digest *d, enum digest_algorithm a, const struct str user_realm_password[3],
        uint8_t *out);
// The response that belongs to the credentials (c->response aside) into `out`.
bool digest_response(struct digest *d, const struct digest_credentials *c, struct str method,
        const uint8_t *ha1, uint8_t *out);
// Whether c->response is that. As long for one that is wrong as for one that is right.
bool digest_check(struct digest *d, const struct digest_credentials *c, struct str method,
        const uint8_t *ha1);

// Hex in lower case, 2 * len characters.
void digest_hex(const uint8_t *p, size_t len, char *out);
// Exactly `len` bytes from 2 * len hex digits of any case.
bool digest_unhex(struct str text, uint8_t *out, size_t len);

struct digest_challenge {
	struct str realm; // neither quotes, backslashes nor control characters; DIGEST_REALM_MAX
	struct str nonce;
	enum digest_algorithm algorithm;
	bool stale;
};
// Value of a WWW-Authenticate or Proxy-Authenticate field into `out` (DIGEST_CHALLENGE_MAX), its
// length returned.
size_t digest_challenge(const struct digest_challenge *c, char *out);
