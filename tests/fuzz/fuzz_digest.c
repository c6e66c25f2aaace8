// Any bytes as credentials: the views lie inside them, and no response of them is right by chance.
// Any bytes as a nonce: none was made here.
#include "dataplane/sip/digest.h"
#include "dataplane/sip/nonce.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t ha1[DIGEST_BYTES_MAX] = "a secret no input can know";
	static struct digest *d;
	struct str in = {(const char *)data, size};
	struct digest_credentials c;
	struct addr from = {.family = ADDR_IPV4, .port = 5060};
	uint8_t response[DIGEST_BYTES_MAX];
	char hex[2 * DIGEST_BYTES_MAX];
	struct nonce n;

	if (d == NULL)
		d = digest_create();
	oracle(!nonce_read((struct hash_key){1, 2}, in, &from, &n));
	if (!digest_parse(in, &c))
		return 0;
	oracle(oracle_inside(c.username, in) && oracle_inside(c.realm, in) &&
	        oracle_inside(c.nonce, in) && oracle_inside(c.uri, in) &&
	        oracle_inside(c.response, in) && oracle_inside(c.cnonce, in) &&
	        oracle_inside(c.nc, in) && oracle_inside(c.qop, in));
	oracle((c.qop.len > 0) == (c.count > 0));
	oracle(c.qop.len > 0 || c.algorithm == DIGEST_MD5);
	if (c.algorithm == DIGEST_ALGORITHMS)
		return 0;
	oracle(!digest_check(d, &c, STR("REGISTER"), ha1));
	oracle(digest_response(d, &c, STR("REGISTER"), ha1, response));
	digest_hex(response, digest_bytes(c.algorithm), hex);
	c.response = (struct str){hex, 2 * digest_bytes(c.algorithm)};
	oracle(digest_check(d, &c, STR("REGISTER"), ha1));
	return 0;
}
